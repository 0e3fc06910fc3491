/** A pair on real rows: what the model would read, token by token, and what would go wrong. Encoded by the rule that training uses. */
import { Problem } from '../../contract/problem.ts';
import type { Pvp } from '../../contract/pvp.ts';
import type { PreviewExample, PreviewPart, PvpPreview } from '../../contract/pvp-preview.ts';
import type { DataRow, TaskExample, TaskFormat } from '../../task/format.ts';
import { findFormat } from '../../task/index.ts';
import { applyPattern } from '../../task/pattern/apply-pattern.ts';
import { encodeParts, type PartEncoding } from '../../task/pattern/encode-parts.ts';
import type { InputPart } from '../../task/pattern/part.ts';
import { openDataFile, readRows } from '../../task/reading/data-file.ts';
import type { Tokenizer } from '../../token/index.ts';
import { checkPvp } from './check.ts';
import type { Speech } from './speech.ts';

export interface PreviewRequest {
  format: string;
  labels: readonly string[] | null;
  pvp: Pvp;
  rows: readonly DataRow[];
  speech: Speech | null;
  /** As in training: soft rows are not counted. */
  maxSourceTokens: number;
}

/** Tokenizing takes up to 100 times a text's bytes; no model reads this much. */
const mostEncodedCharacters = 100_000;
const mostShownCharacters = 4000;
/** A row of MultiRC or ReCoRD is many examples. */
const mostExamples = 200;

/** The first rows of a file. @throws {Problem} as openDataFile and readRows */
export async function readFirstRows(file: string, limit: number): Promise<DataRow[]> {
  const rows: DataRow[] = [];
  for await (const row of readRows(await openDataFile(file), () => {})) {
    if (rows.length >= limit) break;
    rows.push(row);
  }
  return rows;
}

/** Never fails for a pair or a row that is wrong: that is what it shows. @throws {Problem} `unknown-task-format`, `tokenizer-without-sentinels` */
export function previewPvp(request: PreviewRequest): PvpPreview {
  const { rows, pvp, speech, maxSourceTokens } = request;
  const unbound = findFormat(request.format);
  const labels = unbound.anyClasses === undefined ? request.labels : (request.labels ?? pvp.verbalizer?.labels.map(({ label }) => label) ?? findLabels(unbound, rows));
  const fields = fieldsOf(unbound, rows);
  const findings = checkPvp({ format: request.format, labels, pvp, speech, fields }).findings;
  const preview: PvpPreview = { examples: [], refused: [], rows: rows.length, truncated: 0, words: null, fields, findings };
  let format: TaskFormat;
  try {
    format = bind(applyPattern(unbound, pvp), labels);
  } catch (thrown) {
    // The finding of the check says the same.
    if (thrown instanceof Problem) return preview;
    throw thrown;
  }
  preview.words = format.labels === null ? null : [...format.labels];
  for (const row of rows) {
    try {
      for (const example of format.examples(row, 'evaluate')) {
        if (preview.examples.length < mostExamples) preview.examples.push(showExample(example, { speech, maxSourceTokens }));
      }
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.code === 'tokenizer-without-sentinels') throw thrown;
      preview.refused.push({ line: row.line, problem: thrown.toRecord() });
    }
  }
  preview.truncated = preview.examples.filter(({ tokens }) => tokens?.isTruncated === true).length;
  return preview;
}

function bind(format: TaskFormat, labels: readonly string[] | null): TaskFormat {
  return format.anyClasses === undefined || labels === null ? format : format.anyClasses.forLabels(labels.map((value) => ({ value, word: value })));
}

/** Of the rows at hand; null where they have fewer than two. */
function findLabels(format: TaskFormat, rows: readonly DataRow[]): string[] | null {
  const values = new Set<string>();
  for (const row of rows) {
    const value = quietly(() => format.anyClasses?.labelOf(row) ?? null);
    if (value !== null) values.add(value);
  }
  return values.size < 2 ? null : [...values].sort();
}

/** What a pattern may name, of the first row that the format reads; null where it reads none. @throws {Problem} `unknown-task-format` */
export function fieldsOfRows(format: string, rows: readonly DataRow[]): string[] | null {
  return fieldsOf(findFormat(format), rows);
}

