/**
 * A model with its trained tensors, ready to run: graphs are compiled per shape on first use and the least used are let go.
 * Several prompts may share it: each example of a pass then has its own. Knows no task and no file.
 */
import type { Backend, CompiledProgram, Feeds, FrozenWeights, Tensor } from '../backend/backend.ts';
import type { T5Config } from '../model/config.ts';
import {
  encodingOutputs, scoringOutputs, sourceInputs, stepOutputs, trainingOutputs, type BatchShape, type Outputs, type PromptPlace, type T5Layout,
} from '../model/t5-program.ts';
import { sourceFeeds, sourceOrder, targetFeeds, type MicroBatch, type SizedExample } from './batch.ts';
import { drawExampleState, dropoutFeeds, type DroppedExample } from './dropout.ts';
import type { Parameter } from './parameter.ts';
import type { GeneratorState } from '../random/xoshiro.ts';
import type { Generator } from './random.ts';

/** Compiled graphs kept: more than the buckets, sizes and kinds of a usual run; each takes a few megabytes. */
const maxPrograms = 96;

export interface ModelRunnerParts {
  readonly backend: Backend;
  readonly config: T5Config;
  readonly frozen: FrozenWeights;
  readonly promptRows: number;
  /** What one run trains; or the prompts, of equal shape, of several runs that share every pass. */
  readonly parameters: readonly Parameter[];
  readonly dropoutRate: number;
}

/** An example of a pass. */
export interface PassExample extends SizedExample {
  /** Position of its prompt among those that share the pass; the only one, or the first, where it is not said. */
  readonly prompt?: number;
}

/** An example that is learned from. */
export interface TrainingExample extends PassExample, DroppedExample {
  /** Of each of its target tokens in its run's loss. */
  readonly tokenWeight: number;
}

export class ModelRunner {
  readonly config: T5Config;
  readonly parameters: readonly Parameter[];
  readonly #backend: Backend;
  readonly #frozen: FrozenWeights;
  readonly #layout: T5Layout;
  readonly #dropoutRate: number;
  /** In order of use, the latest last. */
  readonly #programs = new Map<string, CompiledProgram>();

