/** Runs: one method on one model and task with one seed. Everything needed to tell what was done, and to do it again. */
import { Problem, type ProblemRecord } from '../contract/problem.ts';
import type { Database, SqlParameters } from './database.ts';
import { runIdOf, runNumberOf, type ModelName, type RunId } from './identifiers.ts';
import { writeJson, type MetricValues } from './json-column.ts';
import { findProcessState, type ProcessIdentity } from './process-identity.ts';
import { openRunInputsTable, type RunInput } from './run-inputs-table.ts';
import { parseRun, runColumns, type Run } from './run-row.ts';
import { activeStatuses, requireChange, runStatuses, type RunStatus } from './run-status.ts';

/** What is known when a run is queued. */
export interface NewRun extends Pick<Run, 'method' | 'model' | 'modelFingerprint' | 'task' | 'config' | 'seed' | 'command' | 'versions' | 'parent'> {
  inputs: readonly RunInput[];
}

/** What a status brings with it. */
export type StatusChange =
  | { to: 'queued' | 'pausing' | 'paused' | 'cancelled' | 'lost' }
  /** Counts the generation up and forgets the earlier worker, end and problem. */
  | { to: 'starting' }
  | { to: 'running'; device: string }
  | { to: 'finished'; finalMetrics: MetricValues }
  | { to: 'failed'; problem: ProblemRecord };

export interface RunFilter {
  statuses?: readonly RunStatus[];
  method?: string;
  model?: ModelName;
  task?: string;
  /** `without` (the default) lists what is not in the trash, `only` what is. */
  trash?: 'without' | 'only' | 'with';
}

export interface RunsReader {
  /** Also from the trash. @throws {Problem} `run-not-found` */
  get(id: RunId): Run;
  find(id: RunId): Run | null;
  /** In order of creation. */
  list(filter?: RunFilter): Run[];
  /** The runs that are trained together with this one, itself included, in order of creation; alone for a run of its own. */
  listGroup(id: RunId): Run[];
}

export interface LostRuns {
  /** Were active and have no process any more: they are `lost` now and can be resumed. */
  lost: Run[];
  /** Still have a living worker, which ends within seconds when its core is gone: look again then. */
  alive: Run[];
}

export interface RunsTable extends RunsReader {
  /** Queues a run under the next id, with its inputs. @throws {Problem} `run-refers-to-nothing` when its model or parent does not exist */
  create(run: NewRun): Run;
  /** Queues runs that are to be trained together. @throws {Problem} as `create` */
  createGroup(runs: readonly NewRun[]): Run[];
  /** @throws {Problem} `run-not-found`, `run-status-impossible`, `run-in-trash` */
  changeStatus(id: RunId, change: StatusChange): Run;
  /** Who works on it, right after the process was started. */
  setWorker(id: RunId, worker: ProcessIdentity): Run;
  /**
   * To be called once at start, with the lock held: the core that these runs belonged to is gone. A worker on another host
   * cannot be seen, but it ends with its core, so its run counts as lost.
   */
  markLostRuns(): LostRuns;
}

