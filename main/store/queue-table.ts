/** What waits to be run, in which order. A run's own status says how far it is; here are only its turn and the queue's state. */
import { z } from 'zod';
import { Problem } from '../contract/problem.ts';
import type { Database } from './database.ts';
import { runIdOf, runNumberOf, type RunId } from './identifiers.ts';
import { jsonColumn, jsonObject, parseRow, writeJson, type JsonObject } from './json-column.ts';
import { runStatuses, type RunStatus } from './run-status.ts';

declare const brand: unique symbol;
/** `q0001`, `q0002`, …: in order of adding, never given twice in a workspace. */
export type QueueEntryId = string & { readonly [brand]: 'QueueEntryId' };

export interface QueueEntry {
  id: QueueEntryId;
  /** Asked to end with the best of what there is. */
  stops: boolean;
  addedAtMs: number;
  /** At least one, in order of creation; none from the trash. */
  runs: readonly [QueuedRun, ...QueuedRun[]];
}

/** As much of a run as its turn depends on; thousands may wait. */
export interface QueuedRun {
  id: RunId;
  status: RunStatus;
  /** Of the run's configuration; null where that is of another version. */
  provider: string | null;
}

export interface QueueState {
  /** Null while it starts runs. */
  pausedAtMs: number | null;
  /** Why, where no person paused it. */
  pausedBecause: string | null;
  /** The core's own, checked there. */
  settings: JsonObject;
}

export interface QueueReader {
  /** In the order in which they are to be run. */
  list(): QueueEntry[];
  /** @throws {Problem} `queue-entry-not-found` */
  get(id: QueueEntryId): QueueEntry;
  find(id: QueueEntryId): QueueEntry | null;
  findByRun(run: RunId): QueueEntry | null;
  state(): QueueState;
}

export interface QueueTable extends QueueReader {
  /** Runs that are in another entry leave it. */
  add(runs: readonly RunId[], options: { place: 'first' | 'last' }): QueueEntry;
  /** @param options `before` null moves it to the end. @throws {Problem} `queue-entry-not-found` */
  move(id: QueueEntryId, options: { before: QueueEntryId | null }): void;
  setStops(id: QueueEntryId, stops: boolean): void;
  /** Forgets the turn, not the runs. */
  remove(id: QueueEntryId): void;
  removeRun(run: RunId): void;
  setState(state: QueueState): void;
}

const entryRow = z.object({
  number: z.int().positive(),
  stops: z.int().transform((flag) => flag === 1),
  addedAtMs: z.int(),
  runs: jsonColumn(z.array(z.object({ number: z.int(), status: z.enum(runStatuses), provider: z.string().nullable() }))),
});
const stateRow = z.object({ pausedAtMs: z.int().nullable(), pausedBecause: z.string().nullable(), settings: jsonColumn(jsonObject) });

const selectEntries = `
  SELECT queue_entries.number, stops, added_at AS addedAtMs, 
    json_group_array(json_object('number', run, 'status', status, 'provider', json_extract(config, '$.runtime.provider'))) AS runs
  FROM queue_entries JOIN queue_runs ON entry = queue_entries.number JOIN runs ON runs.number = run
  WHERE trashed_at IS NULL AND (:entry IS NULL OR entry = :entry)
  GROUP BY queue_entries.number ORDER BY position, queue_entries.number`;

