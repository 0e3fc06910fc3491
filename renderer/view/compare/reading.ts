/** Everything that the view needs of the runs in its address, task by task: one that cannot be compared does not hide the others. */
import type { Client } from '../../connection/connection.ts';
import { readProblem, type ProblemView } from '../../state/problem.ts';

export type Scope = 'all' | 'common';
export type Split = 'dev' | 'test';
export type Comparison = Awaited<ReturnType<Client['comparisons']['compare']>>;

export interface TaskComparison {
  task: string;
  runs: readonly string[];
  /** Null where there is a problem, or a single run. */
  comparison: Comparison | null;
  problem: ProblemView | null;
  /** By run, without the seed. */
  settings: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

export async function readComparisons(client: Client, { runs, split, scope }: { runs: readonly string[]; split: Split; scope: Scope }): Promise<readonly TaskComparison[]> {
  const details = await Promise.all(runs.map((run) => client.runs.show({ run })));
  const tasks = [...new Set(details.map(({ task }) => task))];
  return Promise.all(tasks.map(async (task): Promise<TaskComparison> => {
    const members = details.filter((each) => each.task === task);
    const settings = new Map(members.map((each) => [each.id, each.settings]));
    const ids = members.map(({ id }) => id);
    if (ids.length < 2) return { task, runs: ids, comparison: null, problem: null, settings };
    try {
      return { task, runs: ids, comparison: await client.comparisons.compare({ runs: ids, split, scope }), problem: null, settings };
    } catch (thrown) {
      return { task, runs: ids, comparison: null, problem: readProblem(thrown), settings };
    }
  }));
}
