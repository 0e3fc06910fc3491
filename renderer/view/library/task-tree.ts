/** The list on the left: tasks, and under those that are open their pairs. Pure. */
import type { TaskSummary } from '../../../main/contract/task-library.ts';

export type TreeRow =
  | { kind: 'task'; id: string; task: TaskSummary }
  | { kind: 'pvp'; id: string; task: TaskSummary; pvp: TaskSummary['pvps'][number] };

/**
 * @param open the task whose pairs are shown
 * @param text every word of it has to be in the task's or the pair's names; tasks with fitting pairs are shown with those pairs
 */
export function listTree(tasks: readonly TaskSummary[], { open, text }: { open: string | null; text: string }): TreeRow[] {
  const words = text.toLocaleLowerCase().split(/\s+/).filter((word) => word !== '');
  const fits = (...names: string[]): boolean => words.every((word) => names.join(' ').toLocaleLowerCase().includes(word));
  return tasks.flatMap((task): TreeRow[] => {
    const isTask = fits(task.name, task.title, task.format);
    const pairs = task.pvps.filter((pvp) => (isTask ? task.name === open : words.length > 0 && fits(task.name, task.title, task.format, pvp.id, pvp.title)));
    if (!isTask && pairs.length === 0) return [];
    return [{ kind: 'task', id: task.name, task }, ...pairs.map((pvp): TreeRow => ({ kind: 'pvp', id: `${task.name}/${pvp.id}`, task, pvp }))];
  });
}
