/** The tokenizer that both file formats become: added tokens, one way to encode the text between them, and decoding. */
import type { AddedTokens } from './added-tokens.ts';
import { quoteForMessage, TokenizerError } from './tokenizer-error.ts';
import type { Tokenizer } from './tokenizer.ts';
import { byteOfPiece, characterLength } from './unigram.ts';
import { visibleSpace } from './whitespace.ts';

export interface VocabularyTokenizerParts {
  vocabularySize: number;
  pieceOf: (id: number) => string | undefined;
  idOfPiece: ReadonlyMap<string, number>;
  padId: number;
  eosId: number;
  unkId: number;
  /** Ids that are no text: padding, end of sequence, sentinels. The unknown piece is not among them. */
  specialIds: ReadonlySet<number>;
  addedTokens: AddedTokens;
  /** Appends the ids of one stretch of text without added tokens; `offset` is its UTF-16 offset in the whole text. */
  encodeSegment: (text: string, offset: number, out: number[]) => void;
  byteFallback: boolean;
  /** What an unknown piece decodes to, `' ⁇ '` for T5. */
  unknownSurface: string;
  /** Which visible spaces at the start of a decoded text are dropped. */
  leadingSpaces: 'drop-one' | 'drop-of-each-piece' | 'keep';
}

export class VocabularyTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly padId: number;
  readonly eosId: number;
  readonly unkId: number;
  readonly #parts: VocabularyTokenizerParts;

  constructor(parts: VocabularyTokenizerParts) {
    this.#parts = parts;
    this.vocabularySize = parts.vocabularySize;
    this.padId = parts.padId;
    this.eosId = parts.eosId;
    this.unkId = parts.unkId;
  }

  encode(text: string): number[] {
    const { addedTokens, encodeSegment } = this.#parts;
    const ids: number[] = [];
    // A lone surrogate is no character; UTF-8 cannot carry it.
    addedTokens.split(
      text.toWellFormed(),
      (segment, offset) => encodeSegment(segment, offset, ids),
      (id) => ids.push(id),
    );
    return ids;
  }

  pieces(ids: readonly number[]): string[] {
    return ids.map((id) => {
      const piece = this.#parts.pieceOf(id);
      if (piece === undefined) throw this.#unknownId(id);
      return piece;
    });
  }

  decode(ids: readonly number[], options: { keepSpecial?: true } = {}): string {
    const keepSpecial = options.keepSpecial === true;
    const builder = new TextBuilder(this.#parts.leadingSpaces);
    for (const id of ids) {
      const piece = this.#parts.pieceOf(id);
      if (piece === undefined && !(Number.isSafeInteger(id) && id >= 0)) throw this.#unknownId(id);
      if (this.#parts.specialIds.has(id)) {
        if (keepSpecial) builder.addText(piece ?? '');
        continue;
      }
      // A T5 has more output rows (32,128) than pieces; like seqio's vocabulary, such an id reads as unknown.
      if (piece === undefined || id === this.unkId) {
        builder.addText(keepSpecial ? (this.#parts.pieceOf(this.unkId) ?? '') : this.#parts.unknownSurface);
        continue;
      }
      const byte = this.#parts.byteFallback ? byteOfPiece(piece) : null;
      if (byte === null) builder.addPiece(piece);
      else builder.addByte(byte);
    }
    return builder.finish();
  }

  idOf(piece: string): number | null {
    return this.#parts.idOfPiece.get(piece) ?? null;
  }

  sentinel(index: number): number | null {
    // mT5's own model carries its sentinels as whole words.
    return this.idOf(`<extra_id_${index}>`) ?? this.idOf(`${visibleSpace}<extra_id_${index}>`);
  }

  #unknownId(id: number): TokenizerError {
    return new TokenizerError({
      code: 'token-id-unknown',
      found: `token id ${quoteForMessage(String(id))}`,
      expected: `an id of this tokenizer's ${this.vocabularySize} pieces`,
      action: 'Use the tokenizer that made these ids.',
    });
  }
}

/** Joins pieces as SentencePiece's Decode does (sentencepiece_processor.cc). */
class TextBuilder {
  readonly #leadingSpaces: VocabularyTokenizerParts['leadingSpaces'];
  readonly #texts: string[] = [];
  #bytes: number[] = [];
  #atStart = true;

  constructor(leadingSpaces: VocabularyTokenizerParts['leadingSpaces']) {
    this.#leadingSpaces = leadingSpaces;
  }

  addPiece(piece: string): void {
    this.#flushBytes();
    const dropsSpace = this.#atStart && this.#leadingSpaces !== 'keep' && piece.startsWith(visibleSpace);
    const rest = dropsSpace ? piece.slice(1) : piece;
    if (dropsSpace && this.#leadingSpaces === 'drop-one') this.#atStart = false;
    this.#append(rest.replaceAll(visibleSpace, ' '));
  }

  addText(text: string): void {
    this.#flushBytes();
    this.#append(text);
  }

  addByte(byte: number): void {
    this.#bytes.push(byte);
  }

  finish(): string {
    this.#flushBytes();
    return this.#texts.join('');
  }

  #append(text: string): void {
    if (text === '') return;
    this.#texts.push(text);
    this.#atStart = false;
  }

  #flushBytes(): void {
    if (this.#bytes.length === 0) return;
    this.#append(decodeBytes(Uint8Array.from(this.#bytes)));
    this.#bytes = [];
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Every byte that is not part of a character becomes one U+FFFD, where JavaScript's own decoder makes one of several. */
function decodeBytes(bytes: Uint8Array): string {
  let text = '';
  for (let position = 0; position < bytes.length; ) {
    const length = characterLength(bytes[position] ?? 0);
    try {
      text += utf8.decode(bytes.subarray(position, position + length));
      position += length;
    } catch {
      text += '\ufffd';
      position++;
    }
  }
  return text;
}
