/** Runs as one works with hundreds of them: lists, notes, the trash, and new ones from old ones. */
import { availableParallelism } from 'node:os';
import type { z } from 'zod';
import type { runQuerySchema, RunDetailsReport, RunListing, RunRequest } from '../contract/api/runs.ts';
import { findMethod } from '../method/index.ts';
import { parseRunId, type RunId } from '../store/identifiers.ts';
import type { Run } from '../store/run-row.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import type { Core } from './core.ts';
import { describeInput } from './data-files.ts';
import { expandInit, settleSource } from './checkpoint/source.ts';
import { parseSettings, resolveFileSettings } from './method-settings.ts';
import { getPresentModel, hashTokenizer } from './model-location.ts';
import type { QueuePlace } from './queue/queue.ts';
import { readRunConfig, type RuntimeChoice } from './run-config.ts';
import { createRunGroup } from './run-group.ts';
import { reportRunDetails, summariseRun } from './run-report.ts';
import { createRun, planRun, type TuneRequest } from './runs.ts';
import { describeVersions } from './versions.ts';

export interface MadeRuns {
  runs: RunId[];
  entries: string[];
}

/** One page; reads no more rows than it has. */
export function listRuns(workspace: ReadableWorkspace, { offset, limit, ...query }: z.infer<typeof runQuerySchema>): { total: number; runs: RunListing[] } {
  const { total, ids } = workspace.runPages.page(query, { offset, limit });
  return { total, runs: ids.map((id) => listingOf(workspace, id)) };
}

/** @throws {Problem} `run-not-found`, `run-config-invalid` */
export function showRun(workspace: ReadableWorkspace, text: string): RunDetailsReport {
  const id = parseRunId(text);
  return { ...reportRunDetails(workspace, id), ...listingOf(workspace, id) };
}

/** @throws {Problem} `run-not-found` */
export function listingOf(workspace: ReadableWorkspace, id: RunId): RunListing {
  const run = workspace.runs.get(id);
  return {
    ...summariseRun(workspace, id),
    ...workspace.runAnnotations.get(id),
    stoppedEarly: stopOf(run),
    createdAt: new Date(run.createdAtMs).toISOString(),
    endedAt: run.endedAtMs === null ? null : new Date(run.endedAtMs).toISOString(),
    parent: run.parent,
    group: run.group,
    queueEntry: workspace.queue.findByRun(id)?.id ?? null,
    isTrashed: run.trashedAtMs !== null,
  };
}

function stopOf({ finalMetrics }: Run): RunListing['stoppedEarly'] {
  const { stoppedEarlyAtStep: atStep, plannedSteps } = finalMetrics ?? {};
  return typeof atStep === 'number' && typeof plannedSteps === 'number' ? { atStep, plannedSteps } : null;
}

/** @throws {Problem} as planRun and createRunGroup; nothing is left then. */
export async function createRuns(core: Core, request: TuneRequest, options: { seeds: readonly number[]; together: boolean; place: QueuePlace }): Promise<MadeRuns> {
  const plan = await planRun(core.workspace, request);
  const groups = core.workspace.transaction(() => {
    const made = options.together
      ? [createRunGroup(core.workspace, plan, options)]
      : options.seeds.map((seed) => [createRun(core.workspace, plan, { seed })]);
    core.queue.enqueueNew(made.flat(), options.place);
    return made;
  });
  return tellMade(core, groups.flat());
}

export interface DuplicateRequest {
  /** Keys of the method's settings. */
  settings: Readonly<Record<string, string | number | boolean>>;
  /** Null keeps the old one's. */
  seeds: readonly number[] | null;
  runtime: RuntimeChoice | null;
  place: QueuePlace;
  command: readonly string[];
}

/**
 * A new run from an old one with changes; on the model and the files as they are today.
 * @throws {Problem} `run-not-found`, `model-not-found`, `model-folder-missing`, those of parseSettings and of the files
 */
