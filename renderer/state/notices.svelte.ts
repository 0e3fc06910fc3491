/** Short words about what was done, with a way back; and what went wrong, until it was read. */
import type { ProblemView } from './problem.ts';

export interface Notice {
  id: number;
  text: string;
  problem: ProblemView | null;
  action: { label: string; run: () => void } | null;
}

/** WCAG 2.2.1: long enough to read and to act on; pointing at a notice or focusing it stops the clock. */
const shownMs = 10_000;
const mostShown = 4;

class Notices {
  list = $state<Notice[]>([]);
  #lastId = 0;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  tell(text: string, action: Notice['action'] = null): void {
    const id = this.#add({ text, problem: null, action });
    this.resume(id);
  }

  /** Stays until it is closed. */
  warn(problem: ProblemView): void {
    const known = this.list.find((notice) => notice.problem?.code === problem.code && notice.problem.found === problem.found);
    if (known === undefined) this.#add({ text: problem.found, problem, action: null });
  }

  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
  }

  resume(id: number): void {
    this.hold(id);
    if (this.list.find((notice) => notice.id === id)?.problem !== null) return;
    this.#timers.set(id, setTimeout(() => this.close(id), shownMs));
  }

  close(id: number): void {
    this.hold(id);
    this.#timers.delete(id);
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  #add(notice: Omit<Notice, 'id'>): number {
    this.#lastId += 1;
    this.list = [...this.list, { ...notice, id: this.#lastId }].slice(-mostShown);
    return this.#lastId;
  }
}

export const notices = new Notices();
