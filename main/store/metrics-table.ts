/** Curves: one number per run, key and step. Rows come straight from a STRICT table, so they need no further check. */
import type { Database } from './database.ts';
import { runNumberOf, type RunId } from './identifiers.ts';

export interface MetricPoint {
  step: number;
  /** For example `train/loss`. */
  key: string;
  /** NaN and infinities are kept: a diverged loss is a result. Minus zero comes back as zero. */
  value: number;
}

export interface MetricsReader {
  /** Keys that have at least one point, sorted. */
  listKeys(run: RunId): string[];
  /** One curve by step; `afterStep` gives only what is new since then. */
  readCurve(run: RunId, key: string, range?: { afterStep: number }): MetricPoint[];
  /**
   * A curve as at most so many points, however long it is: the mean, the least and the greatest of equal spans of steps. Exact where it
   * has no more points than that. A span without a number (all NaN) has nulls.
   */
  readThinnedCurve(run: RunId, key: string, options: { mostPoints: number }): ThinnedCurve;
}

/** `step` is the last of the span; infinities come as they are. */
export interface ThinnedPoint {
  step: number;
  value: number | null;
  least: number | null;
  greatest: number | null;
}

export interface ThinnedCurve {
  /** Of the whole curve. */
  pointCount: number;
  points: ThinnedPoint[];
}

export interface MetricsTable extends MetricsReader {
  /** All points or none, in one transaction; a point that is there already is replaced. */
  record(run: RunId, points: readonly MetricPoint[]): void;
  /** Forgets what a worker recorded beyond the step from which its successor goes on. */
  deleteAfter(run: RunId, step: number): void;
}

interface PointRow {
  step: number;
  key: string;
  value: number | null;
}

export function openMetricsTable(database: Database): MetricsTable {
  // Hops from key to key along the primary key instead of reading every point.
  const selectKeys = database.prepare(`
    WITH RECURSIVE keys (key) AS (
      SELECT min(key) FROM metrics WHERE run = :run
      UNION ALL SELECT (SELECT min(key) FROM metrics WHERE run = :run AND key > keys.key) FROM keys WHERE keys.key IS NOT NULL
    ) SELECT key FROM keys WHERE key IS NOT NULL`);
  const selectCurve = database.prepare(
    'SELECT step, key, value FROM metrics WHERE run = :run AND key = :key AND step > :afterStep ORDER BY step');
  const selectExtent = database.prepare('SELECT count(*) AS pointCount, min(step) AS first, max(step) AS last FROM metrics WHERE run = :run AND key = :key');
  const selectSpans = database.prepare(`
    SELECT max(step) AS step, avg(value) AS value, min(value) AS least, max(value) AS greatest
    FROM metrics WHERE run = :run AND key = :key GROUP BY CAST((step - :first) / :span AS INTEGER) ORDER BY step`);
  const upsert = database.prepare(`
    INSERT INTO metrics (run, key, step, value) VALUES (:run, :key, :step, :value)
    ON CONFLICT (run, key, step) DO UPDATE SET value = excluded.value`);
  const deleteAfter = database.prepare('DELETE FROM metrics WHERE run = :run AND step > :step');

  return {
    listKeys: (run) => (selectKeys.all({ run: runNumberOf(run) }) as { key: string }[]).map(({ key }) => key),
    readCurve(run, key, { afterStep } = { afterStep: -1 }) {
      const rows = selectCurve.all({ run: runNumberOf(run), key, afterStep }) as PointRow[];
      return rows.map((row) => ({ ...row, value: row.value ?? Number.NaN }));
    },
    readThinnedCurve(run, key, { mostPoints }) {
      const of = { run: runNumberOf(run), key };
      const { pointCount, first, last } = selectExtent.get(of) as { pointCount: number; first: number | null; last: number | null };
      if (first === null || last === null) return { pointCount, points: [] };
      const span = pointCount <= mostPoints ? 1 : Math.ceil((last - first + 1) / mostPoints);
      return { pointCount, points: selectSpans.all({ ...of, first, span }) as ThinnedPoint[] };
    },
    record: (run, points) => database.transaction(() => {
      for (const { step, key, value } of points) {
        upsert.run({ run: runNumberOf(run), step, key, value: Number.isNaN(value) ? null : value });
      }
    }),
    deleteAfter: (run, step) => void deleteAfter.run({ run: runNumberOf(run), step }),
  };
}
