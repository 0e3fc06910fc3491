/** Studies of the workspace: begun from a file, gone on with, and their cells. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Problem, toProblem } from '../../contract/problem.ts';
import type { Run } from '../../store/run-row.ts';
import type { StudyCellKey, StudyRow } from '../../store/studies-table.ts';
import type { ReadableWorkspace, Workspace } from '../../store/workspace.ts';
import type { ModelLookup } from '../built-in.ts';
import { defineStudy, describeChanges, readDefinition, type StudyDefinition } from './study-definition.ts';
import { largestStudyFileBytes, parseStudyFile, type StudyFile } from './study-file.ts';

export interface Study extends Omit<StudyRow, 'definition'> {
  definition: StudyDefinition;
}

export interface StudyCellState extends StudyCellKey {
  /** Null until it is made, and again when it is in the trash. */
  run: Run | null;
}

export interface StudyListing {
  name: string;
  edition: number;
  file: string;
  model: string;
  methods: string[];
  tasks: string[];
  cells: number;
  finished: number;
  createdAt: string;
}

export interface StudyRequest extends ModelLookup {
  /** The study file. */
  file: string;
  /** When to begin anew under a name that is taken; `if-changed` is for files that come with the program. */
  again: 'never' | 'if-changed' | 'always';
}

/**
 * Begins a study or goes on with it: its file is read again, and has to mean the same as when it began.
 * @throws {Problem} `study-changed` with what differs; of the study file and everything that it names
 */
export async function openStudy(workspace: Workspace, { file, again, ...lookup }: StudyRequest): Promise<Study> {
  const path = resolve(file);
  const asked = await readStudyFile(path);
  const definition = await defineStudy(workspace, asked, lookup);
  const earlier = workspace.studies.find(asked.name);
  const changes = earlier === null ? [] : describeChanges(readDefinition(earlier), definition);
  if (earlier === null || again === 'always' || (again === 'if-changed' && changes.length > 0)) {
    return toStudy(workspace.studies.create({ name: asked.name, file: path, definition: { ...definition } }));
  }
  if (changes.length > 0) throw changed(earlier, { changes, path });
  workspace.studies.update({ number: earlier.number, file: path, definition: { ...definition } });
  return toStudy(workspace.studies.get(asked.name));
}

/** @param text a study's name, or `name@2` for an edition of it. @throws {Problem} `study-not-found`, `study-definition-invalid` */
export function loadStudy(workspace: ReadableWorkspace, text: string): Study {
  const [, name = text, edition] = /^(.*)@(\d{1,9})$/.exec(text) ?? [];
  return toStudy(workspace.studies.get(name, edition === undefined ? undefined : Number(edition)));
}

/** Every cell, in the order in which they are run: task by task, so that methods can be compared early; then methods, then seeds. */
export function listCells(workspace: ReadableWorkspace, { number, definition }: Pick<Study, 'number' | 'definition'>): StudyCellState[] {
  const runs = new Map(workspace.studies.listRuns(number).map((row) => [cellName(row), row.run]));
  return listCellKeys(definition).map((cell) => {
    const run = runs.get(cellName(cell));
    return { ...cell, run: run === undefined ? null : workspace.runs.get(run) };
  });
}

/** In the order of listCells. */
export function listCellKeys({ tasks, methods }: StudyDefinition): StudyCellKey[] {
  return tasks.flatMap((task) => methods.flatMap((method) => method.seeds.map((seed) => ({ method: method.id, task: task.id, seed }))));
}

export function listStudies(workspace: ReadableWorkspace): StudyListing[] {
  return workspace.studies.list().map((row) => {
    const study = toStudy(row);
    const { model, methods, tasks } = study.definition;
    const cells = listCells(workspace, study);
    return {
      name: study.name,
      edition: study.edition,
      file: study.file,
      model: model.name,
      methods: methods.map(({ id }) => id),
      tasks: tasks.map(({ id }) => id),
      cells: cells.length,
      finished: cells.filter(({ run }) => run?.status === 'finished').length,
      createdAt: new Date(study.createdAtMs).toISOString(),
    };
  });
}

function toStudy(row: StudyRow): Study {
  return { ...row, definition: readDefinition(row) };
}

function cellName({ method, task, seed }: StudyCellKey): string {
  return JSON.stringify([method, task, seed]);
}

async function readStudyFile(path: string): Promise<StudyFile> {
  try {
    const facts = await stat(path);
    if (facts.isFile() && facts.size > largestStudyFileBytes) throw tooLarge(path, facts.size);
    return parseStudyFile(await readFile(path), path);
  } catch (thrown) {
    throw toProblem(thrown);
  }
}

function tooLarge(file: string, size: number): Problem {
  return new Problem({
    code: 'study-file-too-large',
    found: `a file of ${size} bytes`,
    expected: `a study file, at most ${largestStudyFileBytes} bytes`,
    action: 'Name the study file, not a data file.',
    place: { file },
  });
}

const mostShown = 5;

function changed({ name, createdAtMs }: StudyRow, { changes, path }: { changes: readonly string[]; path: string }): Problem {
  const more = changes.length > mostShown ? `; and ${changes.length - mostShown} more` : '';
  return new Problem({
    code: 'study-changed',
    found: `another study than “${name}” was when it began on ${new Date(createdAtMs).toISOString().slice(0, 10)}: ${changes.slice(0, mostShown).join('; ')}${more}`,
    expected: 'the same study, which can go on',
    action: 'Undo the change to go on, give the new study another name, or begin anew under this one with --again.',
    place: { file: path },
  });
}
