/**
 * A model with its trained tensors, ready to run: graphs are compiled per shape on first use and the least used are let go.
 * Knows no task and no file.
 */
import type { Backend, CompiledProgram, Feeds, FrozenWeights, Tensor } from '../backend/backend.ts';
import type { T5Config } from '../model/config.ts';
import {
  encodingOutputs, isDropoutInput, scoringOutputs, stepOutputs, trainingOutputs, type BatchShape, type Outputs, type T5Layout,
} from '../model/t5-program.ts';
import { sourceFeeds, targetFeeds, type MicroBatch } from './batch.ts';
import type { Parameter } from './parameter.ts';
import type { Generator } from './random.ts';

/** Compiled graphs kept: more than the buckets, sizes and kinds of a usual run; each takes a few megabytes. */
const maxPrograms = 96;

export interface ModelRunnerParts {
  readonly backend: Backend;
  readonly config: T5Config;
  readonly frozen: FrozenWeights;
  readonly promptRows: number;
  readonly parameters: readonly Parameter[];
  readonly dropoutRate: number;
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
    const names = parts.parameters.map((parameter) => parameter.name);
    this.#layout = {
      config: parts.config,
      promptRows: parts.promptRows,
      trainables: names,
      trainedWeights: new Set(names.filter((name) => name !== 'prompt')),
    };
  }

  get promptRows(): number {
    return this.#layout.promptRows;
  }

  /**
   * Adds the gradients of one micro-batch to `gradients` (in the order of the parameters).
   * @param tokenWeight weight of a target token in the step's loss.
   * @returns the micro-batch's share of the loss.
   */
  async accumulateGradients(micro: MicroBatch, gradients: readonly Float32Array[], options: { tokenWeight: number; dropout: Generator }): Promise<number> {
    const dropout = this.#dropoutRate > 0 ? 'masks' : 'none';
    const program = await this.#program(`train ${dropout}`, micro.shape, () => trainingOutputs(this.#layout, micro.shape, { dropout }));
    const targets = micro.examples.map((example) => example.target ?? []);
    const outputs = await program.run({
      ...this.#parameterFeeds(),
      ...sourceFeeds(micro),
      ...targetFeeds(targets, micro.shape.target, { startId: this.config.decoderStartId, weight: options.tokenWeight }),
      ...this.#dropoutFeeds(program, options.dropout),
    });
    for (const [i, parameter] of this.parameters.entries()) {
      addTo(gradients[i] as Float32Array, outputs[`gradient/${parameter.name}`]?.data as Float32Array);
    }
    return (outputs['loss']?.data[0] ?? Number.NaN) as number;
  }

  /** One encoder pass; the result feeds `score` and `step`. */
  async encode(micro: MicroBatch): Promise<EncodedSource> {
    const { batch, source } = micro.shape;
    const program = await this.#program('encode', { batch, source }, () => encodingOutputs(this.#layout, micro.shape));
    const outputs = await program.run({ ...this.#parameterFeeds(), ...sourceFeeds(micro) });
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

  #parameterFeeds(): Feeds {
    return Object.fromEntries(this.parameters.map(({ name, values }) => [name, values]));
  }

  /** Masks are drawn here and not by onnxruntime, whose generators cannot be saved: a resumed run must draw the same. */
  #dropoutFeeds(program: CompiledProgram, random: Generator): Feeds {
    const feeds: Record<string, Float32Array> = {};
    const kept = 1 / (1 - this.#dropoutRate);
    const threshold = this.#dropoutRate * 2 ** 32;
    for (const [name, type] of program.inputs) {
      if (!isDropoutInput(name)) continue;
      const mask = new Float32Array(type.shape.reduce((product, extent) => product * extent, 1));
      for (let i = 0; i < mask.length; i += 1) mask[i] = random.nextUint32() < threshold ? 0 : kept;
      feeds[name] = mask;
    }
    return feeds;
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
