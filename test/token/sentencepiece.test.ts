import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadTokenizerSync } from '../../main/token/index.ts';
import { sharedPath } from '../shared.ts';
import { fixturePath, hashIds, reference } from './reference.ts';

describe('a trained SentencePiece model', () => {
  for (const [name, expected] of Object.entries(reference.models)) {
    test(`${name}: gives the ids of sentencepiece for every text`, () => {
      const tokenizer = loadTokenizerSync(fixturePath(`${name}.model`));
      expect(reference.texts.map((text) => [text, tokenizer.encode(text)])).toEqual(
        reference.texts.map((text, index) => [text, expected.ids[index]]),
      );
    });

    test(`${name}: decodes ids to the text of sentencepiece`, () => {
      const tokenizer = loadTokenizerSync(fixturePath(`${name}.model`));
      expect(expected.decode.map(({ ids }) => tokenizer.decode(ids))).toEqual(expected.decode.map(({ text }) => text));
    });

    test(`${name}: has its own pieces and a hundred sentinels, the first one last`, () => {
      const tokenizer = loadTokenizerSync(fixturePath(`${name}.model`));
      expect(tokenizer.vocabularySize).toBe(expected.size + 100);
      expect(tokenizer.sentinel(0)).toBe(expected.size + 99);
      expect(tokenizer.sentinel(99)).toBe(expected.size);
      expect(tokenizer.sentinel(100)).toBeNull();
    });
  }
});

/** transformers' clean_up_tokenization_spaces, which the published `decoded` texts went through. */
function cleanUp(text: string): string {
  return [' .', ' ?', ' !', ' ,', " n't", " 'm", " 's", " 've", " 're"]
    .reduce((current, ending, index) => (index === 4 ? current.replaceAll(" ' ", "'") : current).replaceAll(ending, ending.slice(1)), text);
}

const spiecePath = sharedPath('data/tokenizer/spiece.model');
const vectorsPath = sharedPath('data/tokenizer/t5_vectors.json');

