/**
 * The training loop. Repeats bit for bit from a seed, and from any saved state: everything that a step depends on is in `Progress`,
 * the parameters and the moments. Effects (files, messages) belong to the caller's hooks.
 */
import { Problem } from '../contract/problem.ts';
import type { CheckpointRecord, Evaluation } from '../contract/worker-protocol.ts';
import type { TrainingSettings } from '../method/part/training-settings.ts';
import type { TaskFormat } from '../task/format.ts';
import { splitIntoMicroBatches } from './batch.ts';
import { DataOrder } from './data-order.ts';
import type { EncodedExample, EncodingRules } from './encoding.ts';
import { evaluateExamples, selectionScore, toEvaluation, type EvaluationResult } from './evaluation.ts';
import type { ModelRunner } from './model-runner.ts';
import { clipGradients } from './optimizer.ts';
import type { Optimizer } from './parameter.ts';
import { createGenerator, restoreGenerator, type Generator } from './random.ts';
import { learningRateAt } from './schedule.ts';
import { encodeState, encodeTrained, loadTrained, type Progress, recentLossLimit } from './training-state.ts';

/** Weight of the past in the loss that is shown. */
const smoothing = 0.95;

export interface StepReport {
  readonly step: number;
  readonly loss: number;
  readonly smoothedLoss: number;
  readonly learningRate: number;
}

export interface LoopHooks {
  onStep(report: StepReport): void;
  onEvaluation(done: number, total: number): void;
  onCheckpoint(record: CheckpointRecord): void;
  /** Asked between passes. */
  isCancelled(): boolean;
  /** Keeps the trained tensors of an evaluated step. @returns where. */
  keepTrained(step: number, bytes: Uint8Array): string;
  /** Lets go of a kept file. */
  dropTrained(file: string): void;
  /** @returns where the predictions lie. */
  keepPredictions(step: number, split: 'dev' | 'test', result: EvaluationResult): string;
  /** Replaces the state that a resume starts from, atomically. */
  saveState(bytes: Uint8Array): void;
  nowSeconds(): number;
}

export interface TrainingRun {
  readonly runner: ModelRunner;
  readonly optimizer: Optimizer;
  readonly settings: TrainingSettings;
  readonly seed: number;
  readonly rules: EncodingRules;
  readonly format: TaskFormat;
  readonly train: readonly EncodedExample[];
  readonly dev: readonly EncodedExample[] | null;
  readonly test: readonly EncodedExample[] | null;
  readonly hooks: LoopHooks;
}

export interface LoopResult {
  readonly progress: Progress;
  readonly best: CheckpointRecord;
  readonly test: Evaluation | null;
  readonly paddingShare: number;
}

/** Every evaluated set of tensors is kept up to this size (a prompt has 0.4 MB); of larger ones the best and the last. */
const keepAllBytes = 16 * 1024 * 1024;

export function freshProgress(seed: number): Progress {
  return {
    step: 0, dataPosition: { epoch: 0, offset: 0 }, dropoutState: createGenerator(seed, 'dropout').state(), smoothedLoss: null,
    recentLosses: [], sourceTokens: { padded: 0, all: 0 }, seconds: 0, checkpoints: [],
  };
}

/**
 * Trains from `progress` to the last step, evaluates, and looks at the test split once with the best checkpoint.
 * @returns null when cancelled; the state is saved then.
 * @throws {Problem} `loss-not-finite`, `gradient-not-finite`; earlier states and checkpoints stay.
 */
export async function trainToEnd(run: TrainingRun, progress: Progress): Promise<LoopResult | null> {
  const { settings, hooks, runner } = run;
  const gradients = runner.parameters.map(({ values }) => new Float32Array(values.length));
  const order = new DataOrder(run.seed, run.train.length);
  const dropout = restoreGenerator(progress.dropoutState);
  let startedSeconds = hooks.nowSeconds();
  const save = (): void => {
    const now = hooks.nowSeconds();
    progress.seconds += now - startedSeconds;
    startedSeconds = now;
    progress.dropoutState = dropout.state();
    hooks.saveState(encodeState({ parameters: runner.parameters, optimizer: run.optimizer }, progress));
  };
  for (;;) {
    if (hooks.isCancelled()) {
      save();
      return null;
    }
    if (isEvaluationDue(settings, progress)) {
      const evaluated = await evaluateCheckpoint(run, progress);
      save();
      if (evaluated === null) return null;
      // After the state that no longer names them: a run killed in between must not resume from files that are gone.
      for (const file of evaluated.superseded) hooks.dropTrained(file);
      hooks.onCheckpoint(evaluated.record);
    } else if (progress.step < settings.steps) {
      await trainStep(run, progress, { order, gradients, dropout });
      if (progress.step % settings.checkpointEvery === 0) save();
    } else {
      break;
    }
  }
  return finish(run, progress);
}

function isEvaluationDue({ steps, evaluateEvery }: TrainingSettings, { step, checkpoints }: Progress): boolean {
  const isMilestone = step === steps || (step > 0 && step % evaluateEvery === 0);
  return isMilestone && checkpoints.every((checkpoint) => checkpoint.step !== step);
}