  constructor(parts: ModelRunnerParts) {
    this.config = parts.config;
    this.parameters = parts.parameters;
    this.#backend = parts.backend;
    this.#frozen = parts.frozen;
    this.#dropoutRate = parts.dropoutRate;
    const names = [...new Set(parts.parameters.map((parameter) => parameter.name))];
    const prompts = parts.parameters.filter(({ name }) => name === 'prompt').length;
    if (names.length < parts.parameters.length && names.length > 1) throw new Error('runs that train more than a prompt cannot share a model');
    this.#layout = {
      config: parts.config,
      promptRows: parts.promptRows,
      prompts: Math.max(1, prompts),
      trainables: names,
      trainedWeights: new Set(names.filter((name) => name !== 'prompt')),
    };
  }

  get promptRows(): number {
    return this.#layout.promptRows;
  }

  /** Prompts that share a pass; 1 also where none is trained. */
  get prompts(): number {
    return this.#layout.prompts;
  }

  /**
   * Adds the gradients of one micro-batch to `gradients` (in the order of the parameters); its examples weigh the same.
   * @param options `tokenWeight` of a target token in the step's loss.
   * @returns the micro-batch's share of the loss.
   */
  async accumulateGradients(micro: MicroBatch, gradients: readonly Float32Array[], options: { tokenWeight: number; dropout: Generator }): Promise<number> {
    const { tokenWeight, dropout } = options;
    const examples = micro.examples.map((example) => ({ ...example, tokenWeight, dropout: this.drawDropout(dropout) }));
    const losses = new Float64Array(1);
    await this.accumulateStep({ ...micro, examples }, { gradients, losses });
    return losses[0] ?? Number.NaN;
  }

  /** An example's own generator, from its run's; a model without dropout takes nothing from it. */
  drawDropout(run: Generator): GeneratorState {
    return this.#dropoutRate > 0 ? drawExampleState(run) : run.state();
  }

  /**
   * Adds the gradients and losses of one micro-batch to `sums`: gradients in the order of the parameters, losses one a prompt that
   * shares the pass.
   */
  async accumulateStep(micro: MicroBatch<TrainingExample>, sums: { gradients: readonly Float32Array[]; losses: Float64Array }): Promise<void> {
    const dropout = this.#dropoutRate > 0 ? 'masks' : 'none';
    const promptPlace = this.#promptPlace(micro);
    const program = await this.#program(`train ${dropout} ${promptPlace}`, micro.shape, () =>
      trainingOutputs({ ...this.#layout, promptPlace }, micro.shape, { dropout }));
    const targets = micro.examples.map((example) => example.target ?? []);
    const weight = micro.examples.map(({ tokenWeight }) => tokenWeight);
    const outputs = await program.run({
      ...this.#parameterFeeds(micro),
      ...this.#sourceFeeds(micro),
      ...targetFeeds(targets, micro.shape.target, { startId: this.config.decoderStartId, weight }),
      ...(dropout === 'none' ? {} : dropoutFeeds(program.inputs, micro.examples, { rate: this.#dropoutRate, promptRows: this.promptRows })),
    });
    if (this.prompts === 1) {
      sums.losses[0]! += (outputs['loss']?.data[0] ?? Number.NaN) as number;
      for (const [i, { name }] of this.parameters.entries()) addTo(sums.gradients[i] as Float32Array, outputs[`gradient/${name}`]?.data as Float32Array);
      return;
    }
    const losses = outputs['exampleLosses']?.data as Float32Array;
    for (const [row, { prompt = 0 }] of micro.examples.entries()) sums.losses[prompt]! += losses[row] ?? Number.NaN;
    const all = outputs['gradient/prompt']?.data as Float32Array;
    for (const [i, gradient] of sums.gradients.entries()) addTo(gradient, all.subarray(i * gradient.length, (i + 1) * gradient.length));
  }

  /** One encoder pass; the result feeds `score` and `step`. */
  async encode(micro: MicroBatch<PassExample>): Promise<EncodedSource> {
    const { batch, source } = micro.shape;
    const promptPlace = this.#promptPlace(micro);
    const program = await this.#program(`encode ${promptPlace}`, { batch, source }, () => encodingOutputs({ ...this.#layout, promptPlace }, micro.shape));
    const outputs = await program.run({ ...this.#parameterFeeds(micro), ...this.#sourceFeeds(micro) });
    return { shape: { batch, source }, feeds: dataOf(outputs) };
  }

  /** @param feeds candidateDecoderIds, candidateIds, candidateWeights of [c, t]. @returns f32[b, c] */
  async score(encoded: EncodedSource, size: { candidates: number; target: number }, feeds: Feeds): Promise<Float32Array> {
    const shape = { ...encoded.shape, ...size };
    const program = await this.#program('score', shape, () => scoringOutputs(this.#layout, shape));
    const outputs = await program.run({ ...this.#parameterFeeds(), ...encoded.feeds, ...feeds });
    return outputs['logProbabilities']?.data as Float32Array;
  }

  /** One greedy step. @param feeds stepIds, here, future, buckets and the cache. */
  async step(encoded: EncodedSource, target: number, feeds: Feeds): Promise<Record<string, Tensor>> {
    const shape: BatchShape = { ...encoded.shape, target };
    const program = await this.#program('step', shape, () => stepOutputs(this.#layout, shape));
    return program.run({ ...this.#parameterFeeds(), ...encoded.feeds, ...feeds });
  }

  async close(): Promise<void> {
    for (const program of this.#programs.values()) await program.close();
    this.#programs.clear();
  }

  async #program(kind: string, shape: object, build: () => Outputs): Promise<CompiledProgram> {
    const key = `${kind} ${JSON.stringify(shape)}`;
    const known = this.#programs.get(key);
    if (known !== undefined) {
      this.#programs.delete(key);
      this.#programs.set(key, known);
      return known;
    }
    const [oldest] = this.#programs;
    if (this.#programs.size >= maxPrograms && oldest !== undefined) {
      this.#programs.delete(oldest[0]);
      await oldest[1].close();
    }
    const program = await this.#backend.compile({ name: key, outputs: build(), frozen: this.#frozen });
    this.#programs.set(key, program);
    return program;
  }

  /** A pass whose prompts all stand in front needs no reordering. */
  #promptPlace({ examples }: MicroBatch<SizedExample>): PromptPlace {
    return this.promptRows > 0 && examples.some(({ softRows }) => softRows !== undefined) ? 'ordered' : 'front';
  }

  #sourceFeeds(micro: MicroBatch<SizedExample>): Feeds {
    const feeds = sourceFeeds(micro);
    return this.#promptPlace(micro) === 'front' ? feeds : { ...feeds, [sourceInputs.order]: sourceOrder(micro, this.promptRows) };
  }

  #parameterFeeds(micro: MicroBatch<PassExample> | null = null): Feeds {
    if (this.prompts === 1) return Object.fromEntries(this.parameters.map(({ name, values }) => [name, values]));
    // Scoring and decoding stand behind the encoder: no prompt reaches them.
    if (micro === null) return {};
    const size = this.parameters[0]?.values.length ?? 0;
    const prompt = new Float32Array(this.prompts * size);
    for (const [i, { values }] of this.parameters.entries()) prompt.set(values, i * size);
    return { prompt, promptIndex: BigInt64Array.from(micro.examples, (example) => BigInt(example.prompt ?? 0)) };
  }
}

/** What scoring and decoding need of an encoder pass. */
export interface EncodedSource {
  readonly shape: { readonly batch: number; readonly source: number };
  readonly feeds: Feeds;
}

function dataOf(outputs: Record<string, Tensor>): Feeds {
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, tensor.data]));
}

function addTo(sum: Float32Array, part: Float32Array): void {
  for (let i = 0; i < sum.length; i += 1) sum[i]! += part[i]!;
}