export async function duplicateRun(core: Core, text: string, request: DuplicateRequest): Promise<MadeRuns> {
  const { workspace } = core;
  const old = workspace.runs.get(parseRunId(text));
  const method = findMethod(old.method);
  const model = getPresentModel(workspace, old.model);
  const config = readRunConfig(old);
  // The changes alone are checked as typed; the rest was checked when the old run was made.
  const given = expandInit(assignmentsOf(request.settings));
  const changes = resolveFileSettings(parseSettings(method, given));
  const keys = given.map((assignment) => assignment.slice(0, assignment.indexOf('=')));
  const changed = { ...config.settings, ...Object.fromEntries(keys.map((key) => [key, changes[key]])) };
  // The old one's beginning stays its own, also when the run that it came from is gone.
  const { settings, source } = keys.some((key) => key === 'init' || key === 'initCheckpoint') ? settleSource(workspace, { settings: changed, model }) : { settings: changed, source: config.source };
  const inputs = [];
  for (const { role, path } of workspace.runInputs.list(old.id)) inputs.push(await describeInput(role, path));
  const runtime = request.runtime ?? config.runtime;
  const common = {
    method: old.method, model: model.name, modelFingerprint: model.fingerprint, task: old.task, inputs, parent: old.id,
    config: { ...config, settings, source, runtime, tokenizerSha256: await hashTokenizer(model) },
    command: request.command,
    versions: describeVersions(),
  };
  const runs = workspace.transaction(() => {
    const made = (request.seeds ?? [old.seed]).map((seed) => workspace.runs.create({ ...common, seed }));
    core.queue.enqueueNew(made, request.place);
    return made;
  });
  return tellMade(core, runs);
}

function tellMade({ workspace }: Core, runs: readonly Run[]): MadeRuns {
  const entries = runs.flatMap(({ id }) => workspace.queue.findByRun(id)?.id ?? []);
  return { runs: runs.map(({ id }) => id), entries: [...new Set(entries)] };
}

/** @throws {Problem} `run-active`, `run-not-found`; all of them or none */
export function trashRuns(core: Core, texts: readonly string[]): RunListing[] {
  const { workspace } = core;
  const ids = texts.map(parseRunId);
  workspace.transaction(() => {
    for (const id of ids) {
      const { status } = workspace.trashRun(id);
      // Taken back, it is a run that was cancelled, not one that starts by itself.
      if (status === 'queued') {
        workspace.restoreRun(id);
        workspace.runs.changeStatus(id, { to: 'cancelled' });
        workspace.trashRun(id);
      }
      core.queue.forget(id);
    }
  });
  return tell(core, ids);
}

/** @throws {Problem} `run-not-found` */
export function restoreRuns(core: Core, texts: readonly string[]): RunListing[] {
  const ids = texts.map(parseRunId);
  core.workspace.transaction(() => {
    for (const id of ids) core.workspace.restoreRun(id);
  });
  return tell(core, ids);
}

/** What is absent stays as it is. @throws {Problem} `run-not-found` */
export function annotateRun(core: Core, text: string, changes: { note?: string; tags?: readonly string[]; isStarred?: boolean }): RunListing {
  const { id } = core.workspace.runs.get(parseRunId(text));
  const { note, tags, isStarred } = { ...core.workspace.runAnnotations.get(id), ...changes };
  core.workspace.runAnnotations.set(id, { note, tags: [...new Set(tags)], isStarred });
  return tell(core, [id])[0] as RunListing;
}

function tell(core: Core, ids: readonly RunId[]): RunListing[] {
  for (const id of ids) core.events.publish({ kind: 'changed', subject: 'runs', id });
  return ids.map((id) => listingOf(core.workspace, id));
}

/** As the command line has it. @param files by path. */
export function tuneRequestOf({ settings, runtime, seeds: _seeds, together: _together, ...rest }: RunRequest, command: readonly string[]): TuneRequest {
  return { ...rest, settings: assignmentsOf(settings), runtime: { provider: runtime.provider, threads: runtime.threads ?? availableParallelism() }, command };
}

function assignmentsOf(settings: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(settings).map(([key, value]) => `${key}=${String(value)}`);
}
