/** The error of this folder: the same form as the contract's Problem, which this folder may not import. */

export interface TokenizerErrorParts {
  code: string;
  found: string;
  expected: string;
  action: string;
  place?: TokenizerErrorPlace;
  cause?: unknown;
}

/** Lines and columns count from 1, byte offsets from 0. */
export interface TokenizerErrorPlace {
  file?: string;
  line?: number;
  column?: number;
  byteOffset?: number;
}

/** A tokenizer file or an id that cannot be used; always the input's fault. */
export class TokenizerError extends Error {
  readonly code: string;
  readonly kind = 'input';
  readonly found: string;
  readonly expected: string;
  readonly action: string;
  readonly place: TokenizerErrorPlace;

  constructor(parts: TokenizerErrorParts) {
    const { code, found, expected, action, place = {}, cause } = parts;
    super(`${placeText(place)}found ${found}; expected ${expected}. ${action}`, cause === undefined ? undefined : { cause });
    this.name = 'TokenizerError';
    this.code = code;
    this.found = found;
    this.expected = expected;
    this.action = action;
    this.place = place;
  }
}

/** Text from a file, made safe to print in one line: quoted, escaped and cut. */
export function quoteForMessage(text: string): string {
  const longest = 100;
  return JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text);
}

function placeText({ file, line, column, byteOffset }: TokenizerErrorPlace): string {
  const parts = [
    file,
    line === undefined ? undefined : `line ${line}`,
    column === undefined ? undefined : `column ${column}`,
    byteOffset === undefined ? undefined : `byte ${byteOffset}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : `${parts.join(', ')}: `;
}
