/**
 * Our engine against reference values of transformers, PEFT and PyTorch: relative errors ‖ours − reference‖ / ‖reference‖.
 * Works on any folder of the format that README.md describes.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Feeds } from '../../main/backend/backend.ts';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import { fullTuning } from '../../main/method/full-tuning.ts';
import { promptTuning } from '../../main/method/prompt-tuning.ts';
import { readSafetensorsHeader } from '../../main/model/safetensors.ts';
import { forwardOutputs, type Outputs, type T5Layout } from '../../main/model/t5-program.ts';
import { readTensorAsFloat32Sync } from '../../main/model/tensor-data.ts';
import { expectedTensors } from '../../main/model/tensor-names.ts';
import { sourceFeeds, targetFeeds, type MicroBatch } from '../../main/train/batch.ts';
import { decodeGreedily } from '../../main/train/decode.ts';
import { ModelRunner } from '../../main/train/model-runner.ts';
import { openModelSource, type ModelSource } from '../../main/train/model-source.ts';
import { createOptimizer } from '../../main/train/optimizer.ts';
import type { Parameter } from '../../main/train/parameter.ts';
import { createGenerator } from '../../main/train/random.ts';
import { readExpectedAdapter, readGoldenCase, type GoldenCase } from './case.ts';

/** Relative errors by key; `greedy_equal` is a verdict. */
export type GoldenErrors = Record<string, number | boolean>;

const backend = createOnnxBackend({ provider: 'cpu', threads: 1 });

export async function compareWithGolden(folder: string): Promise<GoldenErrors> {
  const golden = await readGoldenCase(folder);
  const cacheDirectory = mkdtempSync(join(tmpdir(), 'souffleur-golden-'));
  try {
    const open = (name: string): Promise<ModelSource> => openModelSource(join(folder, name), { cacheDirectory, fingerprint: null });
    const source = await open('model');
    const comparison = new Comparison(golden, source);
    return {
      ...(await comparison.forward()),
      ...(await comparison.gradients()),
      greedy_equal: await comparison.isGreedyEqual(),
      ...(await comparison.promptOptimizers()),
      ...(await comparison.fullTuning()),
      ...(await comparison.adapters(folder)),
      ...(await otherWeights(folder, golden, open)),
    };
  } finally {
    rmSync(cacheDirectory, { recursive: true });
  }
}

/** @param folder a golden folder. @returns f32[b, t, v], flat: our logits for its batch behind a prompt f32[P, d]. */
export async function forwardLogits(folder: string, prompt: Float32Array): Promise<Float32Array> {
  const cacheDirectory = mkdtempSync(join(tmpdir(), 'souffleur-golden-'));
  try {
    const source = await openModelSource(join(folder, 'model'), { cacheDirectory, fingerprint: null });
    return (await new Comparison(await readGoldenCase(folder), source).run(prompt)).logits;
  } finally {
    rmSync(cacheDirectory, { recursive: true });
  }
}

/** The same weights as a torch zip or as bf16 shards, where the folder has them. */
async function otherWeights(folder: string, golden: GoldenCase, open: (name: string) => Promise<ModelSource>): Promise<GoldenErrors> {
  const errors: GoldenErrors = {};
  for (const [key, name] of [['torch_bin', 'model-torch-bin'], ['sharded_bf16', 'model-sharded-bf16']] as const) {
    if (!existsSync(join(folder, name))) continue;
    const { loss, logits } = await new Comparison(golden, await open(name)).run(Float32Array.from(golden.prompt));
    errors[`${key}.loss`] = relativeError(loss, [golden.with_prompt.loss]);
    errors[`${key}.logits`] = relativeError(logits, golden.with_prompt.logits);
  }
  return errors;
}

class Comparison {
  readonly #golden: GoldenCase;
  readonly #source: ModelSource;
  readonly #micro: MicroBatch;
  readonly #tokenWeight: number;

