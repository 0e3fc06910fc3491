/** How a view reads what is too long to read at once: pages are asked for as they come into view, and asked again whenever their subject changes. */
import { untrack } from 'svelte';
import type { ChangedSubject } from '../../main/contract/api/events.ts';
import type { Client } from '../connection/connection.ts';
import type { PagedRows } from '../ui/data-table.ts';
import { core } from './core.svelte.ts';
import { readProblem, type ProblemView } from './problem.ts';

type Ask<Row> = (client: Client, page: { offset: number; limit: number }) => Promise<{ total: number; rows: readonly Row[] }>;

export interface Pages<Row> extends PagedRows<Row> {
  /** No page has come yet. */
  readonly isLoading: boolean;
  readonly problem: ProblemView | null;
}

const pageSize = 100;
/** Around what is in view; the rest is asked for again. */
const mostKept = 30;
/** A fast scroll passes many pages: only those where it rests are worth asking for. */
const mostAtOnce = 2;
const settleMs = 80;

/**
 * To be made while a component is set up.
 * @param ask reads what it depends on, so that a change of it asks anew; null asks nothing
 */
export function createPages<Row>(ask: () => Ask<Row> | null, subjects: readonly ChangedSubject[]): Pages<Row> {
  let pages = $state.raw<ReadonlyMap<number, readonly Row[]>>(new Map());
  let total = $state(0);
  let problem = $state.raw<ProblemView | null>(null);
  let isLoading = $state(true);
  let question: Ask<Row> | null = null;
  let generation = 0;
  /** What is on screen belongs to an earlier question, and stays until the first new page is there. */
  let isOld = false;
  let inView = { first: 0, last: 1 };
  let atWork = new Set<number>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const fetchPage = async (asked: Ask<Row>, page: number, mine: number): Promise<void> => {
    try {
      const answer = await asked(await core.call, { offset: page * pageSize, limit: pageSize });
      if (mine !== generation) return;
      const middle = inView.first / pageSize;
      const others = isOld ? [] : [...pages].toSorted(([a], [b]) => Math.abs(a - middle) - Math.abs(b - middle)).slice(0, mostKept - 1);
      isOld = false;
      pages = new Map([...others, [page, answer.rows]]);
      total = answer.total;
      problem = null;
    } catch (thrown) {
      if (mine !== generation) return;
      problem = readProblem(thrown);
    }
    isLoading = false;
    atWork.delete(page);
    // After a failure only a new reason asks again.
    if (problem === null) pump();
  };
  const pump = (): void => {
    if (question === null) return;
    const last = isLoading || isOld ? inView.last : Math.min(inView.last, total);
    for (let page = Math.floor(inView.first / pageSize); page * pageSize < last && atWork.size < mostAtOnce; page += 1) {
      if (atWork.has(page) || (!isOld && pages.has(page))) continue;
      atWork.add(page);
      void fetchPage(question, page, generation);
    }
  };
  const start = (asked: Ask<Row> | null): void => {
    generation += 1;
    atWork = new Set();
    isOld = true;
    question = asked;
    if (asked === null) {
      pages = new Map();
      total = 0;
      isLoading = false;
    } else pump();
  };

  $effect(() => {
    const asked = ask();
    // What it writes must not be what it depends on.
    untrack(() => start(asked));
  });
  $effect(() => {
    const leave = core.onEvent((event) => {
      if (event.kind !== 'gap' && !(event.kind === 'changed' && subjects.includes(event.subject))) return;
      clearTimeout(timer);
      timer = setTimeout(() => start(question), settleMs);
    });
    return () => {
      leave();
      clearTimeout(timer);
    };
  });

  return {
    get total() {
      return total;
    },
    get isLoading() {
      return isLoading;
    },
    get problem() {
      return problem;
    },
    rowAt: (index) => pages.get(Math.floor(index / pageSize))?.[index % pageSize],
    show: (first, last) => {
      inView = { first, last: Math.max(last, first + 1) };
      untrack(pump);
    },
  };
}
