/** Progress at a rate that a view can take: at most ten messages a second, with rate and remaining time. */
import type { JobEvent } from '../contract/worker-protocol.ts';
import type { JobChannel } from './job.ts';

const intervalMs = 100;
/** Rates are taken over the last so many seconds: a warm-up or an evaluation long ago should not colour the estimate. */
const windowMs = 30_000;

export class ProgressReport {
  readonly #channel: JobChannel;
  readonly #nowMs: () => number;
  #phase = '';
  #marks: { done: number; atMs: number }[] = [];
  #lastSentMs = Number.NEGATIVE_INFINITY;
  /** Held back, by run. */
  readonly #losses = new Map<string, { firstStep: number; losses: number[] }>();

  constructor(channel: JobChannel, nowMs: () => number) {
    this.#channel = channel;
    this.#nowMs = nowMs;
  }

  /** @param state `done` counts steps or examples. The last of a phase is always sent. */
  update(state: { phase: 'prepare' | 'train' | 'evaluate'; done: number; total: number; loss?: number; learningRate?: number }): void {
    const now = this.#nowMs();
    if (state.phase !== this.#phase || state.done < (this.#marks.at(-1)?.done ?? 0)) {
      this.#phase = state.phase;
      this.#marks = [];
    }
    this.#marks.push({ done: state.done, atMs: now });
    while ((this.#marks[0]?.atMs ?? now) < now - windowMs && this.#marks.length > 2) this.#marks.shift();
    if (now - this.#lastSentMs < intervalMs && state.done !== state.total) return;
    this.#lastSentMs = now;
    this.flushLosses();
    this.#channel.emit(this.#event(state, now));
  }

  addLoss(runId: string, step: number, loss: number): void {
    const held = this.#losses.get(runId);
    if (held === undefined) this.#losses.set(runId, { firstStep: step, losses: [loss] });
    else held.losses.push(loss);
  }

  /** Sends losses that are still held back. */
  flushLosses(): void {
    for (const [runId, held] of this.#losses) this.#channel.emit({ kind: 'losses', runId, ...held });
    this.#losses.clear();
  }

  #event(state: Parameters<ProgressReport['update']>[0], now: number): JobEvent {
    const first = this.#marks[0];
    const seconds = first === undefined ? 0 : (now - first.atMs) / 1000;
    const perSecond = first === undefined || seconds <= 0 ? null : (state.done - first.done) / seconds;
    return {
      kind: 'progress',
      phase: state.phase,
      done: state.done,
      total: state.total,
      loss: state.loss ?? null,
      learningRate: state.learningRate ?? null,
      perSecond,
      etaSeconds: perSecond === null || perSecond <= 0 ? null : (state.total - state.done) / perSecond,
    };
  }
}