async function trainStep(run: TrainingRun, progress: Progress, context: StepContext & { order: DataOrder }): Promise<void> {
  const { settings, hooks } = run;
  const batch = context.order.take(progress.dataPosition, settings.batchSize).map((i) => run.train[i] as EncodedExample);
  const loss = await accumulateBatch(run, { batch, sourceTokens: progress.sourceTokens }, context);
  requireFinite('loss', loss, progress.step);
  requireFinite('gradient', clipGradients(context.gradients, settings.gradientClip), progress.step);
  const learningRate = learningRateAt(settings, progress.step);
  run.optimizer.step(context.gradients, learningRate);
  progress.step += 1;
  progress.smoothedLoss = progress.smoothedLoss === null ? loss : smoothing * progress.smoothedLoss + (1 - smoothing) * loss;
  progress.recentLosses.push(loss);
  if (progress.recentLosses.length > recentLossLimit) progress.recentLosses.shift();
  hooks.onStep({ step: progress.step, loss, smoothedLoss: progress.smoothedLoss, learningRate });
}

async function finish(run: TrainingRun, progress: Progress): Promise<LoopResult | null> {
  const best = bestOf(progress.checkpoints);
  let test: Evaluation | null = null;
  if (run.test !== null) {
    if (best.file !== null) await loadTrained(best.file, run.runner.parameters);
    const result = await evaluate(run, run.test);
    if (result === null) return null;
    test = toEvaluation('test', result, run.hooks.keepPredictions(best.step, 'test', result));
  }
  const { padded, all } = progress.sourceTokens;
  return { progress, best, test, paddingShare: all === 0 ? 0 : padded / all };
}

function bestOf(checkpoints: readonly CheckpointRecord[]): CheckpointRecord {
  const best = checkpoints.findLast((checkpoint) => checkpoint.isBest);
  if (best === undefined) throw new Error('a run without an evaluated step has no best one');
  return best;
}

interface StepContext {
  /** Filled anew by every step. */
  gradients: readonly Float32Array[];
  dropout: Generator;
}

/** Sums loss and gradients over micro-batches, always in the same order. @returns mean loss per target token. */
async function accumulateBatch(
  run: TrainingRun,
  { batch, sourceTokens }: { batch: readonly EncodedExample[]; sourceTokens: Progress['sourceTokens'] },
  { gradients, dropout }: StepContext,
): Promise<number> {
  const { runner, settings } = run;
  for (const gradient of gradients) gradient.fill(0);
  const tokenWeight = 1 / batch.reduce((total, { target }) => total + (target?.length ?? 0), 0);
  let loss = 0;
  for (const micro of splitIntoMicroBatches(batch, { microBatch: settings.microBatch, promptRows: runner.promptRows })) {
    loss += await runner.accumulateGradients(micro, gradients, { tokenWeight, dropout });
    const cells = micro.shape.batch * micro.shape.source;
    sourceTokens.all += cells;
    sourceTokens.padded += cells - micro.examples.reduce((total, { source }) => total + source.length, 0);
  }
  return loss;
}

interface EvaluatedCheckpoint {
  record: CheckpointRecord;
  /** Files that no checkpoint names any more. */
  superseded: string[];
}

/**
 * Evaluates the current tensors on dev, keeps them, and settles which is the best so far. Without dev the latest is the best.
 * @returns null when cancelled.
 */
async function evaluateCheckpoint(run: TrainingRun, progress: Progress): Promise<EvaluatedCheckpoint | null> {
  const { hooks, settings, runner } = run;
  const result = run.dev === null ? null : await evaluate(run, run.dev);
  if (run.dev !== null && result === null) return null;
  const previous = progress.checkpoints.findLast((checkpoint) => checkpoint.isBest);
  const isBest = previous === undefined || result === null || previous.dev === null
    || selectionScore(result, settings.selectBy) > selectionScore(previous.dev, settings.selectBy);
  const record: CheckpointRecord = {
    step: progress.step,
    file: hooks.keepTrained(progress.step, encodeTrained(runner.parameters)),
    trainLoss: progress.smoothedLoss ?? Number.NaN,
    dev: result === null ? null : toEvaluation('dev', result, hooks.keepPredictions(progress.step, 'dev', result)),
    isBest,
  };
  const isSmall = runner.parameters.reduce((total, { values }) => total + values.byteLength, 0) <= keepAllBytes;
  const settled = progress.checkpoints.map((old) => {
    const staysBest = old.isBest && !isBest;
    return { ...old, isBest: staysBest, file: isSmall || staysBest ? old.file : null };
  });
  const superseded = progress.checkpoints.flatMap(({ file }, i) => (file !== null && settled[i]?.file === null ? [file] : []));
  progress.checkpoints = [...settled, record];
  return { record, superseded };
}

async function evaluate(run: TrainingRun, examples: readonly EncodedExample[]): Promise<EvaluationResult | null> {
  return evaluateExamples({
    runner: run.runner,
    rules: run.rules,
    format: run.format,
    examples,
    microBatch: run.settings.microBatch,
    onProgress: (done) => run.hooks.onEvaluation(done, examples.length),
    isCancelled: () => run.hooks.isCancelled(),
  });
}

/** Both, before anything is updated: a gradient may overflow where the loss does not, and would spoil the tensors that are saved next. */
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
