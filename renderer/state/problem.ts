/** What went wrong, as the page shows it: the core's own words, or that the connection is gone. */
import type { ProblemRecord } from '../../main/contract/problem.ts';

export interface ProblemView {
  code: string;
  found: string;
  expected: string;
  action: string;
  /** File, line, … in one line; empty where there is none. */
  place: string;
}

export function readProblem(thrown: unknown): ProblemView {
  const data: unknown = typeof thrown === 'object' && thrown !== null && 'data' in thrown ? thrown.data : null;
  if (!isRecord(data)) {
    return {
      code: 'connection-lost', found: thrown instanceof Error ? thrown.message : 'no answer', expected: 'an answer from the core',
      action: 'It is asked again as soon as the connection is back.', place: '',
    };
  }
  const { code, found, expected, action, place } = data;
  return { code, found, expected, action, place: [place.file, place.line, place.column].filter((part) => part !== undefined).join(':') };
}

/** Checked by hand: a schema library would be the largest part of the page. */
function isRecord(data: unknown): data is ProblemRecord {
  if (typeof data !== 'object' || data === null || !('place' in data) || typeof data.place !== 'object' || data.place === null) return false;
  const record = data as Record<string, unknown>;
  return ['code', 'found', 'expected', 'action'].every((key) => typeof record[key] === 'string');
}
