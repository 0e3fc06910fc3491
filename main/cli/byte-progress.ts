/** A download's progress on standard error: bytes, rate and time left, redrawn in a terminal, a line every few seconds elsewhere. */
import { bytesText, durationText } from './number-text.ts';
import type { Output } from './output.ts';

export interface ByteView {
  onProgress(progress: { done: number; total: number }): void;
  /** Leaves the terminal as it was; stopping twice does nothing. */
  stop(): void;
}

/** Rates over less jump. */
const windowMs = 10_000;
const lineIntervalMs = 5000;
const drawIntervalMs = 200;

export function createByteView(output: Output, title: string): ByteView {
  const isTerminal = process.stderr.isTTY;
  const marks: { atMs: number; done: number }[] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  let isDrawn = false;
  return {
    onProgress({ done, total }) {
      const nowMs = performance.now();
      if (nowMs - lastMs < (isTerminal ? drawIntervalMs : lineIntervalMs)) return;
      lastMs = nowMs;
      marks.push({ atMs: nowMs, done });
      while (marks.length > 2 && nowMs - (marks[0]?.atMs ?? nowMs) > windowMs) marks.shift();
      const text = describe(title, { done, total, bytesPerSecond: rateOf(marks) });
      isDrawn = isTerminal;
      if (isTerminal) process.stderr.write(`\r\u001B[K${text}`);
      else output.note(text);
    },
    stop() {
      if (isDrawn) process.stderr.write('\r\u001B[K');
      isDrawn = false;
    },
  };
}

function rateOf(marks: readonly { atMs: number; done: number }[]): number | null {
  const [first, last] = [marks[0], marks.at(-1)];
  const seconds = ((last?.atMs ?? 0) - (first?.atMs ?? 0)) / 1000;
  return seconds <= 0 ? null : Math.max(0, ((last?.done ?? 0) - (first?.done ?? 0)) / seconds);
}

function describe(title: string, { done, total, bytesPerSecond }: { done: number; total: number; bytesPerSecond: number | null }): string {
  const rate = bytesPerSecond === null ? '' : `, ${bytesText(bytesPerSecond)}/s`;
  const left = bytesPerSecond === null || bytesPerSecond === 0 ? '' : `, ${durationText((total - done) / bytesPerSecond)} left`;
  return `${title}: ${bytesText(done)} of ${bytesText(total)}${rate}${left}`;
}
