/** A study at work: the cell that is trained, and how long the rest may take. */
import type { StudyPosition, StudyProgress } from '../service/study/study-execution.ts';
import { durationText } from './number-text.ts';
import type { Output } from './output.ts';
import { createProgressView } from './progress.ts';

export interface StudyProgressView {
  onProgress(progress: StudyProgress): void;
  stop(): void;
}

export async function createStudyProgressView(output: Output, study: string): Promise<StudyProgressView> {
  let position: StudyPosition | null = null;
  // Every cell on a task reads the same files.
  const warned = new Set<string>();
  const view = await createProgressView(output, {
    title: () => (position === null ? study : `${study} ${describePosition(position)}`),
    more: () => (position === null ? '' : describeRemaining(position)),
  });
  const note = (text: string): void => {
    view.stop();
    output.note(text);
  };
  return {
    onProgress(progress) {
      position = progress.position;
      switch (progress.kind) {
        case 'event': {
          const { event } = progress;
          if (event.kind === 'warning' && warned.has(event.message)) return undefined;
          if (event.kind === 'warning') warned.add(event.message);
          return view.onEvent(event);
        }
        case 'unit': return progress.isResumed ? note(`${study} ${describePosition(position)}: going on with ${progress.runs.join(', ')}`) : undefined;
        case 'unit-finished': return note(`${study} ${describePosition(position)}: done in ${durationText(progress.seconds)}`);
        case 'unit-failed': return note(`${study} ${describePosition(position)} failed: ${progress.problem.message}`);
        default: return progress satisfies never;
      }
    },
    stop: () => view.stop(),
  };
}

/** `[3–7 of 18] pt on rte, seeds 1, 2, 3, 4, 5` */
function describePosition({ done, total, task, method, seeds }: StudyPosition): string {
  const cells = seeds.length === 1 ? `${done + 1}` : `${done + 1}–${done + seeds.length}`;
  return `[${cells} of ${total}] ${method} on ${task}, ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;
}

function describeRemaining({ remaining }: StudyPosition): string {
  if (remaining === null) return '';
  return `study: ${remaining.isLeast ? 'more than' : 'about'} ${durationText(remaining.seconds)} left`;
}
