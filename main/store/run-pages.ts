/** Runs page by page: what is asked of thousands of runs is answered inside the database, and only a page's rows are read. */
import type { Database } from './database.ts';
import { runIdOf, type RunId } from './identifiers.ts';
import { writeJson } from './json-column.ts';
import { parseRun, runColumns, type Run } from './run-row.ts';
import { runStatuses, type RunStatus } from './run-status.ts';

export interface RunQuery {
  statuses?: readonly RunStatus[];
  method?: string;
  model?: string;
  task?: string;
  tag?: string;
  onlyStarred?: boolean;
  /** Somewhere in id, method, model, task, note or tags; case does not matter. */
  text?: string;
  trash?: 'without' | 'only' | 'with';
  sort?: RunSort;
  order?: 'ascending' | 'descending';
}

export type RunSort = 'created' | 'ended' | 'dev' | 'test' | 'seconds';

export interface RunPages {
  /** @returns the runs from `offset` on and how many there are in all; runs without the value that sorts come last. */
  page(query: RunQuery, range: { offset: number; limit: number }): { total: number; ids: RunId[] };
  /** The latest finished runs of a method on a model: what like runs took. */
  listFinished(of: { method: string; model: string; limit: number }): Run[];
}

const sortKeys: Record<RunSort, string> = {
  created: 'runs.number',
  ended: 'ended_at',
  dev: "(SELECT json_extract(dev_metrics, '$.score') FROM checkpoints WHERE run = runs.number AND is_best = 1)",
  test: `json_extract(final_metrics, '$."test/score"')`,
  seconds: "json_extract(final_metrics, '$.seconds')",
};

const conditions = `
  FROM runs LEFT JOIN run_annotations ON run_annotations.run = runs.number
  WHERE status IN (SELECT value FROM json_each(:statuses))
    AND (:method IS NULL OR method = :method) AND (:model IS NULL OR model = :model) AND (:task IS NULL OR task = :task)
    AND (:trash = 'with' OR (:trash = 'only') = (trashed_at IS NOT NULL))
    AND (:onlyStarred = 0 OR starred = 1)
    AND (:tag IS NULL OR EXISTS (SELECT 1 FROM json_each(tags) WHERE value = :tag))
    AND (:text IS NULL OR instr(lower(printf('r%04d', runs.number) || ' ' || method || ' ' || model || ' ' || task || ' ' || coalesce(note, '') || ' ' || coalesce(tags, '')), :text) > 0)`;

export function openRunPages(database: Database): RunPages {
  const count = database.prepare(`SELECT count(*) AS total ${conditions}`);
  const select = (sort: RunSort, order: string) => database.prepare(`
    SELECT runs.number ${conditions} ORDER BY ${sortKeys[sort]} ${order} NULLS LAST, runs.number ${order} LIMIT :limit OFFSET :offset`);
  const statements = new Map<string, ReturnType<typeof select>>();
  const selectFinished = database.prepare(`
    SELECT ${runColumns} FROM runs WHERE status = 'finished' AND method = :method AND model = :model ORDER BY number DESC LIMIT :limit`);
  return {
    page({ statuses = runStatuses, sort = 'created', order = 'descending', ...query }, range) {
      const parameters = {
        statuses: writeJson(statuses), method: query.method ?? null, model: query.model ?? null, task: query.task ?? null, tag: query.tag ?? null,
        onlyStarred: query.onlyStarred === true ? 1 : 0, text: query.text === undefined || query.text === '' ? null : query.text.toLowerCase(), trash: query.trash ?? 'without',
      };
      const key = `${sort} ${order}`;
      const statement = statements.get(key) ?? select(sort, order === 'ascending' ? 'ASC' : 'DESC');
      statements.set(key, statement);
      const { total } = count.get(parameters) as { total: number };
      const rows = statement.all({ ...parameters, ...range }) as { number: number }[];
      return { total, ids: rows.map(({ number }) => runIdOf(number)) };
    },
    listFinished: (of) => selectFinished.all({ ...of }).map(parseRun),
  };
}