describe.skipIf(spiecePath === null || vectorsPath === null)('T5 spiece.model (needs the shared data folder)', () => {
  const tokenizer = loadTokenizerSync(spiecePath ?? fixturePath('unigram.model'));

  test('has 32,000 pieces and T5\'s special ids and sentinels', () => {
    expect([tokenizer.vocabularySize, tokenizer.padId, tokenizer.eosId, tokenizer.unkId]).toEqual([32_100, 0, 1, 2]);
    expect([tokenizer.sentinel(0), tokenizer.sentinel(99), tokenizer.idOf('▁True'), tokenizer.idOf('no such piece')]).toEqual([32_099, 32_000, 10_998, null]);
  });

  for (const group of ['Xenova/t5-small', 'google-t5/t5-small']) {
    const groups = JSON.parse(vectorsPath === null ? '{}' : readFileSync(vectorsPath, 'utf8')) as Record<string, Record<string, { text: string; ids: number[]; decoded: string }>>;
    const cases = Object.entries(groups[group] ?? {});

    test(`gives exactly the published ids of all 29 texts of ${group}`, () => {
      expect(cases).toHaveLength(29);
      expect(cases.map(([name, { text }]) => [name, [...tokenizer.encode(text), tokenizer.eosId]])).toEqual(cases.map(([name, { ids }]) => [name, ids]));
    });

    test(`decodes those ids to the published texts of ${group}, special tokens kept`, () => {
      expect(cases.map(([, { ids }]) => cleanUp(tokenizer.decode(ids, { keepSpecial: true })))).toEqual(cases.map(([, { decoded }]) => decoded));
    });
  }

  test('gives the ids of sentencepiece for every text of the fixture', () => {
    expect(reference.texts.map((text) => tokenizer.encode(text))).toEqual(reference.t5.spiece.ids);
  });

  test('decodes random ids to the text of sentencepiece', () => {
    const cases = reference.t5.spiece.decode;
    expect(cases.map(({ ids }) => tokenizer.decode(ids))).toEqual(cases.map(({ text }) => text));
  });

  test('gives the ids of sentencepiece for 1.1 MB of Shakespeare as one text, 100 web documents and Chinese reviews', () => {
    expectLongTexts(tokenizer.encode.bind(tokenizer), reference.t5.spiece);
  });

  test('cuts sentinels out of the text wherever they stand', () => {
    expect(tokenizer.encode('<extra_id_0> Hello<extra_id_1>world <extra_id_99>')).toEqual([32_099, 8774, 32_098, 296, 32_000]);
    expect(tokenizer.decode([32_099, 8774, 296, 1])).toBe('Hello world');
    // The hundred sentinels end at 99: what looks like a hundredth is text.
    expect(tokenizer.pieces(tokenizer.encode('<extra_id_100>')).join('')).not.toContain('<extra_id_');
  });

  test('segments the words of verbalizers as the reference notes say', () => {
    expect(tokenizer.pieces(tokenizer.encode('entailment'))).toEqual(['▁', 'en', 'tail', 'ment']);
    expect(tokenizer.pieces(tokenizer.encode('False'))).toEqual(['▁Fal', 's', 'e']);
    expect(['yes', 'no', 'True', 'terrible', 'duplicate'].map((word) => tokenizer.encode(word))).toEqual([[4273], [150], [10_998], [9412], [19_197]]);
  });

  test('encodes at least 1 MB of text in a second of CPU time, in one line as well as in many', () => {
    const shakespeare = readFileSync(sharedPath('data/corpus/shakespeare.txt') ?? '', 'utf8').slice(0, 1_000_000);
    for (const text of [shakespeare, shakespeare.replaceAll('\n', ' '), 'a'.repeat(1_000_000), '提'.repeat(333_333)]) {
      // CPU time: other processes on the machine do not count.
      const start = process.cpuUsage();
      tokenizer.encode(text);
      expect(process.cpuUsage(start).user / 1000).toBeLessThan(1000);
    }
  });
});

const tinyPath = sharedPath('data/t5-tiny');

describe.skipIf(tinyPath === null)('t5-tiny as a hub folder (needs the shared data folder)', () => {
  const tokenizer = loadTokenizerSync(tinyPath ?? fixturePath('tokenizer.json'));

  test('gives the ids of tokenizers for every text of the fixture', () => {
    expect(reference.texts.map((text) => tokenizer.encode(text))).toEqual(reference.t5.tiny.ids);
  });

  test('gives the ids of tokenizers for the long texts', () => {
    expectLongTexts(tokenizer.encode.bind(tokenizer), reference.t5.tiny);
  });

  test('decodes random ids to the text of tokenizers', () => {
    const cases = reference.t5.tiny.decode;
    expect(cases.map(({ ids }) => tokenizer.decode(ids))).toEqual(cases.map(({ text }) => text));
  });

  test('finds the sentinels where the file has them', () => {
    expect([tokenizer.vocabularySize, tokenizer.sentinel(0), tokenizer.sentinel(99), tokenizer.unkId]).toEqual([1302, 102, 3, 2]);
  });
});

function read(path: string): string {
  return readFileSync(sharedPath(`data/${path}`) ?? '', 'utf8');
}

function expectLongTexts(encode: (text: string) => number[], expected: { shakespeare: string; c4: string[]; chinese: string }): void {
  const documents = read('corpus/c4-100.jsonl').split('\n').filter((line) => line.trim() !== '').map((line) => (JSON.parse(line) as { text: string }).text);
  expect(hashIds(encode(read('corpus/shakespeare.txt')))).toBe(expected.shakespeare);
  expect(documents.map((text) => hashIds(encode(text)))).toEqual(expected.c4);
  expect(hashIds(read('chnsenticorp/train.tsv').split('\n').flatMap((line) => encode(line)))).toBe(expected.chinese);
}
