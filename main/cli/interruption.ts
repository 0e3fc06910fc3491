/** Ctrl-C: the first asks the command to stop cleanly, the second stops it at once. */
import type { Output } from './output.ts';

/** What conventions call the exit code of a program that was interrupted. */
const interruptedExitCode = 130;

/** What a command does about it. */
export interface Interruptible {
  /** What the first Ctrl-C tells the person; by default that a state is being saved. */
  note?: string;
  cancel(): void;
  kill(): void;
}

export class Interruption {
  readonly #output: Output;
  #target: Interruptible | null = null;
  #hasAsked = false;
  readonly #onSignal = (): void => this.#interrupt();

  constructor(output: Output) {
    this.#output = output;
    // A batch system ends a job with SIGTERM: the state is saved all the same.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, this.#onSignal);
  }

  get isAsked(): boolean {
    return this.#hasAsked;
  }

  /** Runs a body that can be stopped; outside of one, Ctrl-C ends the process as usual. */
  async during<Result>(target: Interruptible, body: () => Promise<Result>): Promise<Result> {
    this.#target = target;
    try {
      return await body();
    } finally {
      this.#target = null;
    }
  }

  release(): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#onSignal);
  }

  #interrupt(): void {
    if (this.#target === null) process.exit(interruptedExitCode);
    if (this.#hasAsked) return this.#target.kill();
    this.#hasAsked = true;
    this.#output.note(this.#target.note ?? 'Stopping after this step; the state is being saved. Press Ctrl-C again to stop at once.');
    this.#target.cancel();
  }
}
