/** Answers in a label's further words, by a model that is played here: it says whatever the test wants, letter by letter. */
import { describe, expect, it } from 'vitest';
import { findFormat } from '../../main/task/index.ts';
import { applyPattern } from '../../main/task/pattern/apply-pattern.ts';
import type { Tokenizer } from '../../main/token/index.ts';
import type { EncodingRules } from '../../main/train/encoding.ts';
import { evaluateExamples } from '../../main/train/evaluation.ts';
import type { ModelRunner } from '../../main/train/model-runner.ts';
import { encodedExample } from './runner.ts';

const tokenizer: Tokenizer = {
  vocabularySize: 200, padId: 0, eosId: 1, unkId: 2,
  encode: (text) => Array.from(text, (letter) => letter.charCodeAt(0)),
  decode: (ids) => String.fromCharCode(...ids),
  pieces: (ids) => ids.map(String), idOf: () => null, sentinel: (index) => 199 - index,
};

function playing(ids: readonly number[]): ModelRunner {
  let at = 0;
  const played = {
    promptRows: 0,
    config: { decoderStartId: 0, decoderLayers: 0, heads: 1, keyWidth: 1, relativeBuckets: 8, relativeMaxDistance: 20 },
    encode: () => Promise.resolve({ shape: { batch: 1, source: 16 }, feeds: {} }),
    score: () => Promise.resolve(Float32Array.of(-1, -2)),
    step: () => Promise.resolve({ nextIds: { data: BigInt64Array.of(BigInt(ids[at++] ?? 1)) } }),
  };
  return played as unknown as ModelRunner;
}

const format = applyPattern(findFormat('rte'), {
  pattern: { template: '{{ premise }}' },
  verbalizer: { labels: [{ label: 'entailment', words: ['yes', 'certainly', 'no'] }, { label: 'not_entailment', words: ['no', 'never'] }] },
});

async function answerOf(convention: EncodingRules['convention'], said: string): Promise<{ answer: string | undefined; answeredLabel: number | null | undefined; legalRate: number | undefined }> {
  const rules = { tokenizer, convention, maxSourceTokens: 32, maxTargetTokens: 32 };
  const ids = tokenizer.encode(said);
  // The position of the sentinel, whose answer nobody reads, comes first.
  const runner = playing(convention === 'span-corruption' ? [0, ...ids] : ids);
  const examples = [encodedExample([97, 1], [1], { label: 1, target: 'no' })];
  const results = await evaluateExamples({ runner, prompts: [0], rules, format, examples, microBatch: 1, onProgress: () => {}, isCancelled: () => false });
  const prediction = results?.[0]?.predictions[0];
  return { answer: prediction?.answer, answeredLabel: prediction?.answeredLabel, legalRate: results?.[0]?.legalRate };
}

describe.each(['lm-adapted', 'span-corruption'] as const)('a label with several words, %s', (convention) => {
  it.each([
    ['yes', 'yes', 0],
    ['certainly', 'yes', 0],
    ['never', 'no', 1],
    ['no', 'no', 1],
  ])('is said by “%s”, which counts as “%s”', async (said, answer, answeredLabel) => {
    expect(await answerOf(convention, said)).toEqual({ answer, answeredLabel, legalRate: 1 });
  });

  it('is not said by another word', async () => {
    expect(await answerOf(convention, 'maybe')).toMatchObject({ answer: 'maybe', answeredLabel: -1, legalRate: 0 });
  });
});
