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

/** @param title for example the run's id. */
export async function createProgressView(output: Output, title: string): Promise<ProgressView> {
  return process.stderr.isTTY ? createBar(title) : createLines(output, title);
}

async function createBar(title: string): Promise<ProgressView> {
  const { default: library } = await import('cli-progress');
  let bar: SingleBar | null = null;
  const start = (total: number): SingleBar => {
    const started = new library.SingleBar(
      { stream: process.stderr, format: `${title} {phase} [{bar}] {value}/{total} {details}`, hideCursor: true, clearOnComplete: true, fps: 10, gracefulExit: false },
      library.Presets.shades_classic,
    );
    started.start(total, 0, { phase: '', details: '' });
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
        process.stderr.write(`${title}: ${event.message}\n`);
      }
      if (event.kind !== 'progress') return;
      bar ??= start(event.total);
      bar.setTotal(event.total);
      bar.update(event.done, { phase: phases[event.phase], details: detailsOf(event) });
    },
    stop,
  };
}

function createLines(output: Output, title: string): ProgressView {
  let lastMs = Number.NEGATIVE_INFINITY;
  const seen = new Set<Progress['phase']>();
  return {
    onEvent(event) {
      if (event.kind === 'warning') output.note(`${title}: ${event.message}`);
      if (event.kind !== 'progress') return;
      // The first of a phase at once: it says that the one before is over.
      if (seen.has(event.phase) && performance.now() - lastMs < lineIntervalMs) return;
      seen.add(event.phase);
      lastMs = performance.now();
      output.note(`${title} ${phases[event.phase]} ${event.done}/${event.total} ${detailsOf(event)}`.trimEnd());
    },
    stop() {},
  };
}

function detailsOf({ phase, loss, perSecond, etaSeconds }: Progress): string {
  return [
    loss === null ? undefined : `loss ${lossText(loss)}`,
    perSecond === null ? undefined : `${perSecond.toPrecision(3)} ${phase === 'train' ? 'steps' : 'examples'}/s`,
    etaSeconds === null ? undefined : `${durationText(etaSeconds)} left`,
  ].filter((text) => text !== undefined).join(', ');
}
