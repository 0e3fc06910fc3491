/** Writes what a training worker reports into the workspace. Every event may come again from a resumed worker; the rows end up the same. */
import { existsSync, statSync } from 'node:fs';
import type { CheckpointRecord, Evaluation, JobEvent, TrainResult } from '../contract/worker-protocol.ts';
import type { Checkpoint } from '../store/checkpoints-table.ts';
import type { RunId } from '../store/identifiers.ts';
import type { MetricPoint } from '../store/metrics-table.ts';
import type { Split } from '../store/run-inputs-table.ts';
import type { Workspace } from '../store/workspace.ts';
import { writeEvaluation } from './evaluation-values.ts';

/**
 * Prompts are kept at once. Weights of full tuning are copied only when the run ends: by then the worker has dropped all but the best
 * and the last, and a gigabyte for every evaluation would fill the disk.
 */
const largeCheckpointBytes = 16 * 1024 * 1024;

export class RunRecorder {
  readonly #workspace: Workspace;
  readonly #run: RunId;
  #hasLosses = false;
  readonly #large = new Map<number, CheckpointRecord>();

  constructor(workspace: Workspace, run: RunId) {
    this.#workspace = workspace;
    this.#run = run;
  }

  /** Other events change nothing here. @param event of this run. */
  async record(event: JobEvent): Promise<void> {
    switch (event.kind) {
      case 'losses': return this.#addLosses(event.firstStep, event.losses);
      case 'checkpoint': return this.#addCheckpoint(event.record);
      case 'run-trained': return this.#addResult(event.result);
      default: return undefined;
    }
  }

  /** To be called at any end of the run: large checkpoints that still exist are kept. */
  async finish(): Promise<void> {
    for (const record of this.#large.values()) {
      if (record.file !== null && existsSync(record.file)) await this.#keepCheckpoint(record, record.file);
    }
    this.#large.clear();
  }

  #addLosses(firstStep: number, losses: readonly number[]): void {
    // Steps that an earlier worker made after its last state are made again.
    if (!this.#hasLosses) this.#workspace.metrics.deleteAfter(this.#run, Math.max(0, firstStep - 1));
    this.#hasLosses = true;
    // At once: the worker's next saved state may already be beyond these steps, and its successor does not make them again.
    this.#workspace.metrics.record(this.#run, losses.map((value, index) => ({ step: firstStep + index, key: 'train/loss', value })));
  }

  async #addCheckpoint(record: CheckpointRecord): Promise<void> {
    const { step, dev, file } = record;
    if (dev !== null) this.#workspace.metrics.record(this.#run, devPoints(step, dev));
    if (file === null) return;
    // Emptied from the trash, or kept already: what is gone cannot be kept again, and only the best must not be missing.
    if (!existsSync(file) && (!record.isBest || this.#workspace.checkpoints.find(this.#run, step) !== null)) return;
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > largeCheckpointBytes) {
      if (record.isBest) this.#forgetLargeBest();
      this.#large.set(step, record);
    } else {
      await this.#keepCheckpoint(record, file);
    }
  }

  #forgetLargeBest(): void {
    for (const [step, record] of this.#large) this.#large.set(step, { ...record, isBest: false });
  }

  async #keepCheckpoint(record: CheckpointRecord, file: string): Promise<void> {
    const weights = await this.#workspace.objects.putObjectFile(file);
    const { step, isBest, dev } = record;
    this.#workspace.checkpoints.record({ run: this.#run, step, weights, resumeState: null, devMetrics: dev === null ? {} : writeEvaluation(dev), isBest });
    if (dev !== null) await this.#keepPredictions({ step, split: 'dev', file: dev.predictionsFile });
  }

  async #addResult({ checkpoints, bestStep, test }: TrainResult): Promise<void> {
    this.#large.clear();
    for (const record of checkpoints) {
      if (record.file === null) continue;
      const isBest = record.step === bestStep;
      const kept = this.#workspace.checkpoints.find(this.#run, record.step);
      if (kept === null && (isBest || existsSync(record.file))) await this.#keepCheckpoint({ ...record, isBest }, record.file);
      else if (kept !== null && kept.isBest !== isBest) this.#remark(kept, { isBest });
    }
    if (test !== null && this.#workspace.checkpoints.find(this.#run, bestStep) !== null) {
      await this.#keepPredictions({ step: bestStep, split: 'test', file: test.predictionsFile });
    }
  }

  #remark({ run, step, weights, resumeState, devMetrics }: Checkpoint, { isBest }: { isBest: boolean }): void {
    this.#workspace.checkpoints.record({ run, step, weights, resumeState, devMetrics, isBest });
  }

  async #keepPredictions({ step, split, file }: { step: number; split: Split; file: string }): Promise<void> {
    if (!existsSync(file)) return;
    const object = await this.#workspace.objects.putObjectFile(file);
    this.#workspace.predictions.record({ run: this.#run, step, split, object });
  }
}

function devPoints(step: number, dev: Evaluation): MetricPoint[] {
  return Object.entries(writeEvaluation(dev, 'dev/')).map(([key, value]) => ({ step, key, value: value ?? Number.NaN }));
}

/** The figures of a finished run that its row keeps. */
export function finalMetricsOf(result: TrainResult, { plannedSteps }: { plannedSteps: number | null }): Record<string, number | null> {
  const { steps, finalLoss, trainableParameters, paddingShare, truncatedExamples, seconds, peakMemoryBytes, test, effect } = result;
  return {
    steps, finalLoss, trainableParameters, paddingShare, truncatedExamples, seconds, peakMemoryBytes,
    // Absent unless somebody stopped it: the note that its figures are those of a shorter run.
    ...(plannedSteps === null || steps >= plannedSteps ? {} : { stoppedEarlyAtStep: steps, plannedSteps }),
    ...(effect === null ? {} : { 'zeroShot/examples': effect.examples, 'zeroShot/differing': effect.differing }),
    ...(test === null ? {} : writeEvaluation(test, 'test/')),
  };
}
