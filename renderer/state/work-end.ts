/** The end of work that may have come before this page was there to hear of it: after a reload, or while the connection was lost. */
import { core } from './core.svelte.ts';
import { live, type WorkEnd } from './live.svelte.ts';

/** @throws what the core says of work that it does not know */
export function awaitWork(task: string): Promise<WorkEnd> {
  return new Promise((resolve, reject) => {
    const look = async (): Promise<void> => {
      try {
        const { state, problem } = await (await core.call).work.show({ task });
        if (state !== 'running') settle({ kind: 'task-ended', task, outcome: state, problem });
      } catch (thrown) {
        leave();
        reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
      }
    };
    const leave = core.onEvent((event) => {
      if (event.kind === 'gap') void look();
    });
    const settle = (end: WorkEnd): void => {
      leave();
      resolve(end);
    };
    void live.ended(task).then(settle);
    void look();
  });
}
