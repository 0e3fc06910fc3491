/** What runs and other work are doing right now, from the stream of events: too quick to ask for. */
import type { CoreEvent } from '../../main/contract/api/events.ts';
import { core } from './core.svelte.ts';

export type RunProgress = Extract<CoreEvent, { kind: 'run-progress' }>;
export type WorkProgress = Extract<CoreEvent, { kind: 'task-progress' }>;
export type WorkEnd = Extract<CoreEvent, { kind: 'task-ended' }>;

class Live {
  /** By run. */
  runs = $state.raw<Readonly<Record<string, RunProgress>>>({});
  /** By the id that the starting call returned; gone when it has ended. */
  work = $state.raw<Readonly<Record<string, WorkProgress>>>({});
  readonly #ends = new Map<string, WorkEnd>();
  readonly #waiting = new Map<string, (end: WorkEnd) => void>();

  constructor() {
    core.onEvent((event) => this.#take(event));
  }

  /** Resolves when the work has ended, also when it did before it was asked. */
  ended(task: string): Promise<WorkEnd> {
    const end = this.#ends.get(task);
    return end === undefined ? new Promise((resolve) => this.#waiting.set(task, resolve)) : Promise.resolve(end);
  }

  #take(event: CoreEvent): void {
    switch (event.kind) {
      case 'run-progress':
        this.runs = { ...this.runs, [event.run]: event };
        break;
      case 'task-progress':
        this.work = { ...this.work, [event.task]: event };
        break;
      case 'task-ended': {
        const { [event.task]: _ended, ...rest } = this.work;
        this.work = rest;
        this.#ends.set(event.task, event);
        this.#waiting.get(event.task)?.(event);
        this.#waiting.delete(event.task);
        break;
      }
      case 'gap':
        this.runs = {};
        this.work = {};
        break;
      case 'changed':
      case 'run-losses':
      case 'run-checkpoint':
      case 'run-warning':
        break;
      default:
        event satisfies never;
    }
  }
}

export const live = new Live();
