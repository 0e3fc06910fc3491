/** A pattern-verbalizer pair as a person names it: a JSON file, or TASK/PVP[@version] of the task library. */
import { resolve } from 'node:path';
import { Problem } from '../contract/problem.ts';
import type { UsedPvp } from '../contract/pvp.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import { readPvpFile } from './pvp-file.ts';
import { resolvePvp } from './task-library/tasks.ts';

/** What a person said of a task, and what a pair of the library fills in where it was left out. */
interface TaskChoice {
  /** A task format's id; null leaves it to the pair. */
  format: string | null;
  labels: readonly string[] | null;
}

export interface NamedPvp {
  /** As typed; a name that ends in `.json` is a file. */
  text: string;
  /** Where a relative path starts. */
  folder: string;
}

/**
 * @throws {Problem} `pvp-without-task` for a file and no task format, `pvp-of-another-task` with both formats, those of readPvpFile and resolvePvp
 */
export async function choosePvp(workspace: ReadableWorkspace, { text, folder }: NamedPvp, { format, labels }: TaskChoice): Promise<TaskChoice & { format: string; pvp: UsedPvp }> {
  if (/\.json$/i.test(text)) {
    const pvp = await readPvpFile(resolve(folder, text));
    if (format === null) throw withoutTask(text);
    return { format, labels, pvp: { pvp, version: null } };
  }
  const found = resolvePvp(workspace, text);
  if (format !== null && format !== found.format) {
    throw new Problem({
      code: 'pvp-of-another-task',
      found: `the task format ${format}, and the pattern ${text}, which is of ${found.format}`,
      expected: 'one and the same',
      action: 'Leave the format out, or name a pattern of this task.',
    });
  }
  return { format: found.format, labels: labels ?? found.labels, pvp: found.used };
}

function withoutTask(text: string): Problem {
  return new Problem({
    code: 'pvp-without-task',
    found: `the pattern file ${text} and no task format`,
    expected: 'the format of the data files, which a pattern file does not say',
    action: 'Add it, as in --task rte, or name a pattern of the task library: TASK/PVP.',
  });
}
