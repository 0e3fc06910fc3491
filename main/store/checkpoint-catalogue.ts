/** The checkpoints of all runs as one list to browse, and the pins that keep some of them. */
import { z } from 'zod';
import { Problem } from '../contract/problem.ts';
import { checkpointNotFound, type Checkpoint } from './checkpoints-table.ts';
import type { Database, SqlParameters } from './database.ts';
import { parseModelName, parseObjectHash, runIdOf, runNumberOf, type ModelName, type ObjectHash, type RunId } from './identifiers.ts';
import { jsonColumn, metricValues, parseRow } from './json-column.ts';

export interface CheckpointPin {
  name: string;
  note: string;
  pinnedAtMs: number;
}

/** A checkpoint with what its run says of it. */
export interface CatalogueRow extends Omit<Checkpoint, 'resumeState'> {
  method: string;
  model: ModelName;
  task: string;
  seed: number;
  /** Of the training step, per target token; null where the step's loss was not kept. */
  trainLoss: number | null;
  pin: CheckpointPin | null;
  /** Whether it lies in the trash with its run. */
  isRunTrashed: boolean;
}

export type CheckpointSortKey = 'created' | 'score' | 'loss' | 'legalRate' | 'step' | 'run';

export interface CatalogueQuery {
  run?: RunId;
  task?: string;
  method?: string;
  model?: string;
  /** Methods whose checkpoints are wanted; all without. */
  methods?: readonly string[];
  /** `pinned` or `best` alone; all without. */
  only?: 'pinned' | 'best';
  /** `without` (the default) lists what is in no trash, `only` what is in one, its own or its run's. */
  trash?: 'without' | 'only' | 'with';
  /** Rows without the value stand last in both directions. */
  sort: { by: CheckpointSortKey; direction: 'ascending' | 'descending' };
  offset: number;
  limit: number;
}

export interface CatalogueReader {
  list(query: CatalogueQuery): { total: number; rows: CatalogueRow[] };
  /** Also from the trash. @throws {Problem} `checkpoint-not-found` */
  get(run: RunId, step: number): CatalogueRow;
  /** Runs outside the trash that began with this prompt, in order of creation. */
  listDerivedRuns(weights: ObjectHash): RunId[];
}

export interface Catalogue extends CatalogueReader {
  /** Pinning again changes name and note. @throws {Problem} `checkpoint-not-found`, `checkpoint-in-trash` */
  pin(run: RunId, step: number, pin: Pick<CheckpointPin, 'name' | 'note'>): CatalogueRow;
  /** Unpinning what is not pinned does nothing. @throws {Problem} `checkpoint-not-found` */
  unpin(run: RunId, step: number): CatalogueRow;
}

const catalogueRow = z
  .object({
    run: z.int().transform(runIdOf),
    step: z.int(),
    weights: z.string().transform(parseObjectHash),
    devMetrics: jsonColumn(metricValues),
    isBest: z.int().transform((flag) => flag === 1),
    createdAtMs: z.int(),
    trashedAtMs: z.int().nullable(),
    method: z.string(),
    model: z.string().transform(parseModelName),
    task: z.string(),
    seed: z.int(),
    trainLoss: z.number().nullable(),
    pinName: z.string().nullable(),
    pinNote: z.string().nullable(),
    pinnedAtMs: z.int().nullable(),
    isRunTrashed: z.int().transform((flag) => flag === 1),
  })
  .transform(({ pinName, pinNote, pinnedAtMs, ...rest }) => ({
    ...rest,
    pin: pinName === null || pinnedAtMs === null ? null : { name: pinName, note: pinNote ?? '', pinnedAtMs },
  }));

const columns = `checkpoints.run, checkpoints.step, weights, dev_metrics AS devMetrics, is_best AS isBest, checkpoints.created_at AS createdAtMs,
  checkpoints.trashed_at AS trashedAtMs, method, model, task, seed,
  (SELECT value FROM metrics WHERE metrics.run = checkpoints.run AND key = 'train/loss' AND metrics.step = checkpoints.step) AS trainLoss,
  checkpoint_pins.name AS pinName, note AS pinNote, pinned_at AS pinnedAtMs, runs.trashed_at IS NOT NULL AS isRunTrashed`;

