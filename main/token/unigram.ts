/**
 * The unigram language model: pieces with log-probabilities, and the best segmentation by Viterbi, O(bytes × longest piece).
 * Source: sentencepiece src/unigram_model.cc (EncodeOptimized, BuildTrie), sentencepiece_processor.cc (merging of unknowns).
 */
import { PieceTrie } from './piece-trie.ts';
import { TokenizerError } from './tokenizer-error.ts';

export const pieceKind = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;
export type PieceKind = (typeof pieceKind)[keyof typeof pieceKind];

export interface Piece {
  text: string;
  /** Log-probability. */
  score: number;
  kind: PieceKind;
}

/** `single` sums in 32 bits as SentencePiece does, `double` in 64 as `tokenizers` does: near ties fall differently. */
export type ScorePrecision = 'single' | 'double';

export interface UnigramParts {
  pieces: readonly Piece[];
  unkId: number;
  byteFallback: boolean;
  precision: ScorePrecision;
}

/** SentencePiece's kUnkPenalty: an unknown character costs this much more than the rarest piece. */
const unknownPenalty = 10;
/** Far above any real piece (T5's longest has 16 characters); it bounds the work for each byte of text. */
const maxPieceBytes = 4096;
/** Texts up to this size share one set of Viterbi arrays; longer ones allocate (12 to 16 bytes for each byte of text). */
const sharedArrayBytes = 1 << 16;

interface ViterbiArrays {
  /** Best score of a path that ends before byte i. */
  score: Float32Array | Float64Array;
  /** Where the last piece of that path begins; −1: no path yet. */
  start: Int32Array;
  id: Int32Array;
}

export class Unigram {
  readonly pieces: readonly Piece[];
  readonly unkId: number;
  readonly #trie = new PieceTrie();
  /** For a byte 0…255 its piece, with byte fallback only. */
  readonly byteIds: Int32Array | null;
  readonly #precision: ScorePrecision;
  readonly #scores: Float64Array;
  readonly #unknownScore: number;
  readonly #userDefinedScore: number;
  readonly #shared: ViterbiArrays;

  /** @throws TokenizerError where a piece is empty or too long, or byte fallback lacks one of its 256 pieces. */
  constructor(parts: UnigramParts) {
    this.pieces = parts.pieces;
    this.unkId = parts.unkId;
    this.#precision = parts.precision;
    this.#scores = Float64Array.from(parts.pieces, (piece) => piece.score);
    this.byteIds = parts.byteFallback ? findBytePieces(parts.pieces) : null;
    let lowest = Infinity;
    // SentencePiece starts its maximum at the smallest positive float32, so it is never negative.
    let highest = 2 ** -126;
    for (const [id, piece] of parts.pieces.entries()) {
      if (piece.kind === pieceKind.normal) {
        lowest = Math.min(lowest, piece.score);
        highest = Math.max(highest, piece.score);
      }
      if (piece.kind === pieceKind.normal || piece.kind === pieceKind.userDefined || piece.kind === pieceKind.unused) {
        this.#insert(piece.text, id);
      }
    }
    if (lowest === Infinity) {
      throw new TokenizerError({
        code: 'tokenizer-without-pieces',
        found: 'a vocabulary without one ordinary piece',
        expected: 'pieces with scores',
        action: 'The file is damaged or no trained tokenizer; choose another.',
      });
    }
    this.#unknownScore = this.#round(lowest - unknownPenalty);
    this.#userDefinedScore = highest;
    this.#shared = this.#allocate(sharedArrayBytes);
  }

  /**
   * Appends to `out` the ids of the best segmentation of the UTF-8 in bytes[0, end). A run of unknown pieces becomes one
   * unknown id, or its bytes' pieces with byte fallback.
   */
  encode(bytes: Uint8Array, end: number, out: number[]): void {
    if (end === 0) return;
    const best = end <= sharedArrayBytes ? this.#shared : this.#allocate(end);
    best.start.fill(-1, 0, end + 1);
    best.score[0] = 0;
    let position = 0;
    while (position < end) {
      const next = Math.min(end, position + characterLength(bytes[position] ?? 0));
      if (!this.#extendByPieces(bytes, position, next, end, best)) {
        const candidate = this.#round(this.#unknownScore + (best.score[position] ?? 0));
        relax(best, position, next, this.unkId, candidate);
      }
      position = next;
    }
    this.#backtrack(bytes, end, best, out);
  }

