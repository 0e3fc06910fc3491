import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, constantFrom, nat, pre, property, string } from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { toProblem } from '../../main/contract/problem.ts';
import { loadTokenizerSync } from '../../main/token/index.ts';
import { fixturePath, tokenizerErrorOf, writeTemporary } from './reference.ts';

const folder = mkdtempSync(join(tmpdir(), 'souffleur-hub-'));
afterAll(() => rmSync(folder, { recursive: true }));

function makeHubFolder(name: string, files: Record<string, string>): string {
  const hub = join(folder, name);
  mkdirSync(hub);
  for (const [target, source] of Object.entries(files)) copyFileSync(fixturePath(source), join(hub, target));
  return hub;
}

describe('a hub folder', () => {
  test('is read by its tokenizer.json first, else by its spiece.model', () => {
    const both = makeHubFolder('both', { 'tokenizer.json': 'tokenizer.json', 'spiece.model': 'unigram.model' });
    const only = makeHubFolder('only', { 'spiece.model': 'unigram.model' });
    // tokenizer.json adds one sentinel, spiece.model gets a hundred.
    expect(loadTokenizerSync(both).sentinel(1)).toBeNull();
    expect(loadTokenizerSync(only).sentinel(1)).not.toBeNull();
  });

  test('with neither says so', () => {
    const error = tokenizerErrorOf(() => loadTokenizerSync(makeHubFolder('neither', {})));
    expect(error.message).toBe(`${join(folder, 'neither')}: found a folder with neither tokenizer.json nor spiece.model; expected one of the two. Download the tokenizer of the model into this folder.`);
  });
});

describe('what is refused', () => {
  test('a BPE model, by its name', () => {
    expect(tokenizerErrorOf(() => loadTokenizerSync(fixturePath('bpe.model'))).message).toMatch(/of the type BPE; expected UNIGRAM/);
  });

  test('an empty file, a Git LFS pointer, plain text, and a folder inside the hub folder', () => {
    const hub = makeHubFolder('nested', {});
    mkdirSync(join(hub, 'spiece.model'));
    expect(tokenizerErrorOf(() => loadTokenizerSync(writeTemporary('', '.model'))).code).toBe('tokenizer-empty');
    expect(tokenizerErrorOf(() => loadTokenizerSync(writeTemporary('version https://git-lfs.github.com/spec/v1\noid sha256:0\n', '.model'))).code).toBe('tokenizer-is-pointer');
    expect(tokenizerErrorOf(() => loadTokenizerSync(writeTemporary('Hello, this is text.', '.model'))).code).toBe('sentencepiece-damaged');
    expect(tokenizerErrorOf(() => loadTokenizerSync(hub)).code).toBe('tokenizer-not-a-file');
  });

  test('a device that never ends is not read', { skip: process.platform === 'win32' }, () => {
    expect(tokenizerErrorOf(() => loadTokenizerSync('/dev/zero')).code).toBe('tokenizer-not-a-file');
  });

  test('a file that is missing, in the words of the file system', () => {
    expect(toProblem(catchAny(() => loadTokenizerSync(join(folder, 'nothing')))).code).toBe('system-enoent');
  });

  test('with an error that the rest of the program recognises as its own', () => {
    const error = tokenizerErrorOf(() => loadTokenizerSync(fixturePath('bpe.model')));
    const problem = toProblem(error);
    expect(problem.toRecord()).toEqual({
      code: 'tokenizer-not-unigram', kind: 'input', message: error.message, found: error.found, expected: error.expected, action: error.action, place: { file: fixturePath('bpe.model') },
    });
  });
});

describe('ids', () => {
  const tokenizer = loadTokenizerSync(fixturePath('unigram.model'));

  test('beyond the vocabulary have no piece, and read as unknown', () => {
    expect(tokenizerErrorOf(() => tokenizer.pieces([3, 99_999])).message).toMatch(/token id "99999"; expected an id of this tokenizer's/);
    expect(tokenizer.decode([99_999])).toBe(' ⁇ ');
  });

  test('that are no ids are refused by pieces and by decode', () => {
    for (const id of [-1, 0.5, Number.NaN, Infinity]) {
      expect(tokenizerErrorOf(() => tokenizer.pieces([id])).code).toBe('token-id-unknown');
      expect(tokenizerErrorOf(() => tokenizer.decode([id])).code).toBe('token-id-unknown');
    }
  });

  test('of special tokens are dropped from a text unless they are kept', () => {
    const ids = tokenizer.encode('<pad>model<extra_id_3></s>');
    expect(tokenizer.decode(ids)).toBe('model');
    expect(tokenizer.decode(ids, { keepSpecial: true })).toBe('<pad> model<extra_id_3></s>');
    expect(tokenizer.decode([tokenizer.unkId], { keepSpecial: true })).toBe('<unk>');
  });

  test('carry every text of known characters there and back, up to runs of spaces', () => {
    const characters = [...' aeinorstdlmpuw.,!?你好世é'].filter((character) => !tokenizer.encode(character).includes(tokenizer.unkId));
    expect(characters.length).toBeGreaterThan(12);
    assert(
      property(array(constantFrom(...characters), { maxLength: 60 }), (text) => {
        const expected = text.join('').trim().replaceAll(/ +/g, ' ');
        expect(tokenizer.decode(tokenizer.encode(text.join('')))).toBe(expected);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('are ids of the vocabulary for any text at all, lone surrogates included', () => {
    for (const name of ['unigram.model', 'unigram-bytes.model', 'tokenizer.json']) {
      const any = loadTokenizerSync(fixturePath(name));
      assert(
        property(array(nat(0xffff), { maxLength: 40 }), (units) => {
          const ids = any.encode(String.fromCharCode(...units));
          expect(any.pieces(ids)).toHaveLength(ids.length);
          any.decode(ids);
        }),
        { seed: 2, numRuns: 500 },
      );
    }
  });

  test('with byte fallback carry any text there and back exactly, where whitespace is kept', () => {
    const bytes = loadTokenizerSync(fixturePath('unigram-bytes.model'));
    assert(
      property(string({ unit: 'binary', maxLength: 30 }), (text) => {
        // The visible space is how a model writes a space, and a sentinel or </s> is not text.
        pre(!text.includes('▁') && !text.includes('<'));
        expect(bytes.decode(bytes.encode(text))).toBe(text);
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});

test('time grows with the length only: a million equal characters in one line', () => {
  for (const name of ['unigram.model', 'unigram-bytes.model', 'tokenizer.json']) {
    const tokenizer = loadTokenizerSync(fixturePath(name));
    for (const text of ['a', '▁', 'ω', '\u0301', 'e\u0301 ', '<extra_id_', '\r\n', ' '].map((part) => part.repeat(Math.ceil(1_000_000 / part.length)))) {
      const start = process.cpuUsage();
      tokenizer.encode(text);
      expect(process.cpuUsage(start).user / 1000, `${name}, ${JSON.stringify(text.slice(0, 5))}`).toBeLessThan(5000);
    }
  }
});

function catchAny(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
