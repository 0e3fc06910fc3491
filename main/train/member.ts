/**
 * One run among those that share a model's passes: its own examples' order, its own tensors, optimizer and progress. Nothing in it
 * depends on the others.
 */
import { Problem } from '../contract/problem.ts';
import type { TrainingSettings } from '../method/part/training-settings.ts';
import { DataOrder } from './data-order.ts';
import type { EncodedExample } from './encoding.ts';
import type { TrainingExample, ModelRunner } from './model-runner.ts';
import { clipGradients } from './optimizer.ts';
import type { Optimizer, Parameter } from './parameter.ts';
import { createGenerator, restoreGenerator, type Generator } from './random.ts';
import { learningRateAt } from './schedule.ts';
import { encodeState, recentLossLimit, type Progress } from './training-state.ts';

/** Weight of the past in the loss that is shown. */
const smoothing = 0.95;

export interface MemberParts {
  /** Its place among the runs of its group, and of its prompt in the runner. */
  readonly index: number;
  readonly seed: number;
  readonly parameters: readonly Parameter[];
  readonly optimizer: Optimizer;
  readonly progress: Progress;
}

export interface StepReport {
  readonly member: number;
  readonly step: number;
  readonly loss: number;
  readonly smoothedLoss: number;
  readonly learningRate: number;
}

export function freshProgress(seed: number): Progress {
  return {
    step: 0, dataPosition: { epoch: 0, offset: 0 }, dropoutState: createGenerator(seed, 'dropout').state(), smoothedLoss: null,
    recentLosses: [], sourceTokens: { padded: 0, all: 0 }, seconds: 0, checkpoints: [],
  };
}

export class Member {
  readonly index: number;
  readonly parameters: readonly Parameter[];
  readonly progress: Progress;
  /** In the order of the parameters; of the step in hand. */
  readonly gradients: readonly Float32Array[];
  readonly #optimizer: Optimizer;
  readonly #order: DataOrder;
  readonly #dropout: Generator;

  constructor({ index, seed, parameters, optimizer, progress }: MemberParts, trainExamples: number) {
    this.index = index;
    this.parameters = parameters;
    this.progress = progress;
    this.gradients = parameters.map(({ values }) => new Float32Array(values.length));
    this.#optimizer = optimizer;
    this.#order = new DataOrder(seed, trainExamples);
    this.#dropout = restoreGenerator(progress.dropoutState);
  }

  /** The examples of its next step, each with its weight in the run's loss and its generator; moves the position on, clears the gradients. */
  takeBatch(train: readonly EncodedExample[], { size, runner }: { size: number; runner: ModelRunner }): TrainingExample[] {
    const batch = this.#order.take(this.progress.dataPosition, size).map((i) => train[i] as EncodedExample);
    const tokenWeight = 1 / batch.reduce((total, { target }) => total + (target?.length ?? 0), 0);
    for (const gradient of this.gradients) gradient.fill(0);
    return batch.map((example) => ({ ...example, prompt: this.index, tokenWeight, dropout: runner.drawDropout(this.#dropout) }));
  }

  /**
   * Updates the parameters by the gradients of the step.
   * @throws {Problem} `loss-not-finite`, `gradient-not-finite`, before anything is updated
   */
  finishStep(loss: number, settings: TrainingSettings): StepReport {
    const { progress } = this;
    requireFinite('loss', loss, progress.step);
    requireFinite('gradient', clipGradients(this.gradients, settings.gradientClip), progress.step);
    const learningRate = learningRateAt(settings, progress.step);
    this.#optimizer.step(this.gradients, learningRate);
    progress.step += 1;
    progress.smoothedLoss = progress.smoothedLoss === null ? loss : smoothing * progress.smoothedLoss + (1 - smoothing) * loss;
    progress.recentLosses.push(loss);
    if (progress.recentLosses.length > recentLossLimit) progress.recentLosses.shift();
    return { member: this.index, step: progress.step, loss, smoothedLoss: progress.smoothedLoss, learningRate };
  }

  /** Everything that the run needs to go on, as the bytes of a file. */
  encodeState(): Uint8Array {
    this.progress.dropoutState = this.#dropout.state();
    return encodeState({ parameters: this.parameters, optimizer: this.#optimizer }, this.progress);
  }
}

/** A gradient may overflow where the loss does not, and would spoil the tensors that are saved next. */
function requireFinite(what: 'loss' | 'gradient', value: number, step: number): void {
  if (Number.isFinite(value)) return;
  throw new Problem({
    code: `${what}-not-finite`,
    kind: 'failure',
    found: what === 'loss' ? `a loss of ${value} at step ${step + 1}` : `a gradient whose norm is ${value} at step ${step + 1}`,
    expected: 'a number',
    action: 'Lower the learning rate (--set learningRate=…) and start anew; checkpoints up to here are kept.',
  });
}