  /** @returns whether some piece is exactly the character [position, next). */
  #extendByPieces(bytes: Uint8Array, position: number, next: number, end: number, best: ViterbiArrays): boolean {
    const trie = this.#trie;
    const before = best.score[position] ?? 0;
    let hasSinglePiece = false;
    let node = 0;
    for (let index = position; index < end; ) {
      node = trie.step(node, bytes[index] ?? 0);
      if (node < 0) break;
      index++;
      const id = trie.valueAt(node);
      if (id < 0) continue;
      const kind = this.pieces[id]?.kind;
      if (kind === pieceKind.unused) continue;
      const score =
        kind === pieceKind.userDefined ? (index - position) * this.#userDefinedScore - 0.1 : (this.#scores[id] ?? 0);
      relax(best, position, index, id, score + before);
      if (index === next) hasSinglePiece = true;
    }
    return hasSinglePiece;
  }

  #backtrack(bytes: Uint8Array, end: number, best: ViterbiArrays, out: number[]): void {
    const first = out.length;
    let unknownPending = false;
    for (let position = end; position > 0; ) {
      const start = best.start[position] ?? 0;
      const id = best.id[position] ?? this.unkId;
      if (id === this.unkId && this.byteIds !== null) {
        for (let index = position - 1; index >= start; index--) out.push(this.byteIds[bytes[index] ?? 0] ?? this.unkId);
      } else if (id !== this.unkId || !unknownPending) {
        out.push(id);
      }
      unknownPending = id === this.unkId;
      position = start;
    }
    reverseFrom(out, first);
  }

  #insert(text: string, id: number): void {
    const key = Buffer.from(text, 'utf8');
    if (key.length > maxPieceBytes) {
      throw new TokenizerError({
        code: 'tokenizer-piece-too-long',
        found: `piece ${id} with ${key.length} bytes`,
        expected: `pieces of at most ${maxPieceBytes} bytes`,
        action: 'The file is damaged or no tokenizer of a T5; choose another.',
      });
    }
    // An empty piece can match nothing.
    if (key.length === 0) return;
    if (this.#trie.insert(key, id) === null) {
      throw new TokenizerError({
        code: 'tokenizer-too-large',
        found: `a vocabulary whose pieces do not fit 4,194,304 trie nodes (reached at piece ${id})`,
        expected: 'one of ordinary size: T5 needs about 80,000, mT5 about a million',
        action: 'The file is damaged or no tokenizer of a T5; choose another.',
      });
    }
  }

  #round(value: number): number {
    return this.#precision === 'single' ? Math.fround(value) : value;
  }

  #allocate(byteCount: number): ViterbiArrays {
    const score = this.#precision === 'single' ? new Float32Array(byteCount + 1) : new Float64Array(byteCount + 1);
    return { score, start: new Int32Array(byteCount + 1), id: new Int32Array(byteCount + 1) };
  }
}

/** SentencePiece compares the unrounded sum (a double) with the stored one (a float); storing rounds. */
function relax(best: ViterbiArrays, from: number, to: number, id: number, candidate: number): void {
  if (best.start[to] !== -1 && !(candidate > (best.score[to] ?? 0))) return;
  best.score[to] = candidate;
  best.start[to] = from;
  best.id[to] = id;
}

/** Bytes of the UTF-8 character with this first byte; a stray continuation byte counts as one. */
export function characterLength(firstByte: number): number {
  if (firstByte < 0xc0) return 1;
  if (firstByte < 0xe0) return 2;
  return firstByte < 0xf0 ? 3 : 4;
}

function reverseFrom(values: number[], first: number): void {
  for (let low = first, high = values.length - 1; low < high; low++, high--) {
    const value = values[low] ?? 0;
    values[low] = values[high] ?? 0;
    values[high] = value;
  }
}

function findBytePieces(pieces: readonly Piece[]): Int32Array {
  const ids = new Int32Array(256).fill(-1);
  for (const [id, piece] of pieces.entries()) {
    const byte = byteOfPiece(piece.text);
    if (byte !== null) ids[byte] = id;
  }
  const missing = ids.indexOf(-1);
  if (missing >= 0) {
    throw new TokenizerError({
      code: 'tokenizer-byte-piece-missing',
      found: `byte fallback without a piece for byte ${missing}`,
      expected: 'all of <0x00> … <0xFF>',
      action: 'The file is damaged; download it again.',
    });
  }
  return ids;
}

/** @returns the byte that a piece such as `<0x0A>` stands for, or null. */
export function byteOfPiece(text: string): number | null {
  return /^<0x[0-9A-F]{2}>$/.test(text) ? Number.parseInt(text.slice(3, 5), 16) : null;
}
