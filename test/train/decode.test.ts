import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../main/backend/backend.ts';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import { forwardOutputs } from '../../main/model/t5-program.ts';
import { sourceFeeds, targetFeeds, type MicroBatch } from '../../main/train/batch.ts';
import { decodeGreedily, scoreCandidates } from '../../main/train/decode.ts';
import { openModelSource, type ModelSource } from '../../main/train/model-source.ts';
import { goldenPath, makeFolder } from '../model/make-files.ts';
import { openTinyT5, randomValues, tinyFamilies } from '../model/tiny-t5.ts';
import { createRunner, encodedExample } from './runner.ts';

const promptRows = 4;
const backend = createOnnxBackend({ provider: 'cpu', threads: 1 });
const micro: MicroBatch = {
  shape: { batch: 3, source: 8, target: 2 },
  examples: [[5, 9, 12, 7, 1], [31, 1], [33, 2, 8, 14, 3, 3, 25, 1]].map((source) => encodedExample(source, null)),
};

/** The slow way: the whole decoder again for every token. */
async function decodeWithoutCache(source: ModelSource, prompt: Float32Array, { prefix, maxTokens }: { prefix: readonly number[]; maxTokens: number }): Promise<number[][]> {
  const layout = { config: source.config, promptRows, prompts: 1, trainedWeights: new Set<string>(), trainables: [] };
  const said = micro.examples.map(() => [...prefix]);
  const target = prefix.length + maxTokens;
  const program = await backend.compile({ name: 'slow', outputs: forwardOutputs(layout, { ...micro.shape, target }), frozen: source.frozen });
  for (let length = prefix.length; length < target; length += 1) {
    const { logits } = await program.run({ ...sourceFeeds(micro), ...targetFeeds(said, target, { startId: source.config.decoderStartId, weight: 0 }), prompt });
    const width = source.config.vocabularySize;
    for (const [row, ids] of said.entries()) {
      const here = ((logits as Tensor).data as Float32Array).subarray((row * target + length) * width, (row * target + length + 1) * width);
      ids.push(here.indexOf(Math.max(...here)));
    }
  }
  await program.close();
  return said.map((ids) => ids.slice(prefix.length));
}

const open = (name: string): Promise<ModelSource> => openModelSource(goldenPath(`${name}/model`), { cacheDirectory: makeFolder(), fingerprint: null });
const models: [string, () => Promise<ModelSource>][] = [
  ['the golden T5 1.0', () => open('t5-v1_0')],
  ['the golden T5 1.1', () => open('t5-v1_1')],
  ['an untied T5 1.1', () => openTinyT5({ config: tinyFamilies['T5 1.1 (gated, untied)'] })],
];

describe.each(models)('greedy decoding of %s', (_name, openSource) => {
  let source: ModelSource;
  const answers = new Set<string>();
  beforeAll(async () => {
    source = await openSource();
  });

  it.each([[[]], [[17]], [[9, 30, 2]]])('with its cache says what the whole decoder says, behind the prefix %j', async (prefix) => {
    for (const seed of [1, 2, 3]) {
      const prompt = randomValues(promptRows * source.config.width, seed, 4);
      const runner = createRunner(source, { promptRows, parameters: [{ name: 'prompt', shape: [promptRows, source.config.width], values: prompt }] });
      const rules = { prefix, maxTokens: 9 };
      const decoded = await decodeGreedily(runner, await runner.encode(micro), { ...rules, ends: new Set() });
      await runner.close();
      expect(decoded).toEqual(await decodeWithoutCache(source, prompt, rules));
      answers.add(JSON.stringify(decoded));
    }
  });

  it('depends on the prompt and on the prefix', () => {
    expect(answers.size).toBeGreaterThan(3);
  });

  it('ends a row at its end token, and stops when every row has ended', async () => {
    const prompt = randomValues(promptRows * source.config.width, 1, 4);
    const runner = createRunner(source, { promptRows, parameters: [{ name: 'prompt', shape: [promptRows, source.config.width], values: prompt }] });
    const encoded = await runner.encode(micro);
    const whole = await decodeGreedily(runner, encoded, { prefix: [], ends: new Set(), maxTokens: 6 });
    const ends = new Set([whole[0]?.[2] ?? -1]);
    const cut = await decodeGreedily(runner, encoded, { prefix: [], ends, maxTokens: 6 });
    await runner.close();
    const upToEnd = (ids: number[]): number[] => (ids.some((id) => ends.has(id)) ? ids.slice(0, ids.findIndex((id) => ends.has(id))) : ids);
    expect(cut).toEqual(whole.map(upToEnd));
    expect(cut[0]?.length).toBeLessThan(3);
  });
});

describe('candidates', () => {
  it('are scored the same whatever other candidates they are scored with, and their tokens are counted', async () => {
    const source = await openTinyT5({ config: tinyFamilies.mT5 });
    const runner = createRunner(source, { promptRows: 0, parameters: [] });
    const encoded = await runner.encode(micro);
    const [short, long] = [[7, 1], [6, 6, 20, 11, 1]];
    const together = await scoreCandidates(runner, encoded, [short, long]);
    const alone = await scoreCandidates(runner, encoded, [short]);
    await runner.close();
    expect(together.tokens).toEqual([2, 5]);
    for (let row = 0; row < 3; row += 1) expect(together.sums[row * 2]).toBeCloseTo(alone.sums[row] ?? Number.NaN, 4);
  });
});
