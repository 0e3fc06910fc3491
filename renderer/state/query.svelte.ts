/**
 * How every view reads: a question to the core, asked again whenever the core says that its subject changed. The last answer stays on
 * screen meanwhile, so nothing flickers, and an answer that comes late never replaces a newer one.
 */
import { untrack } from 'svelte';
import type { ChangedSubject } from '../../main/contract/api/events.ts';
import type { Client } from '../connection/connection.ts';
import { core } from './core.svelte.ts';
import { readProblem, type ProblemView } from './problem.ts';

export interface Query<Result> {
  readonly data: Result | undefined;
  readonly problem: ProblemView | null;
  /** Asked, and not answered yet for the first time. */
  readonly isLoading: boolean;
  reload(): void;
}

/** Many rows that change at once are one reason to ask again. */
const settleMs = 80;

/**
 * To be made while a component is set up.
 * @param ask reads what it depends on, so that a change of it asks anew; null asks nothing
 * @param subjects whose changes make the answer old
 */
export function createQuery<Result>(ask: () => ((client: Client) => Promise<Result>) | null, subjects: readonly ChangedSubject[]): Query<Result> {
  let data = $state.raw<Result>();
  let problem = $state.raw<ProblemView | null>(null);
  let isLoading = $state(true);
  let generation = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const load = async (question: ((client: Client) => Promise<Result>) | null): Promise<void> => {
    generation += 1;
    const mine = generation;
    if (question === null) {
      data = undefined;
      isLoading = false;
      return;
    }
    try {
      const answer = await question(await core.call);
      if (mine !== generation) return;
      data = answer;
      problem = null;
    } catch (thrown) {
      if (mine !== generation) return;
      problem = readProblem(thrown);
    }
    isLoading = false;
  };
  const reload = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void load(ask()), settleMs);
  };

  $effect(() => {
    const question = ask();
    // An answer is no reason to ask again.
    isLoading = untrack(() => data === undefined);
    void load(question);
  });
  $effect(() => {
    const leave = core.onEvent((event) => {
      if (event.kind === 'gap' || (event.kind === 'changed' && subjects.includes(event.subject))) reload();
    });
    return () => {
      leave();
      clearTimeout(timer);
    };
  });

  return {
    get data() {
      return data;
    },
    get problem() {
      return problem;
    },
    get isLoading() {
      return isLoading;
    },
    reload,
  };
}
