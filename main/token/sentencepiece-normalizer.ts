/**
 * SentencePiece's own normalization, on UTF-8 bytes: rules of the charsmap by longest match, then whitespace.
 * Source: sentencepiece src/normalizer.cc (Normalize, NormalizePrefix).
 */
import type { ByteSink } from './byte-sink.ts';
import { normalizedLengthLimit, requireNormalizedLength } from './normalized-length.ts';
import type { PrecompiledCharsmap } from './precompiled-charsmap.ts';
import { characterLength } from './unigram.ts';

export interface WhitespaceRules {
  addDummyPrefix: boolean;
  removeExtraWhitespaces: boolean;
  escapeWhitespaces: boolean;
}

export interface SentencePieceNormalizerParts extends WhitespaceRules {
  /** null: the identity. */
  charsmap: PrecompiledCharsmap | null;
  /** Length of the user-defined piece that begins at bytes[start], 0 for none: they pass untouched. null: the model has none. */
  userDefinedLength: ((bytes: Uint8Array, start: number, end: number) => number) | null;
}

const space = 0x20;
/** U+2581 in UTF-8: the visible space of pieces. */
const escapedSpace = [0xe2, 0x96, 0x81] as const;

export class SentencePieceNormalizer {
  readonly #parts: SentencePieceNormalizerParts;
  /** Set by #takePrefix: what the consumed prefix becomes. */
  #source: Uint8Array = new Uint8Array();
  #from = 0;
  #to = 0;

  constructor(parts: SentencePieceNormalizerParts) {
    this.#parts = parts;
  }

  /**
   * Appends the normalized form of well-formed UTF-8 to an empty `sink`.
   * @throws TokenizerError `tokenizer-normalizer-explodes`, see normalized-length.ts.
   */
  normalize(input: Uint8Array, sink: ByteSink): void {
    const limit = normalizedLengthLimit(input.length);
    const { addDummyPrefix, removeExtraWhitespaces } = this.#parts;
    let position = removeExtraWhitespaces ? this.#skipLeadingSpaces(input) : 0;
    if (position >= input.length) return;
    if (addDummyPrefix) this.#appendSpace(sink);
    let afterSpace = removeExtraWhitespaces;
    while (position < input.length) {
      position += this.#takePrefix(input, position);
      if (afterSpace) this.#dropTakenSpaces();
      if (this.#from < this.#to) {
        requireNormalizedLength(sink.length + this.#to - this.#from, limit);
        this.#appendTaken(sink);
        afterSpace = this.#source[this.#to - 1] === space;
      }
      if (!removeExtraWhitespaces) afterSpace = false;
    }
    if (removeExtraWhitespaces) this.#dropTrailingSpaces(sink);
  }

  #skipLeadingSpaces(input: Uint8Array): number {
    let position = 0;
    while (position < input.length) {
      const length = this.#takePrefix(input, position);
      if (this.#to - this.#from !== 1 || this.#source[this.#from] !== space) break;
      position += length;
    }
    return position;
  }

  /** @returns how many bytes it consumed (at least 1); #source, #from and #to hold what they become. */
  #takePrefix(input: Uint8Array, position: number): number {
    const { charsmap, userDefinedLength } = this.#parts;
    const protectedLength = userDefinedLength === null ? 0 : userDefinedLength(input, position, input.length);
    if (protectedLength === 0 && charsmap !== null) {
      const length = charsmap.matchLongest(input, position, input.length);
      if (length > 0) {
        this.#source = charsmap.replacementBytes;
        this.#from = charsmap.replacementStart;
        this.#to = charsmap.replacementEnd;
        return length;
      }
    }
    const length = protectedLength > 0 ? protectedLength : characterLength(input[position] ?? 0);
    this.#source = input;
    this.#from = position;
    this.#to = Math.min(input.length, position + length);
    return this.#to - position;
  }

  #dropTakenSpaces(): void {
    while (this.#from < this.#to && this.#source[this.#from] === space) this.#from++;
  }

  #appendTaken(sink: ByteSink): void {
    for (let index = this.#from; index < this.#to; index++) {
      const byte = this.#source[index] ?? 0;
      if (byte === space) this.#appendSpace(sink);
      else sink.push(byte);
    }
  }

  #appendSpace(sink: ByteSink): void {
    if (!this.#parts.escapeWhitespaces) {
      sink.push(space);
      return;
    }
    for (const byte of escapedSpace) sink.push(byte);
  }

  #dropTrailingSpaces(sink: ByteSink): void {
    const suffix = this.#parts.escapeWhitespaces ? escapedSpace : [space];
    const endsWithSuffix = (): boolean =>
      sink.length >= suffix.length && suffix.every((byte, index) => sink.bytes[sink.length - suffix.length + index] === byte);
    while (endsWithSuffix()) sink.length -= suffix.length;
  }
}
