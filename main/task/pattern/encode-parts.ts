/**
 * A rendered pattern as token ids: one rule for training, evaluation and preview.
 * Every text is tokenized for itself, as a tokenizer treats the texts around a special token.
 */
import type { InputPart } from './part.ts';

/** Rows of the prompt among an example's tokens. */
export interface PlacedRows {
  /** Tokens in front of them. */
  readonly tokensBefore: number;
  readonly rows: number;
}

export interface PartEncoding {
  readonly ids: readonly number[];
  /** In order of appearance; empty without soft slots. */
  readonly softRows: readonly PlacedRows[];
  readonly isTruncated: boolean;
}

export interface PartRules {
  /** Ids of a text, nothing added. */
  encode(text: string): readonly number[];
  /** What stands in the answer slot, or behind everything where no slot says where: `<extra_id_0>`, or null where nothing does. */
  readonly sentinelId: number | null;
  /** What ends the input, or null. */
  readonly endId: number | null;
  /** Tokens at most; soft rows are not counted. */
  readonly maxTokens: number;
}

/** A stretch between slots. */
type Piece = { readonly kind: 'text'; ids: readonly number[] } | Exclude<InputPart, { kind: 'text' }>;

/** Too long an input is cut in its texts, the longest first and each at its end; soft rows, sentinel and end stay. */
export function encodeParts(parts: readonly InputPart[], rules: PartRules): PartEncoding {
  const pieces = tokenizeTexts(withAnswerSlot(parts, rules), rules);
  const fixed = pieces.filter(({ kind }) => kind === 'answer').length + (rules.endId === null ? 0 : 1);
  const texts = pieces.filter((piece) => piece.kind === 'text');
  const lengths = texts.map(({ ids }) => ids.length);
  const kept = shorten(lengths, Math.max(0, rules.maxTokens - fixed));
  for (const [i, piece] of texts.entries()) piece.ids = piece.ids.slice(0, kept[i]);
  const ids: number[] = [];
  const softRows: PlacedRows[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'text') ids.push(...piece.ids);
    else if (piece.kind === 'soft') softRows.push({ tokensBefore: ids.length, rows: piece.rows });
    else if (rules.sentinelId !== null) ids.push(rules.sentinelId);
  }
  if (rules.endId !== null) ids.push(rules.endId);
  return { ids, softRows, isTruncated: lengths.some((length, i) => length !== kept[i]) };
}

/** Of a convention that writes nothing there, the slot goes: the texts around it are one. */
function withAnswerSlot(parts: readonly InputPart[], { sentinelId }: PartRules): readonly InputPart[] {
  if (sentinelId === null) return parts.filter(({ kind }) => kind !== 'answer');
  return parts.some(({ kind }) => kind === 'answer') ? parts : [...parts, { kind: 'answer' }];
}

function tokenizeTexts(parts: readonly InputPart[], { encode }: PartRules): Piece[] {
  const pieces: Piece[] = [];
  let text: string | null = null;
  const flush = (): void => {
    if (text !== null) pieces.push({ kind: 'text', ids: encode(text) });
    text = null;
  };
  for (const part of parts) {
    if (part.kind === 'text') {
      text = (text ?? '') + part.text;
      continue;
    }
    flush();
    pieces.push(part);
  }
  flush();
  return pieces;
}

/** @returns lengths whose sum is the room, or the lengths themselves where they fit: the longest give way until they are alike. */
function shorten(lengths: readonly number[], room: number): number[] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total <= room) return [...lengths];
  const ascending = lengths.toSorted((a, b) => a - b);
  let left = room;
  let limit = 0;
  for (const [i, length] of ascending.entries()) {
    limit = Math.floor(left / (ascending.length - i));
    if (length > limit) break;
    left -= length;
  }
  const longer = lengths.filter((length) => length > limit).length;
  // What an even share leaves over goes to the first of the longest.
  let rest = left - limit * longer;
  return lengths.map((length) => (length <= limit ? length : limit + (rest-- > 0 ? 1 : 0)));
}