function fieldsOf(format: TaskFormat, rows: readonly DataRow[]): string[] | null {
  const readable = format.anyClasses === undefined ? format : quietly(() => bind(format, findLabels(format, rows))) ?? format;
  for (const row of rows) {
    const [draft] = quietly(() => readable.drafts(row, 'evaluate')) ?? [];
    if (draft !== undefined) return Object.keys(draft.fields);
  }
  return null;
}

function quietly<Result>(read: () => Result): Result | null {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Problem) return null;
    throw thrown;
  }
}

function showExample({ id, line, input, parts, target }: TaskExample, { speech, maxSourceTokens }: { speech: Speech | null; maxSourceTokens: number }): PreviewExample {
  const all: readonly InputPart[] = parts ?? [{ kind: 'text', text: input }];
  return {
    id,
    line,
    parts: all.map((part) => (part.kind === 'text' ? { kind: 'text', text: part.text.slice(0, mostShownCharacters), isCut: part.text.length > mostShownCharacters } : part)),
    target,
    tokens: speech === null ? null : encode(all, { target, speech, maxSourceTokens }),
  };
}

function encode(parts: readonly InputPart[], { target, speech, maxSourceTokens }: { target: string | null; speech: Speech; maxSourceTokens: number }): PreviewExample['tokens'] {
  const { tokenizer, convention } = speech;
  const sentinelId = convention === 'lm-adapted' ? null : requireSentinel(tokenizer);
  const endId = convention === 'lm-adapted' ? tokenizer.eosId : null;
  const encoding = encodeParts(parts, {
    encode: (text) => tokenizer.encode(text.slice(0, mostEncodedCharacters)), sentinelId, endId, maxTokens: maxSourceTokens,
  });
  const targetIds = target === null ? null : targetOf(tokenizer.encode(target.slice(0, mostEncodedCharacters)), { sentinelId, endId });
  const soft = encoding.softRows.reduce((sum, { rows }) => sum + rows, 0);
  return {
    input: splitParts(encoding, { tokenizer, sentinelId, endId }),
    target: targetIds === null ? null : tokensOf(tokenizer, targetIds),
    counts: { text: encoding.ids.length, soft, total: encoding.ids.length + soft, target: targetIds?.length ?? 0 },
    isTruncated: encoding.isTruncated,
  };
}

/** As `encodeAnswer` of training. */
function targetOf(ids: readonly number[], { sentinelId, endId }: { sentinelId: number | null; endId: number | null }): number[] {
  return [...(sentinelId === null ? [] : [sentinelId]), ...ids, ...(endId === null ? [] : [endId])];
}

/** The flat ids as stretches. A sentinel that the text itself holds counts as the answer slot, as it does for the model. */
function splitParts({ ids, softRows }: PartEncoding, { tokenizer, sentinelId, endId }: { tokenizer: Tokenizer; sentinelId: number | null; endId: number | null }): PreviewPart[] {
  const parts: PreviewPart[] = [];
  let start = 0;
  const closeText = (end: number): void => {
    if (end > start) parts.push({ kind: 'text', tokens: tokensOf(tokenizer, ids.slice(start, end)) });
    start = end;
  };
  const slots = [...softRows];
  for (let position = 0; position <= ids.length; position += 1) {
    while (slots[0]?.tokensBefore === position) {
      closeText(position);
      parts.push({ kind: 'soft', rows: slots.shift()?.rows ?? 0 });
    }
    const isEnd = endId !== null && position === ids.length - 1;
    if (position < ids.length && (isEnd || ids[position] === sentinelId)) {
      closeText(position);
      parts.push({ kind: isEnd ? 'end' : 'answer', tokens: tokensOf(tokenizer, ids.slice(position, position + 1)) });
      start = position + 1;
    }
  }
  closeText(ids.length);
  return parts;
}

function tokensOf(tokenizer: Tokenizer, ids: readonly number[]): { id: number; piece: string }[] {
  const pieces = tokenizer.pieces(ids);
  return ids.map((id, index) => ({ id, piece: pieces[index] ?? '' }));
}

function requireSentinel(tokenizer: Tokenizer): number {
  const id = tokenizer.sentinel(0);
  if (id !== null) return id;
  throw new Problem({
    code: 'tokenizer-without-sentinels',
    found: 'a tokenizer without <extra_id_0>',
    expected: 'T5’s sentinels, which the span-corruption convention writes answers with',
    action: 'Use the model’s own tokenizer, or add the model with --convention lm-adapted.',
  });
}
