import { describe, expect, test } from 'vitest';
import { loadTokenizerSync } from '../../main/token/index.ts';
import { fixturePath, patchedTokenizerJson, reference, tokenizerErrorOf, writeTemporary } from './reference.ts';

const texts = [...reference.texts, ...reference.special_texts];

function loadPatched(patch: Record<string, unknown>): ReturnType<typeof loadTokenizerSync> {
  return loadTokenizerSync(writeTemporary(JSON.stringify(patchedTokenizerJson(patch)), '.json'));
}

function refusalOf(patch: Record<string, unknown>): string {
  return tokenizerErrorOf(() => loadPatched(patch)).message;
}

function vocabularyWith(entry: unknown): Record<string, unknown> {
  return { model: { type: 'Unigram', unk_id: 0, vocab: [['<unk>', 0], entry] } };
}

describe('a tokenizer.json', () => {
  for (const [name, { patch, ids }] of Object.entries(reference.json)) {
    test(`${name}: gives the ids of tokenizers for every text, special tokens within texts included`, () => {
      const tokenizer = loadPatched(patch);
      expect(texts.map((text) => [text, tokenizer.encode(text)])).toEqual(texts.map((text, index) => [text, ids[index]]));
    });
  }

  test('segments plain words as the spiece.model with the same pieces does', () => {
    const json = loadTokenizerSync(fixturePath('tokenizer.json'));
    const model = loadTokenizerSync(fixturePath('unigram.model'));
    const text = 'The prompt tunes a model and the teacher reads (yes/no).';
    expect(json.encode(text)).toEqual(model.encode(text));
    expect(json.decode(json.encode(text))).toBe(text);
  });

  test('is read with a byte-order mark too', () => {
    const path = writeTemporary(`\ufeff${JSON.stringify(patchedTokenizerJson({}))}`, '.json');
    expect(loadTokenizerSync(path).vocabularySize).toBe(loadTokenizerSync(fixturePath('tokenizer.json')).vocabularySize);
  });

  test('of another model type is refused by its name', () => {
    expect(refusalOf({ model: { type: 'BPE', vocab: {}, merges: [] } })).toMatch(/of the type BPE; expected Unigram/);
    expect(refusalOf({ model: { type: 'WordPiece', vocab: {} } })).toMatch(/WordPiece/);
  });

  test('with a normalizer or pre-tokenizer that no T5 has is refused by its name and place', () => {
    expect(refusalOf({ normalizer: { type: 'Sequence', normalizers: [{ type: 'BertNormalizer' }] } })).toMatch(/BertNormalizer at normalizer\.normalizers\[0\]/);
    expect(refusalOf({ pre_tokenizer: { type: 'ByteLevel' } })).toMatch(/ByteLevel at pre_tokenizer/);
    expect(refusalOf({ normalizer: { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: '' } })).toMatch(/"\(a\+\)\+\$" at normalizer\.pattern/);
  });

  test('names the path of what is malformed', () => {
    expect(refusalOf(vocabularyWith(['a', 'b']))).toMatch(/found "b" at model\.vocab\[1\]\[1\]; expected a number/);
    expect(refusalOf(vocabularyWith(['a']))).toMatch(/an array of 1 at model\.vocab\[1\]/);
    expect(refusalOf({ model: { type: 'Unigram', unk_id: null, vocab: [['a', 0]] } })).toMatch(/found null at model\.unk_id/);
    expect(refusalOf({ model: { type: 'Unigram', unk_id: 1, vocab: [['a', 0]] } })).toMatch(/model\.unk_id; expected an id below 1/);
    expect(refusalOf({ added_tokens: [{ id: 5, content: '<pad>' }] })).toMatch(/added_tokens\[0\]\.id/);
    expect(refusalOf({ normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAAA' } })).toMatch(/normalization rules of 3 bytes/);
  });

  test('without <pad> or </s> is refused', () => {
    expect(refusalOf({ added_tokens: [], model: { type: 'Unigram', unk_id: 0, vocab: [['<unk>', 0], ['a', -1]] } })).toMatch(/without a padding piece/);
  });

  test('that is no JSON is refused with the line and column', () => {
    const error = tokenizerErrorOf(() => loadTokenizerSync(writeTemporary('{\n  "model": [1 2]\n}', '.json')));
    expect(error.code).toBe('tokenizer-json-damaged');
    expect(error.place).toMatchObject({ line: 2, column: 15 });
  });
});
