/** Turns pushed values into an async iterable that loses nothing: values wait until they are asked for. One consumer. */

export class EventQueue<Value> implements AsyncIterable<Value> {
  readonly #waiting: Value[] = [];
  #wake: (() => void) | undefined;
  #isClosed = false;
  #failure: { thrown: unknown } | null = null;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Values that were not asked for yet. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Forgets what waits in favour of one value. */
  replace(value: Value): void {
    this.#waiting.length = 0;
    this.push(value);
  }

  push(value: Value): void {
    if (this.#isClosed) return;
    this.#waiting.push(value);
    this.#wake?.();
  }

  /** What waits is still delivered. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  /** What waits is delivered first, then the consumer gets the error. The first end counts. */
  fail(thrown: unknown): void {
    if (this.#isClosed) return;
    this.#failure = { thrown };
    this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Value> {
    for (;;) {
      const value = this.#waiting.shift();
      if (value !== undefined) {
        yield value;
        continue;
      }
      if (this.#failure !== null) throw this.#failure.thrown;
      if (this.#isClosed) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
