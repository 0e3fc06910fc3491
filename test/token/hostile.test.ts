import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadTokenizerSync, TokenizerError } from '../../main/token/index.ts';
import { sharedPath } from '../shared.ts';
import { fixturePath, writeTemporary } from './reference.ts';

/** A small seeded generator: failures repeat. */
function makeRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return Math.floor(((state >>> 0) / 2 ** 32) * limit);
  };
}

/** One of: cut, single bytes changed, two stretches swapped, a stretch repeated, 0xff written over a stretch. */
function damage(bytes: Buffer, random: (limit: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  const at = random(copy.length);
  const length = 1 + random(Math.min(200, copy.length - at));
  switch (random(5)) {
    case 0:
      return copy.subarray(0, at);
    case 1:
      for (let count = 1 + random(4); count > 0; count--) copy[random(copy.length)] = random(256);
      return copy;
    case 2:
      return Buffer.concat([copy.subarray(at, at + length), copy.subarray(0, at), copy.subarray(at + length)]);
    case 3:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at, at + length), copy.subarray(at)]);
    default:
      return copy.fill(0xff, at, at + Math.min(length, 12));
  }
}

/** @returns how many damaged copies were refused and how many still made a tokenizer, which must then work. */
function loadDamaged(path: string, extension: string, runs: number): { refused: number; usable: number } {
  const bytes = readFileSync(path);
  const random = makeRandom(runs);
  const outcome = { refused: 0, usable: 0 };
  for (let run = 0; run < runs; run++) {
    const file = writeTemporary(damage(bytes, random), extension);
    try {
      const tokenizer = loadTokenizerSync(file);
      const ids = tokenizer.encode('The ﬁne Ｐｒｏｍｐｔ … é </s> 你好 \u0001 ω★★');
      tokenizer.decode(tokenizer.pieces(ids).map((piece) => tokenizer.idOf(piece) ?? tokenizer.unkId));
      outcome.usable++;
    } catch (error) {
      if (!(error instanceof TokenizerError)) throw new Error(`run ${run} of ${path}`, { cause: error });
      expect(error.message).toMatch(/found .+; expected .+\. .+/s);
      expect(error.place.file).toBe(file);
      expect(error.message.length).toBeLessThan(2000);
      outcome.refused++;
    }
  }
  return outcome;
}

