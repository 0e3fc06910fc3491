/** A finished run made again with everything that it was made with. */
import type { JobEvent } from '../contract/worker-protocol.ts';
import type { ReproductionReport } from '../contract/api/reproductions.ts';
import { Problem } from '../contract/problem.ts';
import type { RunId } from '../store/identifiers.ts';
import type { Run } from '../store/run-row.ts';
import type { ReadableWorkspace, Workspace } from '../store/workspace.ts';
import { requireUnchanged } from './data-files.ts';
import { getPresentModel, requireSameTokenizer } from './model-location.ts';
import { compareReproduction } from './reproduction-report.ts';
import { readRunConfig } from './run-config.ts';
import { executeRunGroup, type RunOptions } from './run-execution.ts';
import { describeVersions } from './versions.ts';
import { modelChanged } from './runs.ts';

export interface ReproductionRequest {
  run: RunId;
  /** Null takes the original's: with others the bits may differ. */
  threads: number | null;
}

/**
 * Queues the run anew, its parent the original. Runs that were trained together are made again alone: the results are the same.
 * @throws {Problem} `run-not-found`, `run-not-finished`, and with both hashes `data-changed`, `model-changed`, `tokenizer-changed`; `model-folder-missing`
 */
export async function createReproduction(workspace: Workspace, { run: id, threads }: ReproductionRequest): Promise<Run> {
  const original = requireFinished(workspace, id);
  const config = readRunConfig(original);
  const model = getPresentModel(workspace, original.model);
  if (model.fingerprint !== original.modelFingerprint) throw modelChanged(original, model);
  await requireSameTokenizer(model, config.tokenizerSha256);
  const inputs = workspace.runInputs.list(id);
  await requireUnchanged(inputs);
  if (config.source !== null) await workspace.objects.verifyObject(config.source.weights);
  const { method, modelFingerprint, task, seed } = original;
  return workspace.runs.create({
    method, modelFingerprint, task, seed, inputs,
    model: original.model,
    // As the row has it, so that what this version does not know stays.
    config: { ...original.config, ...(threads === null ? {} : { runtime: { ...config.runtime, threads } }) },
    command: ['souffleur', 'runs', 'reproduce', id, ...(threads === null ? [] : ['--threads', String(threads)])],
    versions: describeVersions(),
    parent: id,
  });
}

export interface ReproductionExecution {
  /** @throws {Problem} as executeRunGroup */
  readonly finished: Promise<ReproductionReport>;
  cancel(): void;
  kill(): void;
}

/** Runs what createReproduction made and holds it against its parent. */
export function executeReproduction(workspace: Workspace, run: Run, options: Omit<RunOptions, 'resume'> & { onEvent?: (event: JobEvent) => void } = {}): ReproductionExecution {
  const { parent } = run;
  if (parent === null) throw new Error(`run ${run.id} reproduces nothing`);
  const execution = executeRunGroup(workspace, [run], { resume: false, ...options });
  return {
    finished: execution.finished.then(() => reportReproduction(workspace, { original: parent, reproduction: run.id })),
    cancel: () => execution.cancel(),
    kill: () => execution.kill(),
  };
}

/** @throws {Problem} `run-not-found`, `run-not-finished`, `not-a-reproduction`; as compareReproduction */
export async function reportReproduction(workspace: ReadableWorkspace, ids: { original: RunId; reproduction: RunId }): Promise<ReproductionReport> {
  const [original, reproduction] = [requireFinished(workspace, ids.original), requireFinished(workspace, ids.reproduction)];
  return compareReproduction(workspace, { original, reproduction });
}

function requireFinished(workspace: ReadableWorkspace, id: RunId): Run {
  const run = workspace.runs.get(id);
  if (run.status === 'finished') return run;
  throw new Problem({
    code: 'run-not-finished', found: `run ${id}, which is ${run.status}`, expected: 'a finished run: only then is there something to be the same as',
    action: `Let it finish first: souffleur tune --resume ${id}`,
  });
}
