/** What a training loop works on: one run, or several that share a frozen model's passes. Effects belong to the caller's hooks. */
import type { CheckpointRecord } from '../contract/worker-protocol.ts';
import type { TrainingSettings } from '../method/part/training-settings.ts';
import type { TaskFormat } from '../task/format.ts';
import type { EncodedExample, EncodingRules } from './encoding.ts';
import type { EvaluationResult } from './evaluation.ts';
import type { MemberParts, StepReport } from './member.ts';
import type { ModelRunner } from './model-runner.ts';

/** `member` is a run's place in the group. */
export interface LoopHooks {
  /** Of every run that took the step. */
  onStep(reports: readonly StepReport[]): void;
  /** Of examples times runs. */
  onEvaluation(done: number, total: number): void;
  onCheckpoint(member: number, record: CheckpointRecord): void;
  /** Asked between passes. */
  isCancelled(): boolean;
  /** Asked between steps: whether to make no further one and end with the best of what there is. */
  isStopped(): boolean;
  /** Keeps the trained tensors of an evaluated step. @returns where. */
  keepTrained(member: number, step: number, bytes: Uint8Array): string;
  /** Lets go of a kept file. */
  dropTrained(file: string): void;
  /** @returns where the predictions lie. */
  keepPredictions(member: number, at: { step: number; split: 'dev' | 'test' }, result: EvaluationResult): string;
  /** Replaces the states that a resume starts from: after a kill, a resume finds all of the new ones or all of the old ones. */
  saveStates(states: readonly { member: number; bytes: Uint8Array }[]): void;
  nowSeconds(): number;
}

export interface TrainingGroup {
  readonly runner: ModelRunner;
  /** Of all runs; they differ in their seeds only. */
  readonly settings: TrainingSettings;
  readonly rules: EncodingRules;
  readonly format: TaskFormat;
  readonly train: readonly EncodedExample[];
  readonly dev: readonly EncodedExample[] | null;
  readonly test: readonly EncodedExample[] | null;
  /** One, or as many as the runner has prompts, in their order. */
  readonly members: readonly MemberParts[];
  readonly hooks: LoopHooks;
}