describe('damaged files are refused with a TokenizerError or still make a working tokenizer', () => {
  for (const [name, extension] of [['unigram.model', '.model'], ['unigram-bytes.model', '.model'], ['tokenizer.json', '.json']] as const) {
    test(`${name}, 800 times`, () => {
      const { refused, usable } = loadDamaged(fixturePath(name), extension, 800);
      expect(refused).toBeGreaterThan(100);
      expect(usable).toBeGreaterThan(20);
    });
  }

  for (const path of ['data/tokenizer/spiece.model', 'data/t5-tiny/tokenizer.json']) {
    test.skipIf(sharedPath(path) === null)(`${path}, 25 times (needs the shared data folder)`, () => {
      const { refused, usable } = loadDamaged(sharedPath(path) ?? '', path.endsWith('.json') ? '.json' : '.model', 25);
      expect(refused + usable).toBe(25);
    });
  }

  test('unigram.model cut at every byte', () => {
    const bytes = readFileSync(fixturePath('unigram.model'));
    for (let length = 1; length < bytes.length; length += 7) {
      const file = writeTemporary(bytes.subarray(0, length), '.model');
      try {
        expect(loadTokenizerSync(file).encode('a').length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(TokenizerError);
      }
    }
  });
});

/** What a fresh process that loads the file and encodes one letter prints: seconds, MiB above what the process had before, and the outcome. */
function useInProcess(file: string): { seconds: number; mebibytes: number; outcome: string } {
  const index = join(import.meta.dirname, '../../main/token/index.ts');
  const script = `
    const { loadTokenizerSync } = await import(process.argv[1]);
    const before = process.resourceUsage().maxRSS, start = performance.now();
    let outcome;
    try { loadTokenizerSync(process.argv[2]).encode('a'); outcome = 'usable'; } catch (error) { outcome = error.name; }
    console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000, mebibytes: (process.resourceUsage().maxRSS - before) / 1024, outcome }));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script, index, file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(output) as { seconds: number; mebibytes: number; outcome: string };
}

const size = 20 * 1024 * 1024 - 1000;

function repeatTo(part: string): string {
  return part.repeat(Math.floor(size / part.length));
}

function countingEntries(count: number, entry: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => entry(index)).join(',');
}

/** Protobuf of `count` pieces with different short texts. */
function manyPieces(count: number, kind: number): Buffer {
  const piece = (text: string): Buffer => Buffer.from(`\x0a${String.fromCharCode(text.length + 4)}\x0a${String.fromCharCode(text.length)}${text}\x18${String.fromCharCode(kind)}`, 'latin1');
  return Buffer.concat(Array.from({ length: count }, (_, index) => piece(`~${index.toString(36)}`)));
}

function field(number: number, payload: Buffer): Buffer {
  const length: number[] = [];
  for (let rest = payload.length; length.length === 0 || rest > 0; rest >>>= 7) length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), payload]);
}

/** Normalization rules that make an `a` as long as asked for: a trie of one path, and its one replacement. */
function longReplacement(byteCount: number): Buffer {
  const trie = new Uint32Array(1024);
  trie[0] = 256 << 10;
  trie[256 ^ 0x61] = (512 << 10) | 0x100 | 0x61;
  trie[256 ^ 0x61 ^ 512] = 0x8000_0000;
  return Buffer.concat([Buffer.from(Uint32Array.of(trie.byteLength).buffer), Buffer.from(trie.buffer), Buffer.alloc(byteCount, 'b'), Buffer.alloc(1)]);
}

const smallVocabulary = '"model":{"unk_id":2,"vocab":[["<pad>",0],["</s>",0],["<unk>",0],["a",-1]]}';

function controlPiece(text: string): Buffer {
  return field(1, Buffer.concat([field(1, Buffer.from(text)), Buffer.from([0x18, 0x03])]));
}

describe('files made to hurt are refused in 5 s and 200 MiB', () => {
  const hostile: [name: string, extension: string, make: () => string | Buffer][] = [
    ['millions of empty arrays', '.json', () => `{"model":[${repeatTo('[],')}1]}`],
    ['millions of texts', '.json', () => `{"model":[${countingEntries(1_190_000, (index) => `"${index}"`)}]}`],
    ['a million brackets deep', '.json', () => '['.repeat(1_190_000)],
    ['normalizers nested 20,000 deep', '.json', () => `{"model":{"unk_id":0,"vocab":[["a",-1]]},"normalizer":${'{"type":"Sequence","normalizers":['.repeat(20_000)}${']}'.repeat(20_000)}}`],
    ['one text of 20 MB', '.json', () => `{"model":"${repeatTo('é'.repeat(8)).slice(0, size / 2)}"}`],
    ['added tokens of 18 MB', '.json', () => `{"model":{"unk_id":0,"vocab":[["<pad>",0],["</s>",-1]]},"added_tokens":[${countingEntries(20_000, (index) => `{"id":${index + 2},"content":"${String(index).repeat(190)}"}`)}]}`],
    ['pieces of 15 MB', '.json', () => `{"model":{"unk_id":0,"vocab":[["<pad>",0],["</s>",-1],${countingEntries(250_000, (index) => `["${String(index).repeat(11)}",-1]`)}]}}`],
    ['a million pieces', '.model', () => manyPieces(1_000_000, 1)],
    ['200,000 control pieces', '.model', () => Buffer.concat([Buffer.from('\x0a\x07\x0a\x03unk\x18\x02', 'latin1'), manyPieces(200_000, 3)])],
    ['20 MB of zeros', '.model', () => Buffer.alloc(size)],
    ['a length of 4 GB', '.model', () => Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['a length of 2⁶⁴ − 1', '.model', () => Buffer.from([0x0a, ...Buffer.alloc(9, 0xff), 0x01])],
    ['rules that double a letter 40 times', '.json', () => `{${smallVocabulary},"normalizer":{"type":"Sequence","normalizers":[${countingEntries(40, () => '{"type":"Replace","pattern":{"String":"a"},"content":"aa"}')}]}}`],
    ['a letter that becomes 14 MB', '.json', () => `{${smallVocabulary},"normalizer":{"type":"Precompiled","precompiled_charsmap":"${longReplacement(14_000_000).toString('base64')}"}}`],
    ['a letter that becomes 18 MB', '.model', () => Buffer.concat([
      Buffer.from('\x0a\x07\x0a\x03unk\x18\x02\x0a\x03\x0a\x01b', 'latin1'), controlPiece('<pad>'), controlPiece('</s>'), field(3, field(2, longReplacement(18_000_000))),
    ])],
    ['a file over the limit', '.model', () => Buffer.alloc(size + 2000, 0x0a)],
  ];
  for (const [name, extension, make] of hostile) {
    test(name, () => {
      const { seconds, mebibytes, outcome } = useInProcess(writeTemporary(make(), extension));
      expect(outcome).toBe('TokenizerError');
      expect(seconds).toBeLessThan(5);
      expect(mebibytes).toBeLessThan(200);
    });
  }
});
