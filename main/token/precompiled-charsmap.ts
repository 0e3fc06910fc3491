/**
 * SentencePiece's precompiled normalization rules (`nmt_nfkc` for T5): a Darts double-array trie over UTF-8 bytes whose
 * values point into a block of NUL-terminated replacements.
 * Layout: u32 size of the trie in bytes · the trie, u32 units · replacements. All little-endian.
 * Unit bits: 0–7 and 31 label, 8 "has a value", 9 "offset is shifted by 8", 10–30 offset; a value unit has bit 31 set.
 * Sources: sentencepiece src/normalizer.cc (DecodePrecompiledCharsMap), darts-clone include/darts.h.
 */
import { TokenizerError } from './tokenizer-error.ts';

export class PrecompiledCharsmap {
  readonly #units: Uint32Array;
  readonly #replacements: Uint8Array;
  /** Set by the two match methods: the range of the replacement in `replacementBytes`. */
  replacementStart = 0;
  replacementEnd = 0;

  /** @throws TokenizerError `charsmap-damaged` where the blob's sizes contradict each other. */
  constructor(blob: Uint8Array) {
    const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
    const trieByteCount = blob.length < 4 ? 0 : view.getUint32(0, true);
    if (trieByteCount === 0 || trieByteCount % 4 !== 0 || trieByteCount > blob.length - 4) {
      throw new TokenizerError({
        code: 'charsmap-damaged',
        found: `normalization rules of ${blob.length} bytes that announce a trie of ${trieByteCount}`,
        expected: 'a trie of whole 4-byte units that fits its block',
        action: 'The file is damaged; download it again.',
      });
    }
    this.#units = new Uint32Array(trieByteCount / 4);
    for (let index = 0; index < this.#units.length; index++) this.#units[index] = view.getUint32(4 + 4 * index, true);
    this.#replacements = blob.subarray(4 + trieByteCount);
  }

  get replacementBytes(): Uint8Array {
    return this.#replacements;
  }

  /** @returns the length in bytes of the longest rule that begins at bytes[start], 0 for none: SentencePiece's own choice. */
  matchLongest(bytes: Uint8Array, start: number, end: number): number {
    return this.#match(bytes, start, end, 'longest');
  }

  /** @returns the length in bytes of the shortest rule that begins at bytes[start], 0 for none: the `tokenizers` library's choice. */
  matchShortest(bytes: Uint8Array, start: number, end: number): number {
    return this.#match(bytes, start, end, 'shortest');
  }

  #match(bytes: Uint8Array, start: number, end: number, wanted: 'longest' | 'shortest'): number {
    const units = this.#units;
    let position = unitOffset(units[0] ?? 0);
    let length = 0;
    let value = -1;
    for (let index = start; index < end; index++) {
      const byte = bytes[index] ?? 0;
      position ^= byte;
      // A damaged trie may point outside itself: then nothing matches.
      const unit = units[position];
      if (unit === undefined || (unit & 0x8000_00ff) !== byte) break;
      position ^= unitOffset(unit);
      if ((unit & 0x100) === 0) continue;
      const leaf = units[position];
      if (leaf === undefined) break;
      length = index + 1 - start;
      value = leaf & 0x7fff_ffff;
      if (wanted === 'shortest') break;
    }
    if (length > 0) this.#setReplacement(value);
    return length;
  }

  #setReplacement(value: number): void {
    const block = this.#replacements;
    this.replacementStart = Math.min(value, block.length);
    let end = this.replacementStart;
    while (end < block.length && block[end] !== 0) end++;
    this.replacementEnd = end;
  }
}

function unitOffset(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