export function openRunsTable(database: Database): RunsTable {
  const inputs = openRunInputsTable(database);
  const select = database.prepare(`SELECT ${runColumns} FROM runs WHERE number = :number`);
  const selectMany = database.prepare(`
    SELECT ${runColumns} FROM runs
    WHERE status IN (SELECT value FROM json_each(:statuses))
      AND (:method IS NULL OR method = :method) AND (:model IS NULL OR model = :model) AND (:task IS NULL OR task = :task)
      AND (:trash = 'with' OR (:trash = 'only') = (trashed_at IS NOT NULL))
    ORDER BY number`);
  const insert = database.prepare(`
    INSERT INTO runs (status, method, model, model_fingerprint, task, config, seed, command, versions, created_at, parent)
    VALUES ('queued', :method, :model, :modelFingerprint, :task, :config, :seed, :command, :versions, :createdAtMs, :parent)`);
  const joinGroup = database.prepare('UPDATE runs SET group_leader = :leader WHERE number = :number');
  const selectGroup = database.prepare(`SELECT ${runColumns} FROM runs WHERE group_leader = :leader AND trashed_at IS NULL ORDER BY number`);
  const countModels = database.prepare('SELECT count(*) AS count FROM models WHERE name = :model');
  const updateWorker = database.prepare(`
    UPDATE runs SET worker_process = :processId, worker_start = :startToken, worker_host = :host WHERE number = :number`);
  const changes = prepareChanges(database);

  const find = (id: RunId): Run | null => {
    const row = select.get({ number: runNumberOf(id) });
    return row === undefined ? null : parseRun(row);
  };
  const get = (id: RunId): Run => find(id) ?? fail(notFound(id));
  const list = ({ statuses = runStatuses, method, model, task, trash = 'without' }: RunFilter = {}): Run[] =>
    selectMany
      .all({ statuses: writeJson(statuses), method: method ?? null, model: model ?? null, task: task ?? null, trash })
      .map(parseRun);
  const changeStatus = (id: RunId, change: StatusChange): Run => database.transaction(() => {
    const run = get(id);
    if (run.trashedAtMs !== null) throw inTrash(id);
    requireChange(id, run.status, change.to);
    changes.apply(id, change);
    return get(id);
  });

  const create = (run: NewRun): Run => database.transaction(() => {
    const { count } = countModels.get({ model: run.model }) as { count: number };
    if (count === 0) throw refersToNothing(`model ${run.model}`);
    if (run.parent !== null && find(run.parent) === null) throw refersToNothing(`run ${run.parent}`);
    const { lastInsertRowid } = insert.run(newRunParameters(run));
    const id = runIdOf(lastInsertRowid);
    inputs.add(id, run.inputs);
    return get(id);
  });

  return {
    get,
    find,
    list,
    changeStatus,
    create,

    createGroup: (newRuns) => database.transaction(() => {
      const ids = newRuns.map((run) => runNumberOf(create(run).id));
      const [leader = null] = ids;
      if (ids.length > 1) for (const number of ids) joinGroup.run({ number, leader });
      return ids.map((number) => get(runIdOf(number)));
    }),

    listGroup(id) {
      const run = get(id);
      return run.group === null ? [run] : selectGroup.all({ leader: runNumberOf(run.group) }).map(parseRun);
    },

    setWorker(id, { processId, startToken, host }) {
      updateWorker.run({ number: runNumberOf(id), processId, startToken, host });
      return get(id);
    },

    markLostRuns: () => database.transaction(() => {
      const result: LostRuns = { lost: [], alive: [] };
      // A run in the trash is never active, so none is missed here.
      for (const run of list({ statuses: activeStatuses })) {
        if (run.worker !== null && findProcessState(run.worker) === 'alive') result.alive.push(run);
        else result.lost.push(changeStatus(run.id, { to: 'lost' }));
      }
      return result;
    }),
  };
}

function prepareChanges(database: Database): { apply(id: RunId, change: StatusChange): void } {
  const update = (assignments: string) => database.prepare(`UPDATE runs SET status = :to, ${assignments} WHERE number = :number`);
  const continues = update('ended_at = NULL, problem = NULL');
  const starts = update(`started_at = coalesce(started_at, :nowMs), ended_at = NULL, problem = NULL, generation = generation + 1,
    worker_process = NULL, worker_start = NULL, worker_host = NULL`);
  const runs = update('device = :device');
  const ends = update('ended_at = :nowMs, final_metrics = coalesce(:finalMetrics, final_metrics), problem = :problem');

  return {
    apply(id, change) {
      const common = { to: change.to, number: runNumberOf(id), nowMs: Date.now() };
      const end = (more: SqlParameters) => ends.run({ ...common, finalMetrics: null, problem: null, ...more });
      switch (change.to) {
        case 'queued':
        case 'pausing':
        case 'paused':
          return void continues.run(common);
        case 'starting':
          return void starts.run(common);
        case 'running':
          return void runs.run({ ...common, device: change.device });
        case 'finished':
          return void end({ finalMetrics: writeJson(change.finalMetrics) });
        case 'failed':
          return void end({ problem: JSON.stringify(change.problem) });
        case 'cancelled':
        case 'lost':
          return void end({});
        default:
          return change satisfies never;
      }
    },
  };
}

function newRunParameters(run: NewRun): SqlParameters {
  const { method, model, modelFingerprint, task, seed } = run;
  return {
    method, model, modelFingerprint, task, seed,
    config: writeJson(run.config),
    command: writeJson(run.command),
    versions: writeJson(run.versions),
    createdAtMs: Date.now(),
    parent: run.parent === null ? null : runNumberOf(run.parent),
  };
}

function fail(problem: Problem): never {
  throw problem;
}

function notFound(id: RunId): Problem {
  return new Problem({
    code: 'run-not-found',
    found: `no run ${id} in this workspace`,
    expected: 'a run that exists',
    action: 'List the runs to see their ids.',
  });
}

function inTrash(id: RunId): Problem {
  return new Problem({
    code: 'run-in-trash',
    found: `run ${id}, which is in the trash`,
    expected: 'a run outside the trash',
    action: 'Restore the run first.',
  });
}

function refersToNothing(what: string): Problem {
  return new Problem({
    code: 'run-refers-to-nothing',
    found: `a new run that names ${what}, which is not in this workspace`,
    expected: 'a model and a parent run that exist',
    action: 'Add it first, or correct the name.',
  });
}
