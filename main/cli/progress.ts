/** A worker's progress on standard error: a bar in a terminal, a line every few seconds elsewhere. */
import type { SingleBar } from 'cli-progress';
import type { JobEvent } from '../contract/worker-protocol.ts';
import { durationText, lossText } from './number-text.ts';
import type { Output } from './output.ts';

export interface ProgressView {
  onEvent(event: JobEvent): void;
  /** Leaves the terminal as it was; stopping twice does nothing. */
  stop(): void;
}

type Progress = Extract<JobEvent, { kind: 'progress' }>;

const lineIntervalMs = 5000;
const phases: Record<Progress['phase'], string> = { prepare: 'preparing', train: 'training', evaluate: 'evaluating' };

/** What stands beside the numbers of an event; asked at every event, since a study goes from cell to cell. */
interface Caption {
  /** For example the run's id. */
  title(): string;
  /** Behind everything; empty for nothing. */
  more(): string;
}

export async function createProgressView(output: Output, caption: string | Caption): Promise<ProgressView> {
  const full = typeof caption === 'string' ? { title: () => caption, more: () => '' } : caption;
  return process.stderr.isTTY ? createBar(full) : createLines(output, full);
}

async function createBar({ title, more }: Caption): Promise<ProgressView> {
  const { default: library } = await import('cli-progress');
  let bar: SingleBar | null = null;
  const start = (total: number): SingleBar => {
    const started = new library.SingleBar(
      { stream: process.stderr, format: '{title} {phase} [{bar}] {value}/{total} {details}', hideCursor: true, clearOnComplete: true, fps: 10, gracefulExit: false },
      library.Presets.shades_classic,
    );
    started.start(total, 0, { title: title(), phase: '', details: '' });
    return started;
  };
  const stop = (): void => {
    bar?.stop();
    bar = null;
  };
  return {
    onEvent(event) {
      if (event.kind === 'warning') {
        // The bar redraws its line; a warning between two drawings needs a line of its own.
        stop();
        process.stderr.write(`${title()}: ${event.message}\n`);
      }
      if (event.kind !== 'progress') return;
      bar ??= start(event.total);
      bar.setTotal(event.total);
      bar.update(event.done, { title: title(), phase: phases[event.phase], details: detailsOf(event, more()) });
    },
    stop,
  };
}

function createLines(output: Output, { title, more }: Caption): ProgressView {
  let lastMs = Number.NEGATIVE_INFINITY;
  const seen = new Set<string>();
  return {
    onEvent(event) {
      if (event.kind === 'warning') output.note(`${title()}: ${event.message}`);
      if (event.kind !== 'progress') return;
      // The first of a phase at once: it says that the one before is over.
      const stage = `${title()} ${phases[event.phase]}`;
      if (seen.has(stage) && performance.now() - lastMs < lineIntervalMs) return;
      seen.add(stage);
      lastMs = performance.now();
      output.note(`${stage} ${event.done}/${event.total} ${detailsOf(event, more())}`.trimEnd());
    },
    stop() {},
  };
}

function detailsOf({ phase, loss, perSecond, etaSeconds }: Progress, more: string): string {
  return [
    loss === null ? undefined : `loss ${lossText(loss)}`,
    perSecond === null ? undefined : `${perSecond.toPrecision(3)} ${phase === 'train' ? 'steps' : 'examples'}/s`,
    etaSeconds === null ? undefined : `${durationText(etaSeconds)} left`,
    more,
  ].filter((text) => text !== undefined && text !== '').join(', ');
}
