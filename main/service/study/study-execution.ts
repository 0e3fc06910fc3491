/** Runs what a study still lacks, unit by unit. Whatever happens, what is finished stays finished, and the next time goes on. */
import { Problem, toProblem } from '../../contract/problem.ts';
import type { JobEvent } from '../../contract/worker-protocol.ts';
import { findMethod } from '../../method/index.ts';
import { parseModelName, type RunId } from '../../store/identifiers.ts';
import type { JsonObject } from '../../store/json-column.ts';
import type { Workspace } from '../../store/workspace.ts';
import { voteOnSplit } from '../ensembles.ts';
import type { RuntimeChoice } from '../run-config.ts';
import { executeRunGroup, fullDiskCodes, type RunGroupExecution } from '../run-execution.ts';
import { createRunGroup, prepareGroupResume, type RunGroup } from '../run-group.ts';
import { settleSlots } from '../run-task.ts';
import type { RunPlan } from '../runs.ts';
import { listCells, type Study, type StudyCellState } from './studies.ts';
import { estimateRemaining, type RemainingTime, type StudyUnit, type UnitTime } from './study-progress.ts';

export interface StudyOptions {
  /** Of runs that are made now; others go on as they began. */
  runtime: RuntimeChoice;
  /** The argument list, for the record. */
  command: readonly string[];
  /** The command that goes on with the study, for messages. */
  wayOn: string;
  onProgress?: (progress: StudyProgress) => void;
  workerFile?: string;
}

export type StudyProgress =
  | { kind: 'unit'; position: StudyPosition; runs: readonly RunId[]; isResumed: boolean }
  | { kind: 'event'; position: StudyPosition; event: JobEvent }
  | { kind: 'unit-finished'; position: StudyPosition; seconds: number }
  /** The study goes on with the next unit. */
  | { kind: 'unit-failed'; position: StudyPosition; problem: Problem };

export interface StudyPosition extends StudyUnit {
  /** Cells that were done before this unit. */
  done: number;
  /** Cells of the study. */
  total: number;
  remaining: RemainingTime | null;
}

export interface StudyExecution {
  /** @throws {Problem} `study-cancelled`, `study-incomplete`, or the problem that no further cell could escape */
  readonly finished: Promise<void>;
  cancel(): void;
  kill(): void;
}

export function executeStudy(workspace: Workspace, study: Study, options: StudyOptions): StudyExecution {
  const session = new StudySession(workspace, study, options);
  return { finished: session.run(), cancel: () => session.cancel(), kill: () => session.kill() };
}

/** Cells that are run at once: the unfinished seeds of a method on a task, together where they share a frozen model. */
export function planUnits({ definition }: Pick<Study, 'definition'>, cells: readonly StudyCellState[]): StudyUnit[] {
  const units: { task: string; method: string; seeds: number[] }[] = [];
  for (const { task, method, seed, run } of cells) {
    if (run?.status === 'finished') continue;
    const last = units.at(-1);
    if (last?.task === task && last.method === method && isTogether(definition, method)) last.seeds.push(seed);
    else units.push({ task, method, seeds: [seed] });
  }
  return units;
}

function isTogether({ together, methods }: Study['definition'], id: string): boolean {
  const method = methods.find((candidate) => candidate.id === id);
  return together && method !== undefined && findMethod(method.method).trains === 'prompt';
}

class StudySession {
  readonly #workspace: Workspace;
  readonly #study: Study;
  readonly #options: StudyOptions;
  readonly #measured: UnitTime[];
  #current: RunGroupExecution | null = null;
  #isCancelled = false;

  constructor(workspace: Workspace, study: Study, options: StudyOptions) {
    this.#workspace = workspace;
    this.#study = study;
    this.#options = options;
    this.#measured = measureFinished(this.#cells());
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#current?.cancel();
  }

  kill(): void {
    this.#isCancelled = true;
    this.#current?.kill();
  }

