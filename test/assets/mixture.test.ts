import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { drawPretrainingExample } from '../../assets/backbone/mixture/index.ts';
import { buildTokenizer } from '../../assets/backbone/tokenizer.ts';
import { drawSplits } from '../../assets/library/split.ts';
import { libraryTasks } from '../../assets/library/task/index.ts';
import { createRandom } from '../../assets/world/index.ts';
import { loadTokenizerSync } from '../../main/token/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'souffleur-mixture-'));
afterAll(() => rmSync(folder, { recursive: true }));
const sentinels = (text: string): string[] => text.match(/<extra_id_\d+>/g) ?? [];
const draw = (stage: 'span-corruption' | 'lm-adaptation', count: number) => {
  const random = createRandom(7, 0);
  return Array.from({ length: count }, () => drawPretrainingExample(random, stage, 1));
};

describe('the first stage', () => {
  it('answers exactly the gaps of its source, in order, never with nothing', () => {
    for (const { source, target } of draw('span-corruption', 2000)) {
      const gaps = sentinels(source);
      expect(gaps).toEqual(gaps.map((_, i) => `<extra_id_${i}>`));
      expect(sentinels(target)).toEqual(gaps);
      for (const answer of target.split(/<extra_id_\d+>/).slice(1)) expect(answer.trim(), `${source} → ${target}`).not.toBe('');
    }
  });
});

describe('the second stage', () => {
  it('never has the library’s pairs of field names', () => {
    const pairs = [['hypothesis:', 'premise:'], ['passage:', 'question:'], ['sentence1:', 'sentence2:'], ['choice1:', 'choice2:'], ['query:', 'entities:']];
    for (const { source } of draw('lm-adaptation', 4000)) {
      for (const [one = '', other = ''] of pairs) expect(source.includes(one) && source.includes(other), source).toBe(false);
    }
  });

  it('repeats from the seed', () => {
    expect(draw('lm-adaptation', 50)).toEqual(draw('lm-adaptation', 50));
  });
});

describe('the tokenizer', () => {
  const { tokenizerJson, vocabularySize } = buildTokenizer();
  const file = join(folder, 'tokenizer.json');
  writeFileSync(file, tokenizerJson);
  const tokenizer = loadTokenizerSync(file);

  it('has T5’s special tokens, and sentinels that count down', () => {
    expect([tokenizer.eosId, tokenizer.sentinel(0), tokenizer.sentinel(99)]).toEqual([1, vocabularySize - 1, vocabularySize - 100]);
  });

  it('cuts no word of the library into characters', () => {
    const letters = /^[A-Za-z]$/;
    for (const task of libraryTasks) {
      const { test } = drawSplits({ ...task, sizes: { train: 0, dev: 0, test: 40 } }, 3);
      for (const text of test.flatMap(({ fields }) => Object.values(fields))) {
        const pieces = tokenizer.encode(text).map((id) => tokenizer.decode([id]).trim());
        const single = pieces.filter((piece, i) => letters.test(piece) && letters.test(pieces[i + 1] ?? ''));
        expect(single, text).toEqual([]);
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }
    }
  });

  it('is the one that the backbone ships with', () => {
    for (const stage of ['lm-adapted', 'span-corruption']) {
      expect(readFileSync(join(import.meta.dirname, '../../assets/backbone', stage, 'tokenizer.json'), 'utf8') === tokenizerJson, stage).toBe(true);
    }
  });
});
