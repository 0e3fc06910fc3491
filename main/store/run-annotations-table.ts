/** What people write on a run: a note, tags, a star. */
import { z } from 'zod';
import type { Database } from './database.ts';
import { runNumberOf, type RunId } from './identifiers.ts';
import { jsonColumn, parseRow, writeJson } from './json-column.ts';

export interface RunAnnotation {
  note: string;
  tags: readonly string[];
  isStarred: boolean;
}

export interface RunAnnotationsReader {
  /** Empty for a run on which nothing was written. */
  get(run: RunId): RunAnnotation;
  /** In use, sorted. */
  listTags(): string[];
}

export interface RunAnnotationsTable extends RunAnnotationsReader {
  set(run: RunId, annotation: RunAnnotation): void;
}

const annotationRow = z.object({ note: z.string(), tags: jsonColumn(z.array(z.string())), isStarred: z.int().transform((flag) => flag === 1) });

export function openRunAnnotationsTable(database: Database): RunAnnotationsTable {
  const select = database.prepare('SELECT note, tags, starred AS isStarred FROM run_annotations WHERE run = :run');
  const selectTags = database.prepare('SELECT DISTINCT value FROM run_annotations, json_each(tags) ORDER BY value');
  const upsert = database.prepare(`
    INSERT INTO run_annotations (run, note, tags, starred) VALUES (:run, :note, :tags, :starred)
    ON CONFLICT (run) DO UPDATE SET note = excluded.note, tags = excluded.tags, starred = excluded.starred`);
  return {
    get(run) {
      const row = select.get({ run: runNumberOf(run) });
      return row === undefined ? { note: '', tags: [], isStarred: false } : parseRow(annotationRow, row, 'run_annotations');
    },
    listTags: () => (selectTags.all() as { value: string }[]).map(({ value }) => value),
    set: (run, { note, tags, isStarred }) => void upsert.run({ run: runNumberOf(run), note, tags: writeJson(tags), starred: isStarred ? 1 : 0 }),
  };
}