  async run(): Promise<void> {
    const units = planUnits(this.#study, this.#cells());
    const failures: { unit: StudyUnit; problem: Problem }[] = [];
    let previous: Problem | null = null;
    for (const [index, unit] of units.entries()) {
      if (this.#isCancelled) throw this.#cancelled();
      const problem = await this.#runUnit(unit, units.slice(index + 1));
      if (problem === null) {
        previous = null;
        continue;
      }
      if (this.#isCancelled || problem.kind === 'cancelled') throw this.#cancelled();
      // What met two units in a row, or has no room to go on, would meet all of them.
      if (isHopeless(problem) || previous?.code === problem.code) throw this.#stopped(problem, unit);
      failures.push({ unit, problem });
      previous = problem;
    }
    const [first] = failures;
    if (first !== undefined) throw this.#incomplete(first, failures.length);
  }

  #cells(): StudyCellState[] {
    return listCells(this.#workspace, this.#study);
  }

  /** @returns what went wrong, or null. */
  async #runUnit(unit: StudyUnit, waiting: readonly StudyUnit[]): Promise<Problem | null> {
    const startMs = performance.now();
    const elapsedSeconds = (): number => (performance.now() - startMs) / 1000;
    const counts = countCells(this.#cells());
    let etaSeconds: number | null = null;
    const position = (): StudyPosition => ({
      ...unit, ...counts,
      remaining: estimateRemaining({ measured: this.#measured, waiting, current: { ...unit, elapsedSeconds: elapsedSeconds(), etaSeconds } }),
    });
    const tell = (progress: StudyProgress): void => this.#options.onProgress?.(progress);
    try {
      for (const { group, isResumed } of await this.#prepare(unit)) {
        if (this.#isCancelled) return this.#cancelled();
        tell({ kind: 'unit', position: position(), runs: group.map(({ id }) => id), isResumed });
        this.#current = executeRunGroup(this.#workspace, group, {
          resume: isResumed,
          onEvent: (event) => {
            if (event.kind === 'progress') etaSeconds = event.phase === 'train' ? event.etaSeconds : null;
            tell({ kind: 'event', position: position(), event });
          },
          ...(this.#options.workerFile === undefined ? {} : { workerFile: this.#options.workerFile }),
        });
        await this.#current.finished;
      }
      await this.#keepVotes(unit);
      this.#measured.push({ method: unit.method, cells: unit.seeds.length, seconds: elapsedSeconds() });
      tell({ kind: 'unit-finished', position: position(), seconds: elapsedSeconds() });
      return null;
    } catch (thrown) {
      const problem = toProblem(thrown);
      if (problem.kind !== 'cancelled' && !this.#isCancelled) tell({ kind: 'unit-failed', position: position(), problem });
      return problem;
    } finally {
      this.#current = null;
    }
  }

  /** Runs that exist go on together, those that are missing are made together. */
  async #prepare(unit: StudyUnit): Promise<{ group: RunGroup; isResumed: boolean }[]> {
    const cells = this.#cells().filter(({ task, method, seed }) => task === unit.task && method === unit.method && unit.seeds.includes(seed));
    const existing = cells.flatMap(({ run }) => (run === null ? [] : [run.id]));
    const missing = cells.filter(({ run }) => run === null).map(({ seed }) => seed);
    return [
      ...(existing.length === 0 ? [] : [{ group: await prepareGroupResume(this.#workspace, existing), isResumed: true }]),
      ...(missing.length === 0 ? [] : [{ group: this.#create(unit, missing), isResumed: false }]),
    ];
  }

  /** The votes of a finished cell example by example; what the report counts is computed from the same answers. */
  async #keepVotes({ task, method }: StudyUnit): Promise<void> {
    const { definition } = this.#study;
    const runs = this.#cells().flatMap(({ run, ...key }) => (key.task === task && key.method === method && run !== null ? [run] : []));
    if (!definition.ensemble || runs.length < 2 || runs.some((run) => run.status !== 'finished' || findMethod(run.method).trains !== 'prompt')) return;
    const examples = definition.tasks.find(({ id }) => id === task)?.examples;
    const split = (examples?.test ?? 0) > 0 ? 'test' : 'dev';
    if ((examples?.[split] ?? 0) > 0) await voteOnSplit(this.#workspace, { runs: runs.map(({ id }) => id), split });
  }

  /** A run without its cell would be made a second time: both or none. */
  #create({ task, method }: StudyUnit, seeds: readonly number[]): RunGroup {
    return this.#workspace.transaction(() => {
      const group = createRunGroup(this.#workspace, this.#plan(task, method), { seeds });
      for (const { id, seed } of group) this.#workspace.studies.setRun(this.#study.number, { task, method, seed, run: id });
      return group;
    });
  }

  #plan(taskId: string, methodId: string): RunPlan {
    const { model, tasks, methods, fewShot } = this.#study.definition;
    const task = tasks.find(({ id }) => id === taskId);
    const method = methods.find(({ id }) => id === methodId);
    if (task === undefined || method === undefined) throw new Error(`the study has no ${taskId} or ${methodId}`);
    const hasDev = task.inputs.some(({ role }) => role === 'dev');
    const sampling = fewShot === null ? null : { trainExamples: fewShot.examples, devExamples: hasDev ? null : fewShot.examples, dataSeed: fewShot.dataSeed };
    return {
      model: this.#workspace.models.get(parseModelName(model.name)),
      method: method.method,
      format: task.format,
      config: {
        settings: settleSlots(findMethod(method.method), { pvp: task.pvp, settings: { ...method.settings } as JsonObject, given: [] }),
        labels: task.labels, pvp: task.pvp, sampling, tokenizerSha256: model.tokenizerSha256, source: null, runtime: this.#options.runtime,
      },
      inputs: task.inputs,
      command: this.#options.command,
    };
  }

  #progressText(): string {
    const { done, total } = countCells(this.#cells());
    return `${done} of ${total} cells finished`;
  }

  #cancelled(): Problem {
    return new Problem({
      code: 'study-cancelled',
      kind: 'cancelled',
      found: `study “${this.#study.name}” stopped on request with ${this.#progressText()}`,
      expected: 'all of its cells',
      action: `Everything is saved. Go on with: ${this.#options.wayOn}`,
    });
  }

  #stopped(problem: Problem, { task, method }: StudyUnit): Problem {
    return new Problem({
      ...problem.toRecord(),
      found: `${problem.found} (study “${this.#study.name}”, ${method} on ${task}; ${this.#progressText()})`,
      action: `${adviceOf(problem)} Then go on with the study: ${this.#options.wayOn}`,
      cause: problem,
    });
  }

  #incomplete({ unit, problem }: { unit: StudyUnit; problem: Problem }, count: number): Problem {
    return new Problem({
      code: 'study-incomplete',
      kind: 'failure',
      found: `study “${this.#study.name}” with ${this.#progressText()}; ${count === 1 ? 'one part' : `${count} parts`} failed, the first ${unit.method} on ${unit.task}: ${problem.found}`,
      expected: 'all of its cells',
      action: `${adviceOf(problem)} Try the rest again with: ${this.#options.wayOn}`,
      cause: problem,
    });
  }
}

const changedModelCodes: ReadonlySet<string> = new Set(['model-changed', 'model-folder-missing', 'tokenizer-changed']);

function isHopeless({ code }: Problem): boolean {
  return fullDiskCodes.has(code) || changedModelCodes.has(code);
}

/** A run's own way on is not the study's. */
function adviceOf({ code, action }: Problem): string {
  if (fullDiskCodes.has(code)) return 'Free some space.';
  return code.startsWith('worker-') ? 'Its log says more.' : action;
}

function countCells(cells: readonly StudyCellState[]): { done: number; total: number } {
  return { done: cells.filter(({ run }) => run?.status === 'finished').length, total: cells.length };
}

/** A run's seconds are its own share of the passes that a group made together, so every cell counts for itself. */
export function measureFinished(cells: readonly StudyCellState[]): UnitTime[] {
  return cells.flatMap(({ method, run }) => {
    const seconds = run?.status === 'finished' ? run.finalMetrics?.['seconds'] : null;
    return seconds === undefined || seconds === null ? [] : [{ method, cells: 1, seconds }];
  });
}
