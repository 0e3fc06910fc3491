/** Judging what has been trained: on dev at milestones, which settles the best; on test once, at the end. Members share the passes. */
import type { CheckpointRecord, Evaluation } from '../contract/worker-protocol.ts';
import type { EncodedExample } from './encoding.ts';
import { evaluateExamples, selectionScore, toEvaluation, type EvaluationResult } from './evaluation.ts';
import type { TrainingGroup } from './group.ts';
import type { Member } from './member.ts';
import { encodeTrained, loadTrained } from './training-state.ts';

/** Every evaluated set of tensors is kept up to this size (a prompt has 0.4 MB); of larger ones the best and the last. */
const keepAllBytes = 16 * 1024 * 1024;

export interface EvaluatedCheckpoint {
  readonly member: number;
  readonly record: CheckpointRecord;
  /** Files that no checkpoint names any more. */
  readonly superseded: readonly string[];
}

/**
 * Evaluates the members' tensors on dev, keeps them, and settles which are the best so far. Without dev the latest is the best.
 * @returns null when cancelled.
 */
export async function evaluateCheckpoints(group: TrainingGroup, members: readonly Member[]): Promise<EvaluatedCheckpoint[] | null> {
  const results = group.dev === null ? members.map(() => null) : await evaluate(group, members, group.dev);
  return results === null ? null : members.map((member, i) => keepCheckpoint(group, member, results[i] ?? null));
}

function keepCheckpoint({ hooks, settings }: TrainingGroup, { index, parameters, progress }: Member, result: EvaluationResult | null): EvaluatedCheckpoint {
  const { step } = progress;
  const previous = progress.checkpoints.findLast((checkpoint) => checkpoint.isBest);
  const isBest = previous === undefined || result === null || previous.dev === null
    || selectionScore(result, settings.selectBy) > selectionScore(previous.dev, settings.selectBy);
  const record: CheckpointRecord = {
    step,
    file: hooks.keepTrained(index, step, encodeTrained(parameters)),
    trainLoss: progress.smoothedLoss ?? Number.NaN,
    dev: result === null ? null : toEvaluation('dev', result, hooks.keepPredictions(index, { step, split: 'dev' }, result)),
    isBest,
  };
  const isSmall = parameters.reduce((total, { values }) => total + values.byteLength, 0) <= keepAllBytes;
  const settled = progress.checkpoints.map((old) => {
    const staysBest = old.isBest && !isBest;
    return { ...old, isBest: staysBest, file: isSmall || staysBest ? old.file : null };
  });
  const superseded = progress.checkpoints.flatMap(({ file }, i) => (file !== null && settled[i]?.file === null ? [file] : []));
  progress.checkpoints = [...settled, record];
  return { member: index, record, superseded };
}

/**
 * Loads every member's best tensors and looks at the test split, once.
 * @returns in the order of the members, each null where there is no test split; null when cancelled.
 */
export async function testBest(group: TrainingGroup, members: readonly Member[]): Promise<readonly (Evaluation | null)[] | null> {
  if (group.test === null) return members.map(() => null);
  for (const { parameters, progress } of members) {
    const { file } = bestOf(progress.checkpoints);
    if (file !== null) await loadTrained(file, parameters);
  }
  const results = await evaluate(group, members, group.test);
  if (results === null) return null;
  return members.map(({ index, progress }, i) => {
    const result = results[i] as EvaluationResult;
    const { step } = bestOf(progress.checkpoints);
    return toEvaluation('test', result, group.hooks.keepPredictions(index, { step, split: 'test' }, result));
  });
}

export function bestOf(checkpoints: readonly CheckpointRecord[]): CheckpointRecord {
  const best = checkpoints.findLast((checkpoint) => checkpoint.isBest);
  if (best === undefined) throw new Error('a run without an evaluated step has no best one');
  return best;
}

async function evaluate(group: TrainingGroup, members: readonly Member[], examples: readonly EncodedExample[]): Promise<readonly EvaluationResult[] | null> {
  return evaluateExamples({
    runner: group.runner,
    prompts: members.map(({ index }) => index),
    rules: group.rules,
    format: group.format,
    examples,
    microBatch: group.settings.microBatch,
    onProgress: (done) => group.hooks.onEvaluation(done, members.length * examples.length),
    isCancelled: () => group.hooks.isCancelled(),
  });
}
