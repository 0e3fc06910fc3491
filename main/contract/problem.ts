/**
 * The one error that a person sees: what was found, what was expected, what to do, under a stable code.
 * Pure layers that import nothing of ours (graph, token) throw classes of the same form; `toProblem` recognises them.
 */

/** Whose move it is: `input` is bad input (exit code 2), `failure` is ours or the machine's (1), `cancelled` was asked for (130). */
export type ProblemKind = 'input' | 'failure' | 'cancelled';

/** Where in a file a problem lies; lines and columns count from 1, byte offsets from 0. */
export interface ProblemPlace {
  file?: string;
  line?: number;
  column?: number;
  byteOffset?: number;
}

export interface ProblemParts {
  /** Stable, kebab-case, unique per cause, for example `safetensors-header-too-long`. */
  code: string;
  kind?: ProblemKind;
  found: string;
  expected: string;
  /** What the person can do now. */
  action: string;
  place?: ProblemPlace;
  cause?: unknown;
}

/** What crosses a process border or goes to `--json`. */
export interface ProblemRecord {
  code: string;
  kind: ProblemKind;
  message: string;
  found: string;
  expected: string;
  action: string;
  place: ProblemPlace;
}

export class Problem extends Error {
  readonly code: string;
  readonly kind: ProblemKind;
  readonly found: string;
  readonly expected: string;
  readonly action: string;
  readonly place: ProblemPlace;

  constructor(parts: ProblemParts) {
    super(sentence(parts), parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = 'Problem';
    this.code = parts.code;
    this.kind = parts.kind ?? 'input';
    this.found = parts.found;
    this.expected = parts.expected;
    this.action = parts.action;
    this.place = parts.place ?? {};
  }

  toRecord(): ProblemRecord {
    const { code, kind, message, found, expected, action, place } = this;
    return { code, kind, message, found, expected, action, place };
  }

  static fromRecord(record: ProblemRecord): Problem {
    return new Problem(record);
  }
}

function sentence({ found, expected, action, place }: ProblemParts): string {
  return `${placeText(place)}found ${found}; expected ${expected}. ${action}`;
}

function placeText(place: ProblemPlace | undefined): string {
  if (place === undefined) return '';
  const parts = [
    place.file,
    place.line === undefined ? undefined : `line ${place.line}`,
    place.column === undefined ? undefined : `column ${place.column}`,
    place.byteOffset === undefined ? undefined : `byte ${place.byteOffset}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : `${parts.join(', ')}: `;
}

/** Operating-system errors that a person meets, in words. Everything else keeps its own message. */
const systemSentences: Record<string, { found: string; expected: string; action: string; kind: ProblemKind }> = {
  ENOENT: { found: 'no such file or folder', expected: 'one that exists', action: 'Check the path.', kind: 'input' },
  EACCES: { found: 'no permission', expected: 'a path this user may use', action: 'Change the permissions or the path.', kind: 'input' },
  EPERM: { found: 'no permission', expected: 'a path this user may use', action: 'Change the permissions or the path.', kind: 'input' },
  EROFS: { found: 'a read-only file system', expected: 'a writable one', action: 'Choose another folder.', kind: 'input' },
  EISDIR: { found: 'a folder', expected: 'a file', action: 'Name the file itself.', kind: 'input' },
  ENOTDIR: { found: 'a file', expected: 'a folder', action: 'Name the folder itself.', kind: 'input' },
  ENOSPC: { found: 'a full disk', expected: 'free space', action: 'Free some space and run the command again; what was saved before is intact.', kind: 'failure' },
  EDQUOT: { found: 'an exhausted disk quota', expected: 'free space', action: 'Free some space and run the command again; what was saved before is intact.', kind: 'failure' },
  EMFILE: { found: 'too many open files', expected: 'fewer', action: 'Raise the limit (ulimit -n) or close other programs.', kind: 'failure' },
};

/**
 * Any thrown value as a Problem. Errors of the same form from pure layers keep their parts, system errors get a sentence,
 * anything else becomes `unexpected` with its message (the stack stays on `cause` for the log, never for the person).
 */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (isProblemShaped(thrown)) {
    return new Problem({ ...pick(thrown), cause: thrown });
  }
  if (thrown instanceof Error) {
    const systemCode = (thrown as { code?: unknown }).code;
    const known = typeof systemCode === 'string' ? systemSentences[systemCode] : undefined;
    if (known !== undefined) {
      const path = (thrown as { path?: unknown }).path;
      return new Problem({
        code: `system-${String(systemCode).toLowerCase()}`,
        ...known,
        ...(typeof path === 'string' ? { place: { file: path } } : {}),
        cause: thrown,
      });
    }
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Problem({
    code: 'unexpected',
    kind: 'failure',
    found: `an error nobody foresaw: ${message.split('\n')[0] ?? ''}`,
    expected: 'none',
    action: 'This is a defect of Souffleur; please report it with the log.',
    cause: thrown,
  });
}

interface ProblemShaped {
  code: string;
  found: string;
  expected: string;
  action: string;
  kind?: ProblemKind;
  place?: ProblemPlace;
}

function isProblemShaped(thrown: unknown): thrown is ProblemShaped {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const candidate = thrown as Record<string, unknown>;
  return ['code', 'found', 'expected', 'action'].every((key) => typeof candidate[key] === 'string');
}

function pick(shaped: ProblemShaped): ProblemParts {
  const { code, found, expected, action, kind, place } = shaped;
  return { code, found, expected, action, ...(kind === undefined ? {} : { kind }), ...(place === undefined ? {} : { place }) };
}
