/** Stars and notes on examples. They belong to a data file by its content: whoever compares other runs on it sees them again. */
import type { ExampleMark } from '../contract/api/comparisons.ts';
import type { ExampleMarkRow } from '../store/example-marks-table.ts';
import { parseObjectHash } from '../store/identifiers.ts';
import type { ReadableWorkspace, Workspace } from '../store/workspace.ts';

/** By example id. @param data SHA-256 of the file. @throws {Problem} `object-hash-invalid` */
export function listMarks(workspace: ReadableWorkspace, data: string): ExampleMark[] {
  return workspace.exampleMarks.list(parseObjectHash(data)).map(reportMark);
}

/** @param change null leaves a part as it is. @returns null where nothing is left. @throws {Problem} `object-hash-invalid` */
export function markExample(workspace: Workspace, key: { data: string; example: string }, change: { isStarred: boolean | null; note: string | null }): ExampleMark | null {
  const data = parseObjectHash(key.data);
  const row = workspace.transaction(() => {
    const before = workspace.exampleMarks.find(data, key.example);
    return workspace.exampleMarks.set({
      data,
      example: key.example,
      isStarred: change.isStarred ?? before?.isStarred ?? false,
      note: (change.note ?? before?.note ?? '').trim(),
    });
  });
  return row === null ? null : reportMark(row);
}

function reportMark({ data, example, isStarred, note, changedAtMs }: ExampleMarkRow): ExampleMark {
  return { data, example, isStarred, note, changedAt: new Date(changedAtMs).toISOString() };
}
