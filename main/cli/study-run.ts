/** What `study run` and `demo` have in common: a study file run to its end, with progress and Ctrl-C. */
import type { RuntimeChoice } from '../service/run-config.ts';
import { executeStudy } from '../service/study/study-execution.ts';
import { openStudy, type Study, type StudyRequest } from '../service/study/studies.ts';
import type { Workspace } from '../store/workspace.ts';
import type { CommandContext } from './context.ts';
import { createStudyProgressView } from './study-progress.ts';

export interface StudyInvocation {
  file: string;
  again: StudyRequest['again'];
  runtime: RuntimeChoice;
  /** The command that goes on with the study. */
  wayOn: string;
}

/** @returns the finished study. @throws {Problem} as openStudy and executeStudy */
export async function runStudyFile(workspace: Workspace, { file, again, runtime, wayOn }: StudyInvocation, { output, interruption, argumentList }: CommandContext): Promise<Study> {
  const stop = new AbortController();
  output.note(`Reading ${file} and its data …`);
  const study = await interruption.during(
    { note: 'Stopping; nothing has begun.', cancel: () => stop.abort(), kill: () => process.exit(130) },
    () => openStudy(workspace, { file, again, signal: stop.signal }),
  );
  const progress = await createStudyProgressView(output, study.name);
  try {
    const execution = executeStudy(workspace, study, { runtime, command: ['souffleur', ...argumentList], wayOn, onProgress: progress.onProgress });
    await interruption.during(execution, () => execution.finished);
  } finally {
    progress.stop();
  }
  return study;
}
