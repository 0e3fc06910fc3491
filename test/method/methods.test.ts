import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import { findMethod, findTrainingMethod, methods, trainingMethods, type AnyTrainingMethod } from '../../main/method/index.ts';
import { expectedTensors } from '../../main/model/tensor-names.ts';
import { forwardOutputs } from '../../main/model/t5-program.ts';
import { sourceFeeds, splitIntoMicroBatches, targetFeeds } from '../../main/train/batch.ts';
import { openModelSource, type ModelSource } from '../../main/train/model-source.ts';
import { createOptimizer } from '../../main/train/optimizer.ts';
import { emptyParameters, type Parameter } from '../../main/train/parameter.ts';
import { createGenerator } from '../../main/train/random.ts';
import { encodeTrained, loadTrained } from '../../main/train/training-state.ts';
import { makeFolder } from '../model/make-files.ts';
import { tinyFamilies, writeTinyT5 } from '../model/tiny-t5.ts';
import { createRunner, encodedExample } from '../train/runner.ts';

const examples = [[[5, 9, 12, 7, 1], [7, 3, 1]], [[4, 1], [11, 1]], [[33, 2, 8, 1], [6, 6, 20, 1]]].map(([source, target]) => encodedExample(source ?? [], target ?? null));
const [micro = splitIntoMicroBatches([], { microBatch: 4, promptRows: 0 })[0]] = splitIntoMicroBatches(examples, { microBatch: 4, promptRows: 0 });

async function begin(method: AnyTrainingMethod, source: ModelSource, settings: ReturnType<AnyTrainingMethod['schema']['parse']>): Promise<Parameter[]> {
  const { trainables } = method.place(settings, source.config);
  const values = await method.initialise(settings, {
    model: source.config, embeddingRow: source.embeddingRow, tokenize: () => [5, 6], labels: ['yes', 'no'], weight: source.readWeight,
    readArray: () => Promise.reject(new Error('not asked for')), random: createGenerator(1, 'initialisation'),
  });
  return trainables.map((trainable, i) => ({ ...trainable, values: values[i] as Float32Array }));
}

async function logitsOf(source: ModelSource, promptRows: number, parameters: readonly Parameter[]): Promise<Float32Array> {
  if (micro === undefined) throw new Error('no batch');
  const names = parameters.map(({ name }) => name);
  const layout = { config: source.config, promptRows, prompts: 1, trainables: names, trainedWeights: new Set(names.filter((name) => name !== 'prompt')) };
  const program = await createOnnxBackend({ provider: 'cpu', threads: 1 }).compile({ name: 'logits', outputs: forwardOutputs(layout, micro.shape), frozen: source.frozen });
  const targets = micro.examples.map(({ target }) => target ?? []);
  const feeds = { ...sourceFeeds(micro), ...targetFeeds(targets, micro.shape.target, { startId: source.config.decoderStartId, weight: 1 }) };
  const { logits } = await program.run({ ...feeds, ...Object.fromEntries(parameters.map(({ name, values }) => [name, values])) });
  await program.close();
  return logits?.data as Float32Array;
}

/** sha256 of every file of a model. */
function hashes(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')]));
}

const families = Object.entries(tinyFamilies);
const cases = trainingMethods.flatMap((method) => families.map(([family, config]) => ({ id: method.id, family, config })));

describe.each(cases)('$id on $family', ({ id, config }) => {
  const method = findTrainingMethod(id);
  const settings = method.schema.parse(id === 'prompt-tuning' ? { promptLength: 3 } : {});

  it('trains exactly its own tensors, leaves the model’s files alone, and comes back from its file with the same logits', async () => {
    if (micro === undefined) throw new Error('no batch');
    const folder = writeTinyT5({ config });
    const before = hashes(folder);
    const source = await openModelSource(folder, { cacheDirectory: makeFolder(), fingerprint: null });
    const { promptRows, trainables } = method.place(settings, source.config);
    const parameters = await begin(method, source, settings);
    expect(parameters.map(({ shape, values }) => [shape.reduce((product, extent) => product * extent, 1), values.length])).toEqual(
      trainables.map(({ shape }) => [shape.reduce((product, extent) => product * extent, 1), shape.reduce((product, extent) => product * extent, 1)]),
    );
    const start = parameters.map(({ values }) => values.slice());
    const optimizer = createOptimizer(settings, parameters);
    const runner = createRunner(source, { promptRows, parameters });
    for (let step = 0; step < 3; step += 1) {
      const gradients = parameters.map(({ values }) => new Float32Array(values.length));
      await runner.accumulateGradients(micro, gradients, { tokenWeight: 0.1, dropout: createGenerator(1, 'dropout') });
      for (const [i, gradient] of gradients.entries()) expect(gradient.some((value) => value !== 0), `a gradient of ${parameters[i]?.name}`).toBe(true);
      optimizer.step(gradients, settings.learningRate);
    }
    await runner.close();
    for (const [i, { name, values }] of parameters.entries()) expect(values, name).not.toEqual(start[i]);
    expect(hashes(folder)).toEqual(before);

    const file = join(makeFolder(), 'trained.safetensors');
    writeFileSync(file, encodeTrained(parameters));
    const loaded = emptyParameters(trainables);
    await loadTrained(file, loaded);
    const reopened = await openModelSource(folder, { cacheDirectory: makeFolder(), fingerprint: source.fingerprint });
    const logits = await logitsOf(reopened, promptRows, loaded);
    expect(logits).toEqual(await logitsOf(source, promptRows, parameters));
    expect(logits).not.toEqual(await logitsOf(source, promptRows, parameters.map((parameter, i) => ({ ...parameter, values: start[i] as Float32Array }))));
  });
});