  constructor(golden: GoldenCase, source: ModelSource) {
    const { S, T } = golden.config;
    this.#golden = golden;
    this.#source = source;
    this.#micro = {
      shape: { batch: golden.source_ids.length, source: S, target: T },
      examples: golden.source_ids.map((ids, row) => ({
        example: { id: String(row), input: '', target: null, label: null, group: null, answers: [], line: 1 },
        source: ids.filter((_, column) => golden.source_mask[row]?.[column] === 1),
        target: (golden.target_ids[row] ?? []).filter((id) => id >= 0),
        isTruncated: false,
      })),
    };
    this.#tokenWeight = 1 / golden.target_ids.flat().filter((id) => id >= 0).length;
  }

  async forward(): Promise<GoldenErrors> {
    const { with_prompt: prompted, without_prompt: bare, config } = this.#golden;
    const withPrompt = await this.run(Float32Array.from(this.#golden.prompt));
    const without = await this.run(null);
    const firstLength = this.#micro.examples[0]?.source.length ?? 0;
    return {
      'with_prompt.loss': relativeError(withPrompt.loss, [prompted.loss]),
      'with_prompt.logits': relativeError(withPrompt.logits, prompted.logits),
      'without_prompt.loss': relativeError(without.loss, [bare.loss]),
      'without_prompt.logits': relativeError(without.logits, bare.logits),
      'without_prompt.encoder_state_row0': relativeError(without.encoderStates.subarray(0, firstLength * config.d), bare.encoder_state_row0),
    };
  }

  /** Loss, logits and encoder states with or without a prompt. */
  async run(prompt: Float32Array | null): Promise<{ loss: Float32Array; logits: Float32Array; encoderStates: Float32Array }> {
    const layout: T5Layout = {
      config: this.#source.config, promptRows: prompt === null ? 0 : this.#golden.config.P, prompts: 1, trainedWeights: new Set(), trainables: [],
    };
    return this.#evaluate(forwardOutputs(layout, this.#micro.shape), prompt === null ? {} : { prompt });
  }

  async #evaluate(outputs: Outputs, more: Feeds): Promise<{ loss: Float32Array; logits: Float32Array; encoderStates: Float32Array }> {
    const program = await backend.compile({ name: 'golden', outputs, frozen: this.#source.frozen });
    const targets = this.#micro.examples.map((example) => example.target ?? []);
    const feeds = targetFeeds(targets, this.#micro.shape.target, { startId: this.#source.config.decoderStartId, weight: this.#tokenWeight });
    const results = await program.run({ ...sourceFeeds(this.#micro), ...feeds, ...more });
    await program.close();
    const data = (name: string): Float32Array => results[name]?.data as Float32Array;
    return { loss: data('loss'), logits: data('logits'), encoderStates: data('encoderStates') };
  }

  async gradients(): Promise<GoldenErrors> {
    const names = Object.keys(this.#golden.weight_gradients);
    const parameters = [this.#prompt(), ...this.#weights(names)];
    const { gradients, close } = await this.#trainer(parameters, this.#golden.config.P);
    const found = await gradients();
    await close();
    return {
      'with_prompt.d_prompt': relativeError(found.values[0], this.#golden.with_prompt.d_prompt),
      ...Object.fromEntries(names.map((name, i) => [`weight_gradients.${name}`, relativeError(found.values[i + 1], this.#golden.weight_gradients[name] ?? [])])),
    };
  }

  async isGreedyEqual(): Promise<boolean> {
    const runner = this.#runner([this.#prompt()], this.#golden.config.P);
    const expected = this.#golden.greedy_with_prompt;
    const end = this.#source.config.eosId;
    const maxTokens = (expected[0]?.length ?? 1) - 1;
    const decoded = await decodeGreedily(runner, await runner.encode(this.#micro), { prefix: [], ends: new Set([end]), maxTokens });
    await runner.close();
    // transformers writes the decoder's start first, and pads a finished row after its end token.
    return expected.every((row, i) => {
      const ours = decoded[i] ?? [];
      const padded = [...ours, ...(ours.length < maxTokens ? [end] : [])];
      return row.slice(1).every((id, column) => id === (padded[column] ?? this.#source.config.padId));
    });
  }

  async promptOptimizers(): Promise<GoldenErrors> {
    const { adafactor, adamw } = this.#golden;
    const settings = {
      adafactor: { optimizer: 'adafactor', learningRate: adafactor.lr, weightDecay: adafactor.weight_decay_per_step, beta2Exponent: adafactor.beta2_exponent },
      adamw: {
        optimizer: 'adamw', learningRate: adamw.lr, weightDecay: adamw.weight_decay, weightDecayMode: 'times-learning-rate',
        adamBeta1: adamw.betas[0], adamBeta2: adamw.betas[1], adamEpsilon: adamw.eps,
      },
    };
    const errors: GoldenErrors = {};
    for (const key of ['adafactor', 'adamw'] as const) {
      const prompt = this.#prompt();
      const losses = await this.#train([prompt], { promptRows: this.#golden.config.P, steps: this.#golden[key].steps, settings: promptTuning.schema.parse(settings[key]) });
      errors[`${key}.losses`] = relativeError(losses, this.#golden[key].losses);
      errors[`${key}.prompt_after`] = relativeError(prompt.values, this.#golden[key].prompt_after);
    }
    return errors;
  }

  async fullTuning(): Promise<GoldenErrors> {
    const { full_tuning: reference } = this.#golden;
    const parameters = this.#weights(expectedTensors(this.#source.config).map(({ name }) => name));
    const settings = fullTuning.schema.parse({ learningRate: reference.lr });
    const losses = await this.#train(parameters, { promptRows: 0, steps: reference.steps, settings });
    const after = Object.entries(reference.weight_after).map(([name, values]) =>
      [`full_tuning.weight_after.${name}`, relativeError(parameters.find((parameter) => parameter.name === name)?.values, values)] as const);
    return { 'full_tuning.losses': relativeError(losses, reference.losses), ...Object.fromEntries(after) };
  }

  /** PEFT's adapters: only the first P rows are used, however many are stored. */
  async adapters(folder: string): Promise<GoldenErrors> {
    const errors: GoldenErrors = {};
    for (const submodules of [1, 2]) {
      const directory = join(folder, `peft-submodules-${submodules}`);
      if (!existsSync(directory)) continue;
      const { entries } = await readSafetensorsHeader(join(directory, 'adapter_model.safetensors'));
      const stored = entries.find((entry) => entry.name === 'prompt_embeddings');
      if (stored === undefined) throw new Error(`${directory} holds no prompt_embeddings`);
      const rows = readTensorAsFloat32Sync(stored).slice(0, this.#golden.config.P * this.#golden.config.d);
      const expected = await readExpectedAdapter(directory);
      const { loss, logits } = await this.run(rows);
      errors[`peft_submodules_${submodules}.loss`] = relativeError(loss, [expected.loss]);
      errors[`peft_submodules_${submodules}.logits`] = relativeError(logits, expected.logits);
    }
    return errors;
  }

  async #train(parameters: Parameter[], options: { promptRows: number; steps: number; settings: ReturnType<typeof fullTuning.schema.parse> }): Promise<number[]> {
    const { gradients, close } = await this.#trainer(parameters, options.promptRows);
    const optimizer = createOptimizer(options.settings, parameters);
    const losses: number[] = [];
    for (let step = 0; step < options.steps; step += 1) {
      const { loss, values } = await gradients();
      losses.push(loss);
      optimizer.step(values, options.settings.learningRate);
    }
    await close();
    return losses;
  }

  async #trainer(parameters: Parameter[], promptRows: number) {
    const runner = this.#runner(parameters, promptRows);
    const dropout = createGenerator(0, 'dropout');
    const gradients = async (): Promise<{ loss: number; values: Float32Array[] }> => {
      const values = parameters.map((parameter) => new Float32Array(parameter.values.length));
      return { loss: await runner.accumulateGradients(this.#micro, values, { tokenWeight: this.#tokenWeight, dropout }), values };
    };
    return { gradients, close: () => runner.close() };
  }

  #runner(parameters: Parameter[], promptRows: number): ModelRunner {
    return new ModelRunner({ backend, config: this.#source.config, frozen: this.#source.frozen, promptRows, parameters, dropoutRate: 0 });
  }

  #prompt(): Parameter {
    const { P, d } = this.#golden.config;
    return { name: 'prompt', shape: [P, d], values: Float32Array.from(this.#golden.prompt) };
  }

  #weights(names: readonly string[]): Parameter[] {
    const shapes = new Map(expectedTensors(this.#source.config).map(({ name, shape }) => [name, shape]));
    return names.map((name) => ({ name, shape: shapes.get(name) ?? [], values: this.#source.readWeight(name) }));
  }
}

/** ‖ours − reference‖ / ‖reference‖; infinite where lengths disagree, so that nothing passes by being absent. */
export function relativeError(ours: ArrayLike<number> | undefined, reference: readonly number[]): number {
  if (ours === undefined || ours.length !== reference.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let norm = 0;
  for (const [i, expected] of reference.entries()) {
    difference += ((ours[i] ?? Number.NaN) - expected) ** 2;
    norm += expected ** 2;
  }
  return Math.sqrt(difference / norm);
}