export function openQueueTable(database: Database): QueueTable {
  const select = database.prepare(selectEntries);
  const selectByRun = database.prepare('SELECT entry FROM queue_runs WHERE run = :run');
  const selectState = database.prepare('SELECT paused_at AS pausedAtMs, paused_because AS pausedBecause, settings FROM queue_state');
  const insert = database.prepare('INSERT INTO queue_entries (position, added_at) VALUES (:position, :addedAtMs)');
  const insertRun = database.prepare(`
    INSERT INTO queue_runs (run, entry) VALUES (:run, :entry) ON CONFLICT (run) DO UPDATE SET entry = excluded.entry`);
  const selectEnds = database.prepare('SELECT coalesce(min(position), 0) AS first, coalesce(max(position), 0) AS last FROM queue_entries');
  const setPosition = database.prepare('UPDATE queue_entries SET position = :position WHERE number = :number AND position <> :position');
  const setStops = database.prepare('UPDATE queue_entries SET stops = :stops WHERE number = :number');
  const deleteEntry = database.prepare('DELETE FROM queue_entries WHERE number = :number');
  const deleteRun = database.prepare('DELETE FROM queue_runs WHERE run = :run');
  const deleteEmpty = database.prepare('DELETE FROM queue_entries WHERE number NOT IN (SELECT entry FROM queue_runs)');
  const upsertState = database.prepare(`
    INSERT INTO queue_state (singleton, paused_at, paused_because, settings) VALUES (1, :pausedAtMs, :pausedBecause, :settings)
    ON CONFLICT (singleton) DO UPDATE SET paused_at = excluded.paused_at, paused_because = excluded.paused_because, settings = excluded.settings`);

  const list = (): QueueEntry[] => select.all({ entry: null }).map(parseEntry);
  const find = (id: QueueEntryId): QueueEntry | null => select.all({ entry: entryNumberOf(id) }).map(parseEntry)[0] ?? null;
  const get = (id: QueueEntryId): QueueEntry => {
    const entry = find(id);
    if (entry === null) throw notFound(id);
    return entry;
  };

  return {
    list,
    get,
    find,
    findByRun(run) {
      const row = selectByRun.get({ run: runNumberOf(run) }) as { entry: number } | undefined;
      return row === undefined ? null : find(entryIdOf(row.entry));
    },
    state() {
      const row = selectState.get();
      return row === undefined ? { pausedAtMs: null, pausedBecause: null, settings: {} } : parseRow(stateRow, row, 'queue_state');
    },
    add: (runs, { place }) => database.transaction(() => {
      const { first, last } = selectEnds.get() as { first: number; last: number };
      const { lastInsertRowid } = insert.run({ position: place === 'first' ? first - 1 : last + 1, addedAtMs: Date.now() });
      for (const run of runs) insertRun.run({ run: runNumberOf(run), entry: Number(lastInsertRowid) });
      deleteEmpty.run();
      return get(entryIdOf(Number(lastInsertRowid)));
    }),
    move: (id, { before }) => database.transaction(() => {
      get(id);
      if (before !== null) get(before);
      if (before === id) return;
      const others = list().map((entry) => entry.id).filter((other) => other !== id);
      const at = before === null ? others.length : others.indexOf(before);
      for (const [position, each] of others.toSpliced(at, 0, id).entries()) setPosition.run({ number: entryNumberOf(each), position });
    }),
    setStops: (id, stops) => void setStops.run({ number: entryNumberOf(id), stops: stops ? 1 : 0 }),
    remove: (id) => void deleteEntry.run({ number: entryNumberOf(id) }),
    removeRun: (run) => database.transaction(() => {
      deleteRun.run({ run: runNumberOf(run) });
      deleteEmpty.run();
    }),
    setState: ({ pausedAtMs, pausedBecause, settings }) => void upsertState.run({ pausedAtMs, pausedBecause, settings: writeJson(settings) }),
  };
}

/** `q0007`, `q7` and `Q7` are the same entry. @returns null for what cannot be one. */
export function readQueueEntryId(text: string): QueueEntryId | null {
  const number = Number(/^q(\d{1,15})$/i.exec(text.trim())?.[1] ?? Number.NaN);
  return Number.isNaN(number) || number === 0 ? null : entryIdOf(number);
}

function entryIdOf(number: number): QueueEntryId {
  return `q${String(number).padStart(4, '0')}` as QueueEntryId;
}

function entryNumberOf(id: QueueEntryId): number {
  return Number(id.slice(1));
}

function parseEntry(row: unknown): QueueEntry {
  const { number, runs, ...rest } = parseRow(entryRow, row, 'queue_entries');
  const [first, ...others] = runs.toSorted((a, b) => a.number - b.number).map((run): QueuedRun => ({ id: runIdOf(run.number), status: run.status, provider: run.provider }));
  if (first === undefined) throw new Error('an entry of the queue without a run');
  return { id: entryIdOf(number), ...rest, runs: [first, ...others] };
}

function notFound(id: QueueEntryId): Problem {
  return new Problem({
    code: 'queue-entry-not-found',
    found: `no entry ${id} in the queue`,
    expected: 'one that waits or is at work',
    action: 'It may have ended meanwhile. List the queue: souffleur queue list',
  });
}
