/** The examples of a run's own file, by id, as long as the file is still what it was. */
import { Problem } from '../contract/problem.ts';
import type { RunInput } from '../store/run-inputs-table.ts';
import type { Run } from '../store/run-row.ts';
import { readDataset } from '../task/dataset.ts';
import type { TaskExample, TaskFormat } from '../task/format.ts';
import { hashData } from './data-files.ts';
import { boundFormatOf, formatOf, taskOfRun } from './run-task.ts';

export interface SplitExamples {
  /** Null where the file cannot be read any more. */
  readonly byId: ReadonlyMap<string, TaskExample> | null;
  /** With its classes bound. */
  readonly format: TaskFormat;
  /** Why the file was not read, as a sentence. */
  readonly warning: string | null;
}

/**
 * @param run whose words and texts they have. @param copies files with this content: any of them will do.
 * @param isNeeded whether nothing can be said without the file: runs over different files, or open answers, whose accepted answers only it has.
 * @throws {Problem} `data-unavailable` where it is needed and gone or changed
 */
export async function readExamples(run: Run, copies: readonly RunInput[], { isNeeded }: { isNeeded: boolean }): Promise<SplitExamples> {
  const task = taskOfRun(run);
  const format = boundFormatOf(task);
  const obstacles: string[] = [];
  for (const { path, sha256 } of copies) {
    const obstacle = await findObstacle(path, sha256);
    if (obstacle === null) {
      const { examples } = await readDataset({ file: path, format: formatOf(task), use: 'evaluate', ...(task.labels === null ? {} : { labels: task.labels }) });
      return { byId: new Map(examples.map((example) => [example.id, example])), format, warning: null };
    }
    obstacles.push(obstacle);
  }
  const [file] = copies;
  if (isNeeded || format.labels === null) {
    throw new Problem({
      code: 'data-unavailable',
      found: `${obstacles[0] ?? 'no file'} for run ${run.id}`,
      expected: 'the file that the run was evaluated on: without it nobody can tell whether the examples are the same and which answers are right',
      action: 'Put the original file back.',
      ...(file === undefined ? {} : { place: { file: file.path } }),
    });
  }
  return { byId: null, format, warning: `The texts of the examples are not shown: ${file?.path ?? 'the file'} is gone or was changed.` };
}

/** @returns null for a file that is what it was. */
async function findObstacle(path: string, sha256: RunInput['sha256']): Promise<string | null> {
  try {
    return await hashData(path) === sha256 ? null : 'a changed file';
  } catch (thrown) {
    if (thrown instanceof Problem) return 'a file that cannot be read';
    throw thrown;
  }
}
