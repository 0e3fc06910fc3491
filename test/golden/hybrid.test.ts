import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import { forwardOutputs } from '../../main/model/t5-program.ts';
import { findFormat } from '../../main/task/index.ts';
import { applyPattern } from '../../main/task/pattern/apply-pattern.ts';
import { loadTokenizerSync } from '../../main/token/index.ts';
import { sourceFeeds, sourceOrder, targetFeeds, type MicroBatch } from '../../main/train/batch.ts';
import { encodeExample, type EncodedExample } from '../../main/train/encoding.ts';
import { openModelSource } from '../../main/train/model-source.ts';
import { createGenerator } from '../../main/train/random.ts';
import { createRunner } from '../train/runner.ts';
import { relativeError } from './compare.ts';

const numbers = z.array(z.number());
const caseSchema = z.object({ ids: z.array(z.array(z.number().nullable())), targets: z.array(numbers), loss: z.number(), logits: z.array(numbers), gradient: numbers });
const expectedSchema = z.object({
  rows: z.array(z.object({ premise: z.string(), hypothesis: z.string(), word: z.string() })),
  models: z.record(z.string(), z.object({ prompt: numbers, cases: z.record(z.enum(['lm-adapted', 'span-corruption']), caseSchema) })),
});
const { rows, models } = expectedSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'hybrid/expected.json'), 'utf8')));
const tokenizer = loadTokenizerSync(join(import.meta.dirname, '../token/fixture/tokenizer.json'));
const words = ['good', 'never here'];
const format = applyPattern(findFormat('rte'), {
  pattern: { template: '{{ premise }} {{ soft(3) }}{{ hypothesis }}? {{ answer }}. {{ soft(2) }} here' },
  verbalizer: { labels: [{ label: 'entailment', words: ['good'] }, { label: 'not_entailment', words: ['never here'] }] },
});
const promptRows = 5;

/** Ids with null for every soft row, as the reference writes them. */
function sequenceOf({ source, softRows = [] }: EncodedExample): (number | null)[] {
  const sequence: (number | null)[] = [...source];
  for (const { tokensBefore, rows: count } of softRows.toReversed()) sequence.splice(tokensBefore, 0, ...Array.from({ length: count }, () => null));
  return sequence;
}

const cases = Object.entries(models).flatMap(([model, { prompt, cases: byConvention }]) =>
  Object.entries(byConvention).map(([convention, expected]) => ({ model, convention: convention as 'lm-adapted' | 'span-corruption', prompt, expected })));

describe.each(cases)('a pattern with two soft slots within the text, $model, $convention', ({ model, convention, prompt, expected }) => {
  it('has transformers’ ids, logits, loss and gradient of the soft rows', async () => {
    const examples = rows.flatMap(({ premise, hypothesis, word }, index) =>
      format.examples({ index, line: index + 1, values: { premise, hypothesis, label: words.indexOf(word), idx: index } }, 'train'))
      .map((example) => encodeExample({ tokenizer, convention, maxSourceTokens: 512, maxTargetTokens: 32, slots: [3, 2] }, example));
    expect(examples.map(sequenceOf)).toEqual(expected.ids);
    expect(examples.map(({ target }) => target)).toEqual(expected.targets);

    const cacheDirectory = mkdtempSync(join(tmpdir(), 'souffleur-hybrid-'));
    const source = await openModelSource(join(import.meta.dirname, model, 'model'), { cacheDirectory, fingerprint: null });
    const micro: MicroBatch = { shape: { batch: 3, source: 64, target: 8 }, examples };
    const values = Float32Array.from(prompt);
    const tokenWeight = 1 / expected.targets.flat().length;

    const runner = createRunner(source, { promptRows, parameters: [{ name: 'prompt', shape: [promptRows, source.config.width], values }] });
    const gradient = new Float32Array(values.length);
    const loss = await runner.accumulateGradients(micro, [gradient], { tokenWeight, dropout: createGenerator(1, 'dropout') });
    await runner.close();
    expect(relativeError([loss], [expected.loss])).toBeLessThan(1e-5);
    expect(relativeError(gradient, expected.gradient)).toBeLessThan(2e-4);

    const layout = { config: source.config, promptRows, promptPlace: 'ordered', prompts: 1, trainables: [], trainedWeights: new Set<string>() } as const;
    const program = await createOnnxBackend({ provider: 'cpu', threads: 1 }).compile({ name: model, outputs: forwardOutputs(layout, micro.shape), frozen: source.frozen });
    const targets = targetFeeds(expected.targets, micro.shape.target, { startId: source.config.decoderStartId, weight: tokenWeight });
    const outputs = await program.run({ ...sourceFeeds(micro), ...targets, prompt: values, sourceOrder: sourceOrder(micro, promptRows) });
    await program.close();
    rmSync(cacheDirectory, { recursive: true });
    const width = source.config.vocabularySize;
    const logits = outputs['logits']?.data as Float32Array;
    for (const [row, reference] of expected.logits.entries()) {
      const start = row * micro.shape.target * width;
      expect(relativeError(logits.subarray(start, start + 2 * width), reference)).toBeLessThan(1e-4);
    }
  });
});
