/** From what the two readers return to the one tokenizer. */
import { AddedTokens } from './added-tokens.ts';
import type { AddedToken } from './added-tokens.ts';
import { ByteSink } from './byte-sink.ts';
import type { SentencePieceModel } from './sentencepiece-model.ts';
import { SentencePieceNormalizer } from './sentencepiece-normalizer.ts';
import { TokenizerError } from './tokenizer-error.ts';
import type { JsonAddedToken, TokenizerJson } from './tokenizer-json.ts';
import type { Tokenizer } from './tokenizer.ts';
import { pieceKind, Unigram } from './unigram.ts';
import type { Piece } from './unigram.ts';
import { VocabularyTokenizer } from './vocabulary-tokenizer.ts';
import { visibleSpace } from './whitespace.ts';

/** T5's sentinels, which are no pieces of its spiece.model: transformers' `extra_ids`. */
const sentinelCount = 100;

/**
 * A tokenizer from `spiece.model`, with T5's sentinels above its pieces (`<extra_id_0>` is the last id) unless it has its
 * own, as mT5 does. Each stretch between special tokens is normalized on its own, as transformers does with `legacy=True`.
 * @throws TokenizerError where padding or the end of sequence is missing.
 */
export function buildFromSentencePiece(model: SentencePieceModel): Tokenizer {
  const { pieces, unkId } = model;
  const vocabulary = collectVocabulary(pieces);
  const special = pieces.flatMap((piece, id) => (piece.kind === pieceKind.control ? [{ id, text: piece.text }] : []));
  if (!vocabulary.ids.has('<extra_id_0>') && !vocabulary.ids.has(`${visibleSpace}<extra_id_0>`)) {
    for (let index = sentinelCount - 1; index >= 0; index--) {
      const token = { id: pieces.length + sentinelCount - 1 - index, text: `<extra_id_${index}>` };
      vocabulary.add(token.id, token.text);
      special.push(token);
    }
  }
  const unknown = { id: unkId, text: pieces[unkId]?.text ?? '' };
  const unigram = new Unigram({ pieces, unkId, byteFallback: model.byteFallback, precision: 'single' });
  const { whitespace } = model;
  const hasUserDefined = pieces.some((piece) => piece.kind === pieceKind.userDefined);
  const normalizer = new SentencePieceNormalizer({
    ...whitespace,
    charsmap: model.charsmap,
    userDefinedLength: hasUserDefined ? (bytes, start, end) => unigram.userDefinedLength(bytes, start, end) : null,
  });
  const sink = new ByteSink();
  return new VocabularyTokenizer({
    vocabularySize: vocabulary.size(),
    pieceOf: vocabulary.pieceOf,
    idOfPiece: vocabulary.ids,
    padId: requireId(model.padId, 'padding'),
    eosId: requireId(model.eosId, 'end-of-sequence'),
    unkId,
    specialIds: new Set(special.map((token) => token.id)),
    addedTokens: new AddedTokens([...special, unknown].map(plainToken)),
    encodeSegment: (text, _offset, out) => {
      sink.clear();
      normalizer.normalize(Buffer.from(text, 'utf8'), sink);
      unigram.encode(sink.bytes, sink.length, out);
    },
    byteFallback: model.byteFallback,
    unknownSurface: model.unknownSurface,
    leadingSpaces: leadingSpacesOf(whitespace),
  });
}

/**
 * A tokenizer from `tokenizer.json`; `<pad>` and `</s>` are found by their text.
 * @throws TokenizerError where one of them is missing.
 */
export function buildFromTokenizerJson(json: TokenizerJson): Tokenizer {
  const { pieces, unkId, addedTokens, preTokenizer, normalize } = json;
  const vocabulary = collectVocabulary(pieces);
  for (const token of addedTokens) vocabulary.add(token.id, token.text);
  const padId = requireId(vocabulary.ids.get('<pad>') ?? -1, 'padding');
  const eosId = requireId(vocabulary.ids.get('</s>') ?? -1, 'end-of-sequence');
  const unigram = new Unigram({ pieces, unkId, byteFallback: json.byteFallback, precision: 'double' });
  const normalizedTokens = new AddedTokens(
    addedTokens.filter((token) => token.normalized).map((token) => ({ ...token, text: normalize(token.text) })).filter(hasText),
  );
  const specialIds = new Set([padId, eosId, ...addedTokens.filter((token) => token.special).map((token) => token.id)]);
  specialIds.delete(unkId);
  return new VocabularyTokenizer({
    vocabularySize: vocabulary.size(),
    pieceOf: vocabulary.pieceOf,
    idOfPiece: vocabulary.ids,
    padId,
    eosId,
    unkId,
    specialIds,
    addedTokens: new AddedTokens(addedTokens.filter((token) => !token.normalized)),
    encodeSegment: (text, offset, out) => {
      normalizedTokens.split(
        normalize(text),
        (stretch, inner) => encodeWords(unigram, preTokenizer.apply([{ text: stretch, atTextStart: offset + inner === 0 }]), out),
        (id) => out.push(id),
      );
    },
    byteFallback: json.byteFallback,
    unknownSurface: ' \u2047 ',
    leadingSpaces: preTokenizer.prependScheme === 'never' ? 'keep' : 'drop-of-each-piece',
  });
}

function encodeWords(unigram: Unigram, words: readonly { text: string }[], out: number[]): void {
  let buffer = Buffer.allocUnsafe(1 << 10);
  for (const { text } of words) {
    // UTF-8 takes at most three bytes for one UTF-16 unit.
    if (text.length * 3 > buffer.length) buffer = Buffer.allocUnsafe(text.length * 3);
    unigram.encode(buffer, buffer.write(text, 'utf8'), out);
  }
}

interface Vocabulary {
  ids: Map<string, number>;
  pieceOf(id: number): string | undefined;
  size(): number;
  add(id: number, text: string): void;
}

/** Ids of a file's added tokens may be anything, so only the model's own pieces are indexed by an array. */
function collectVocabulary(known: readonly Piece[]): Vocabulary {
  const above = new Map<number, string>();
  const ids = new Map<string, number>();
  for (let id = 0; id < known.length; id++) ids.set(known[id]?.text ?? '', id);
  return {
    ids,
    pieceOf: (id) => known[id]?.text ?? above.get(id),
    size: () => known.length + above.size,
    add: (id, text) => {
      if (id >= known.length) above.set(id, text);
      ids.set(text, id);
    },
  };
}

function leadingSpacesOf({ addDummyPrefix, removeExtraWhitespaces }: SentencePieceModel['whitespace']): 'drop-one' | 'drop-of-each-piece' | 'keep' {
  if (removeExtraWhitespaces) return 'drop-of-each-piece';
  return addDummyPrefix ? 'drop-one' : 'keep';
}

function plainToken({ id, text }: { id: number; text: string }): AddedToken {
  return { id, text, lstrip: false, rstrip: false, singleWord: false };
}

function hasText(token: JsonAddedToken): boolean {
  return token.text !== '';
}

function requireId(id: number, name: string): number {
  if (id >= 0) return id;
  throw new TokenizerError({
    code: 'tokenizer-piece-missing',
    found: `a tokenizer without a ${name} piece`,
    expected: 'T5\'s pieces <pad> and </s>',
    action: 'Use the tokenizer of the T5 checkpoint itself.',
  });
}
