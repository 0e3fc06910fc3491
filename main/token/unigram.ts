/**
 * The unigram language model: pieces with log-probabilities, and the best segmentation by Viterbi, O(bytes × longest piece).
 * Source: sentencepiece 0.2.3 src/unigram_model.cc (EncodeOptimized), sentencepiece_processor.cc (merging of unknowns).
 * Releases up to 0.2.0 compare sums in double and never rebase them, so among near ties they choose differently: in 1 of the
 * first 100 documents of C4 (15,760 characters, 2 ids), and at the end of very long texts, where their sums lose digits.
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

/** `single` sums in 32 bits, rebased on long texts, as SentencePiece does; `double` in 64 as `tokenizers` does. */
export type ScorePrecision = 'single' | 'double';

export interface UnigramParts {
  pieces: readonly Piece[];
  unkId: number;
  byteFallback: boolean;
  precision: ScorePrecision;
}

/** SentencePiece's kUnkPenalty: an unknown character costs this much more than the rarest piece. */
const unknownPenalty = 10;
/** SentencePiece's kScoreResetThreshold: beyond it 32 bits no longer tell close paths apart, and sums start again from 0. */
const rebaseThreshold = 100_000;
/** umT5, the largest of the family, has 256,300. */
export const maxPieces = 300_000;
/** Some three times what umT5's pieces have together; it bounds memory where a file has few, long pieces. */
const maxTotalPieceBytes = 8 * 1024 * 1024;
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
  /** The farthest byte that a path has reached. */
  frontier: number;
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
  readonly #shared: ViterbiArrays;

  /** @throws TokenizerError where a piece is empty or too long, or byte fallback lacks one of its 256 pieces. */
  constructor(parts: UnigramParts) {
    refuseLongPieces(parts.pieces);
    this.pieces = parts.pieces;
    this.unkId = parts.unkId;
    this.#precision = parts.precision;
    this.#scores = Float64Array.from(parts.pieces, (piece) => piece.score);
    this.byteIds = parts.byteFallback ? findBytePieces(parts.pieces) : null;
    const scratch = Buffer.alloc(maxPieceBytes);
    let lowest = Infinity;
    for (const [id, piece] of parts.pieces.entries()) {
      if (piece.kind === pieceKind.normal) lowest = Math.min(lowest, piece.score);
      if (piece.kind === pieceKind.normal || piece.kind === pieceKind.userDefined || piece.kind === pieceKind.unused) {
        this.#insert(piece.text, id, scratch);
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
    best.frontier = 0;
    let position = 0;
    while (position < end) {
      if (this.#precision === 'single' && Math.abs(best.score[position] ?? 0) > rebaseThreshold) rebase(best, position);
      const next = Math.min(end, position + characterLength(bytes[position] ?? 0));
      if (!this.#extendByPieces(bytes, position, next, end, best)) {
        const candidate = this.#round(this.#unknownScore + (best.score[position] ?? 0));
        relax(best, position, next, this.unkId, candidate);
      }
      position = next;
    }
    this.#backtrack(bytes, end, best, out);
  }

  /** @returns the length in bytes of the longest user-defined piece that begins at bytes[start], within `end`; 0 for none. */
  userDefinedLength(bytes: Uint8Array, start: number, end: number): number {
    let node = 0;
    let longest = 0;
    for (let index = start; index < end; index++) {
      node = this.#trie.step(node, bytes[index] ?? 0);
      if (node < 0) break;
      const id = this.#trie.valueAt(node);
      if (id >= 0 && this.pieces[id]?.kind === pieceKind.userDefined) longest = index + 1 - start;
    }
    return longest;
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
      const score = kind === pieceKind.userDefined ? userDefinedScore(index - position) : (this.#scores[id] ?? 0);
      relax(best, position, index, id, this.#round(score + before));
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

  #insert(text: string, id: number, scratch: Buffer): void {
    // An empty piece can match nothing.
    if (text === '') return;
    if (this.#trie.insert(scratch, scratch.write(text, 'utf8'), id) === null) {
      throw new TokenizerError({
        code: 'tokenizer-too-large',
        found: `a vocabulary whose pieces do not fit 2,097,152 trie nodes (reached at piece ${id})`,
        expected: 'one of ordinary size: T5 needs some 82,000',
        action: 'The file is damaged or no tokenizer of a T5; choose another.',
      });
    }
  }

  #round(value: number): number {
    return this.#precision === 'single' ? Math.fround(value) : value;
  }

  #allocate(byteCount: number): ViterbiArrays {
    const score = this.#precision === 'single' ? new Float32Array(byteCount + 1) : new Float64Array(byteCount + 1);
    return { score, start: new Int32Array(byteCount + 1), id: new Int32Array(byteCount + 1), frontier: 0 };
  }
}

function refuseLongPieces(pieces: readonly Piece[]): void {
  let total = 0;
  for (const [id, { text }] of pieces.entries()) {
    const byteCount = Buffer.byteLength(text, 'utf8');
    total += byteCount;
    if (byteCount <= maxPieceBytes && total <= maxTotalPieceBytes) continue;
    throw new TokenizerError({
      code: 'tokenizer-too-large',
      found: byteCount > maxPieceBytes ? `piece ${id} with ${byteCount} bytes` : `pieces of more than ${maxTotalPieceBytes} bytes in all`,
      expected: `pieces of at most ${maxPieceBytes} bytes each, ${maxTotalPieceBytes} in all`,
      action: 'The file is damaged or no tokenizer of a T5; choose another.',
    });
  }
}

/** Above every log-probability, and growing with the length: a user-defined piece always wins. */
function userDefinedScore(byteCount: number): number {
  return Math.fround(Math.fround(0.1) * (byteCount - 1));
}

/** Makes the sum at `position` the zero of all paths that go on from there. */
function rebase(best: ViterbiArrays, position: number): void {
  const zero = best.score[position] ?? 0;
  for (let index = position; index <= best.frontier; index++) {
    if (index === position || best.start[index] !== -1) best.score[index] = (best.score[index] ?? 0) - zero;
  }
}

function relax(best: ViterbiArrays, from: number, to: number, id: number, candidate: number): void {
  if (best.start[to] !== -1 && !(candidate > (best.score[to] ?? 0))) return;
  best.score[to] = candidate;
  best.start[to] = from;
  best.id[to] = id;
  if (to > best.frontier) best.frontier = to;
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