describe('full tuning', () => {
  it('begins as the model itself', async () => {
    const method = findTrainingMethod('full-tuning');
    for (const [, config] of families) {
      const source = await openModelSource(writeTinyT5({ config }), { cacheDirectory: makeFolder(), fingerprint: null });
      const parameters = await begin(method, source, method.schema.parse({}));
      expect(parameters.map(({ name }) => name)).toEqual(expectedTensors(source.config).map(({ name }) => name));
      expect(await logitsOf(source, 0, parameters)).toEqual(await logitsOf(source, 0, []));
    }
  });
});

describe('the settings of a method', () => {
  it('of prompt tuning are the paper’s unless said otherwise', () => {
    expect(findTrainingMethod('prompt-tuning').schema.parse({})).toEqual({
      steps: 30_000, batchSize: 32, microBatch: 'auto', learningRate: 0.3, schedule: 'constant', warmupSteps: 0, optimizer: 'adafactor',
      weightDecay: 1e-5, weightDecayMode: 'absolute', beta2Exponent: 0.8, beta2StepOffset: 0, factored: 'never', clipThreshold: 1, parameterScale: false,
      adamBeta1: 0.9, adamBeta2: 0.999, adamEpsilon: 1e-8, gradientClip: 0, dropout: 0, evaluateEvery: 1000, checkpointEvery: 1000, selectBy: 'score',
      maxSourceTokens: 512, maxTargetTokens: 32, promptLength: 100, init: 'class-labels', initVocabulary: 5000, initText: '', initFile: '', initCheckpoint: '',
    });
  });

  it('of model tuning are those of the paper’s baseline', () => {
    expect(findTrainingMethod('full-tuning').schema.parse({})).toMatchObject({ learningRate: 0.001, schedule: 'constant', optimizer: 'adafactor', weightDecay: 0, factored: 'matrices' });
  });

  it.each(trainingMethods.map(({ id }) => [id]))('of %s take text for numbers and switches, and no unknown key', (id) => {
    const { schema } = findTrainingMethod(id);
    expect(schema.parse({ steps: '7', learningRate: '1e-2', parameterScale: 'true', microBatch: '4' })).toMatchObject({ steps: 7, learningRate: 0.01, parameterScale: true, microBatch: 4 });
    const parsed = schema.safeParse({ learningrate: 1 });
    expect(parsed.success).toBe(false);
    expect(parsed.error?.issues).toMatchObject([{ code: 'unrecognized_keys', keys: ['learningrate'] }]);
    for (const bad of [{ steps: 0 }, { steps: 1.5 }, { steps: 'many' }, { learningRate: 0 }, { learningRate: 'NaN' }, { learningRate: Infinity }, { dropout: 1 }, { optimizer: 'sgd' }, { microBatch: 0 }, { parameterScale: 'maybe' }]) {
      expect(schema.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
    }
  });

  it.each(methods.map(({ id }) => [id]))('of %s say nothing that its schema does not take back', (id) => {
    const { schema } = findMethod(id);
    expect(schema.parse(schema.parse({}))).toEqual(schema.parse({}));
    expect(schema.safeParse({ maxSourcetokens: 5 }).success).toBe(false);
  });

  it('belong to a method that exists', () => {
    expect(() => findMethod('prompt tuning')).toThrow(expect.objectContaining({ code: 'method-unknown', expected: 'one of prompt-tuning, full-tuning, prompt-design' }));
    expect(() => findTrainingMethod('prompt-design')).toThrow(expect.objectContaining({ code: 'method-unknown', expected: 'one of prompt-tuning, full-tuning' }));
  });
});