const joined = `checkpoints JOIN runs ON runs.number = checkpoints.run
  LEFT JOIN checkpoint_pins ON checkpoint_pins.run = checkpoints.run AND checkpoint_pins.step = checkpoints.step`;

const filter = `
  (:run IS NULL OR checkpoints.run = :run) AND (:task IS NULL OR task = :task) AND (:method IS NULL OR method = :method)
  AND (:model IS NULL OR model = :model) AND (:methods IS NULL OR method IN (SELECT value FROM json_each(:methods)))
  AND (:only IS NULL OR CASE :only WHEN 'pinned' THEN checkpoint_pins.name IS NOT NULL ELSE is_best = 1 END)
  AND (:trash = 'with' OR (:trash = 'only') = (checkpoints.trashed_at IS NOT NULL OR runs.trashed_at IS NOT NULL))`;

/** From a closed list: SQL takes no parameter here. */
const sortExpressions: Record<CheckpointSortKey, string> = {
  created: 'checkpoints.created_at',
  score: "dev_metrics ->> '$.score'",
  loss: "dev_metrics ->> '$.loss'",
  legalRate: "dev_metrics ->> '$.legalRate'",
  step: 'checkpoints.step',
  run: 'checkpoints.run',
};

export function openCheckpointCatalogue(database: Database): Catalogue {
  const count = database.prepare(`SELECT count(*) AS count FROM ${joined} WHERE ${filter}`);
  const select = database.prepare(`SELECT ${columns} FROM ${joined} WHERE checkpoints.run = :run AND checkpoints.step = :step`);
  const selectDerived = database.prepare("SELECT number FROM runs WHERE trashed_at IS NULL AND config ->> '$.source.weights' = :weights ORDER BY number");
  const upsertPin = database.prepare(`
    INSERT INTO checkpoint_pins (run, step, name, note, pinned_at) VALUES (:run, :step, :name, :note, :pinnedAtMs)
    ON CONFLICT (run, step) DO UPDATE SET name = excluded.name, note = excluded.note`);
  const deletePin = database.prepare('DELETE FROM checkpoint_pins WHERE run = :run AND step = :step');

  const get = (run: RunId, step: number): CatalogueRow => {
    const row = select.get({ run: runNumberOf(run), step });
    if (row === undefined) throw checkpointNotFound(run, step);
    return parseRow(catalogueRow, row, 'checkpoints');
  };

  return {
    get,
    listDerivedRuns: (weights) => (selectDerived.all({ weights }) as { number: number }[]).map(({ number }) => runIdOf(number)),
    list(query) {
      const parameters = filterParameters(query);
      const { by, direction } = query.sort;
      const order = `${sortExpressions[by]} ${direction === 'ascending' ? 'ASC' : 'DESC'} NULLS LAST, checkpoints.run DESC, checkpoints.step DESC`;
      const rows = database.prepare(`SELECT ${columns} FROM ${joined} WHERE ${filter} ORDER BY ${order} LIMIT :limit OFFSET :offset`)
        .all({ ...parameters, limit: query.limit, offset: query.offset });
      return { total: (count.get(parameters) as { count: number }).count, rows: rows.map((row) => parseRow(catalogueRow, row, 'checkpoints')) };
    },
    pin: (run, step, { name, note }) => database.transaction(() => {
      const { trashedAtMs } = get(run, step);
      if (trashedAtMs !== null) throw inTrash(run, step);
      upsertPin.run({ run: runNumberOf(run), step, name, note, pinnedAtMs: Date.now() });
      return get(run, step);
    }),
    unpin: (run, step) => database.transaction(() => {
      get(run, step);
      deletePin.run({ run: runNumberOf(run), step });
      return get(run, step);
    }),
  };
}

function filterParameters({ run, task, method, model, methods, only, trash = 'without' }: CatalogueQuery): SqlParameters {
  return {
    run: run === undefined ? null : runNumberOf(run),
    task: task ?? null,
    method: method ?? null,
    model: model ?? null,
    methods: methods === undefined ? null : JSON.stringify(methods),
    only: only ?? null,
    trash,
  };
}

function inTrash(run: RunId, step: number): Problem {
  return new Problem({
    code: 'checkpoint-in-trash',
    found: `the checkpoint ${run}/${step}, which is in the trash`,
    expected: 'one outside the trash',
    action: `Restore it first: souffleur checkpoints restore ${run}/${step}`,
  });
}
