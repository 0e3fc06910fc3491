/** Studies at work in a core that other clients watch. */
import { availableParallelism } from 'node:os';
import type { RunId } from '../../store/identifiers.ts';
import type { Core } from '../core.ts';
import { requireIdle } from '../idle.ts';
import { publishJobEvents } from '../run-events.ts';
import type { RuntimeChoice } from '../run-config.ts';
import { readSettings } from '../settings.ts';
import type { WorkRegistry } from '../work-registry.ts';
import { executeStudy } from './study-execution.ts';
import { studyCommand } from './study-view.ts';
import { loadStudy, openStudy, type Study } from './studies.ts';

export interface StudyStart {
  /** Or `name@2`. */
  name: string;
  /** Null takes the settings’, or all. */
  threads: number | null;
  provider: RuntimeChoice['provider'];
  workerFile?: string;
}

/** By core and study number: what was started last. */
const started = new WeakMap<WorkRegistry, Map<number, string>>();

/** @returns the work’s id where the study is at work. */
export function findStudyWork({ work }: Pick<Core, 'work'>, { number }: Pick<Study, 'number'>): string | null {
  const id = started.get(work)?.get(number);
  return id !== undefined && work.list().some((record) => record.id === id && record.state === 'running') ? id : null;
}

/**
 * Reads the study's file again, as the terminal does, and runs what is missing.
 * @returns the work’s id. @throws {Problem} `study-not-found`, `machine-busy`; what openStudy finds ends the work
 */
export function startStudy(core: Core, { name, threads, provider, ...options }: StudyStart): string {
  const { workspace, events, work } = core;
  const study = loadStudy(workspace, name);
  requireIdle(core);
  const runtime = { provider, threads: threads ?? readSettings(workspace).defaultThreads ?? availableParallelism() };
  const { id } = work.start({
    label: `Study ${study.name}`,
    subject: 'studies',
    async run({ signal, tell }) {
      const isLatest = workspace.studies.get(study.name).number === study.number;
      // An earlier edition goes on as it was kept: its file means the latest.
      const current = isLatest ? await openStudy(workspace, { file: study.file, again: 'never', signal, ...options }) : study;
      let runsAtWork: readonly RunId[] = [];
      const execution = executeStudy(workspace, current, {
        runtime, command: ['souffleur', 'study', 'run', study.file], wayOn: studyCommand(study), ...options,
        onProgress(progress) {
          const { done, total } = progress.position;
          tell({ done: progress.kind === 'unit-finished' ? done + progress.position.seeds.length : done, total, unit: 'runs' });
          if (progress.kind === 'event') publishJobEvents(events, runsAtWork)(progress.event);
          else events.publish({ kind: 'changed', subject: 'runs', id: null });
          if (progress.kind === 'unit') runsAtWork = progress.runs;
        },
      });
      signal.addEventListener('abort', () => execution.cancel(), { once: true });
      if (signal.aborted) execution.cancel();
      await execution.finished;
    },
  });
  const ids = started.get(work) ?? new Map<number, string>();
  started.set(work, ids.set(study.number, id));
  return id;
}

/** @returns whether it was at work. @throws {Problem} `study-not-found` */
export function stopStudy(core: Core, name: string): boolean {
  const id = findStudyWork(core, loadStudy(core.workspace, name));
  if (id !== null) core.work.cancel(id);
  return id !== null;
}
