/**
 * `tokenizer.json` of the `tokenizers` library, as far as a T5 uses it: Unigram model, added tokens, the normalizers and
 * pre-tokenizers beside this file. Its post_processor (which appends `</s>`), truncation and padding belong to the caller.
 */
import type { AddedToken } from './added-tokens.ts';
import { asArray, asFiniteNumber, asFlag, asId, asObject, asString, unexpectedValue } from './json-value.ts';
import type { JsonObject } from './json-value.ts';
import { readPreTokenizer } from './pre-tokenizer.ts';
import type { PreTokenizerReading } from './pre-tokenizer.ts';
import { readNormalizer } from './string-normalizer.ts';
import type { StringNormalizer } from './string-normalizer.ts';
import { quoteForMessage, TokenizerError } from './tokenizer-error.ts';
import { maxPieces, pieceKind } from './unigram.ts';
import type { Piece } from './unigram.ts';

export interface JsonAddedToken extends AddedToken {
  special: boolean;
  /** Looked for in the normalized text instead of the text as given. */
  normalized: boolean;
}

export interface TokenizerJson {
  pieces: Piece[];
  unkId: number;
  byteFallback: boolean;
  addedTokens: JsonAddedToken[];
  normalize: StringNormalizer;
  preTokenizer: PreTokenizerReading;
}

/** The largest files of the family have about 770,000 of these, three for each piece; each may become a value on the heap. */
const maxStructuralBytes = 1_200_000;

/** @throws TokenizerError for what is no JSON, no Unigram model (the type is named), or malformed (the path is named). */
export function parseTokenizerJson(bytes: Uint8Array): TokenizerJson {
  const root = asObject(parseJson(bytes), 'the top level');
  const model = asObject(root['model'], 'model');
  // Files of 2020 do not say the type; then the shape of the vocabulary decides below.
  const type = model['type'] === undefined ? 'Unigram' : asString(model['type'], 'model.type');
  if (type !== 'Unigram') {
    throw new TokenizerError({
      code: 'tokenizer-not-unigram',
      found: `a tokenizer.json with a model of the type ${type.slice(0, 40)}`,
      expected: 'Unigram, which every T5 uses',
      action: 'Use the tokenizer of the T5 checkpoint itself.',
    });
  }
  const pieces = readVocabulary(model['vocab']);
  const unkId = asId(model['unk_id'], 'model.unk_id');
  if (unkId >= pieces.length) throw unexpectedValue(unkId, 'model.unk_id', `an id below ${pieces.length}`);
  return {
    pieces,
    unkId,
    byteFallback: asFlag(model['byte_fallback'], 'model.byte_fallback', 'false'),
    addedTokens: readAddedTokens(root['added_tokens'] ?? [], pieces),
    normalize: readNormalizer(root['normalizer'], 'normalizer'),
    preTokenizer: readPreTokenizer(root['pre_tokenizer'], 'pre_tokenizer'),
  };
}

function parseJson(bytes: Uint8Array): unknown {
  refuseManyValues(bytes);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw notJson('text that is not UTF-8', {}, cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, 100) : '';
    throw notJson(`text that is not JSON (${quoteForMessage(reason)})`, placeOfSyntaxError(cause, text), cause);
  }
}

/** Counts before parsing, because afterwards the memory is spent. */
function refuseManyValues(bytes: Uint8Array): void {
  let count = 0;
  // [ { , :
  for (const byte of bytes) if (byte === 0x5b || byte === 0x7b || byte === 0x2c || byte === 0x3a) count++;
  if (count > maxStructuralBytes) throw notJson(`JSON of some ${count} values`, {});
}

function placeOfSyntaxError(cause: unknown, text: string): { line?: number; column?: number } {
  const match = /position (\d+)/.exec(cause instanceof Error ? cause.message : '');
  if (match === null) return {};
  const before = text.slice(0, Number(match[1]));
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: before.length - lineStart + 1 };
}

function notJson(found: string, place: { line?: number; column?: number }, cause?: unknown): TokenizerError {
  return new TokenizerError({
    code: 'tokenizer-json-damaged',
    found,
    expected: 'a tokenizer.json (JSON in UTF-8, the size of a T5 tokenizer)',
    action: 'The file is cut, damaged or something else; download it again.',
    place,
    ...(cause === undefined ? {} : { cause }),
  });
}

function readVocabulary(value: unknown): Piece[] {
  const entries = asArray(value, 'model.vocab');
  if (entries.length > maxPieces) throw unexpectedValue(entries, 'model.vocab', `at most ${maxPieces} pieces`);
  return entries.map((entry, id) => {
    const pair = asArray(entry, `model.vocab[${id}]`);
    if (pair.length !== 2) throw unexpectedValue(entry, `model.vocab[${id}]`, 'a piece and its score');
    return {
      text: asString(pair[0], `model.vocab[${id}][0]`).toWellFormed(),
      score: asFiniteNumber(pair[1], `model.vocab[${id}][1]`),
      kind: pieceKind.normal,
    };
  });
}

function readAddedTokens(value: unknown, pieces: readonly Piece[]): JsonAddedToken[] {
  const idOfPiece = new Map(pieces.map((piece, id) => [piece.text, id]));
  const ofId = new Map<number, string>();
  return asArray(value, 'added_tokens').map((entry, index) => {
    const path = `added_tokens[${index}]`;
    const token = readAddedToken(asObject(entry, path), path);
    const claimed = idOfPiece.get(token.text) ?? (token.id < pieces.length ? -1 : token.id);
    if (claimed !== token.id || (ofId.get(token.id) ?? token.text) !== token.text) {
      throw unexpectedValue(token.id, `${path}.id`, `an id that is ${quoteForMessage(token.text)}'s alone`);
    }
    ofId.set(token.id, token.text);
    return token;
  });
}

function readAddedToken(spec: JsonObject, path: string): JsonAddedToken {
  const text = asString(spec['content'], `${path}.content`).toWellFormed();
  if (text === '') throw unexpectedValue(text, `${path}.content`, 'a text that is not empty');
  return {
    id: asId(spec['id'], `${path}.id`),
    text,
    lstrip: asFlag(spec['lstrip'], `${path}.lstrip`, 'false'),
    rstrip: asFlag(spec['rstrip'], `${path}.rstrip`, 'false'),
    singleWord: asFlag(spec['single_word'], `${path}.single_word`, 'false'),
    special: asFlag(spec['special'], `${path}.special`, 'false'),
    normalized: asFlag(spec['normalized'], `${path}.normalized`, 'true'),
  };
}
