/** Results that papers print, from assets/published: one JSON file a table. They are shown beside one's own and enter no statistic. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedTableSchema, type PublishedResult, type PublishedTable } from '../contract/api/published.ts';
import { Problem, toProblem } from '../contract/problem.ts';
import { findAssetsFolder } from './built-in.ts';
import { findCloseMatch } from './close-match.ts';

/** By file name. @throws {Problem} `published-missing`, `published-invalid` */
export function readPublishedTables(folder = join(findAssetsFolder(), 'published')): readonly PublishedTable[] {
  return listTableFiles(folder).map((name) => readTable(join(folder, name)));
}

function listTableFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json')).toSorted();
  } catch (thrown) {
    throw new Problem({
      code: 'published-missing',
      found: 'no published results here',
      expected: 'those that come with Souffleur',
      action: 'Install Souffleur again.',
      place: { file: folder },
      cause: thrown,
    });
  }
}

function readTable(file: string): PublishedTable {
  const parsed = publishedTableSchema.safeParse(readJson(file));
  const fault = parsed.success ? findFault(parsed.data) : (parsed.error.issues[0]?.path.join('.') || 'content') + ' cannot be read';
  if (parsed.success && fault === null) return parsed.data;
  throw new Problem({
    code: 'published-invalid', kind: 'failure', found: `published results whose ${fault}`, expected: 'tables that come with Souffleur', action: 'Install Souffleur again.', place: { file },
  });
}

/** What the schema alone cannot say: a lost cell has no number, a printed one has; a cell is there once; bold is the best of its column. */
function findFault({ id, results }: PublishedTable): string | null {
  const seen = new Set<string>();
  for (const [index, { table, task, method, aggregate, model, metric, value, standardDeviation, status, note }] of results.entries()) {
    if (table !== id) return `results.${index} is of another table`;
    if (status === 'printed' && value === null) return `results.${index} is printed and has no value`;
    if (status === 'lost-in-deck' && (value !== null || standardDeviation !== null || note === null)) return `results.${index} is lost and has a value, or no note`;
    const key = JSON.stringify([task, method, aggregate, model, metric]);
    if (seen.has(key)) return `results.${index} is there twice`;
    seen.add(key);
  }
  return null;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw toProblem(thrown);
  }
}

/** @throws {Problem} `published-unknown`, and as readPublishedTables */
export function getPublishedTable(id: string): PublishedTable {
  const tables = readPublishedTables();
  const table = tables.find((candidate) => candidate.id === id);
  if (table !== undefined) return table;
  const ids = tables.map((candidate) => candidate.id);
  const close = findCloseMatch(id, ids);
  throw new Problem({
    code: 'published-unknown',
    found: `the table ${JSON.stringify(id.slice(0, 80))}`,
    expected: `one of ${ids.join(', ')}`,
    action: close === null ? 'See: souffleur published list' : `Did you mean ${close}?`,
  });
}

export interface PublishedQuestion {
  /** A task format's id, or a task as a paper names it; null for any. */
  task: string | null;
  /** One of our methods, or a method as a paper names it; null for any. */
  method: string | null;
  /** As a paper names it; null for any. */
  model: string | null;
}

/** In the order of the tables; letter case does not count. @throws {Problem} as readPublishedTables */
export function findPublished({ task, method, model }: PublishedQuestion): PublishedResult[] {
  return readPublishedTables().flatMap(({ results }) => results).filter((result) =>
    isWanted(task, result.task, result.format) && isWanted(method, result.method, result.methodId) && isWanted(model, result.model));
}

/** What papers print for these task formats and methods. @throws {Problem} as readPublishedTables */
export function findPublishedFor({ formats, methods }: { formats: readonly string[]; methods: readonly string[] }): PublishedResult[] {
  return readPublishedTables().flatMap(({ results }) => results).filter(({ format, methodId }) =>
    format !== null && formats.includes(format) && methodId !== null && methods.includes(methodId));
}

function isWanted(wanted: string | null, ...candidates: (string | null)[]): boolean {
  return wanted === null || candidates.some((candidate) => candidate?.toLowerCase() === wanted.toLowerCase());
}
