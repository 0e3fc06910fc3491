/** Tasks into and out of the workspace: a library as one JSON file, promptsource's templates, presets. */
import { readFileSync, statSync } from 'node:fs';
import { parseDocument, YAMLMap } from 'yaml';
import { z } from 'zod';
import { Problem, toProblem } from '../../contract/problem.ts';
import type { Pvp } from '../../contract/pvp.ts';
import { libraryFileSchema, type LibraryFile, type TaskDefinition, type TaskDetails } from '../../contract/task-library.ts';
import type { ReadableWorkspace, Workspace } from '../../store/workspace.ts';
import { findFormat, taskFormats } from '../../task/index.ts';
import { presetsOf } from '../../task/preset/index.ts';
import { readOwnVersion } from '../versions.ts';
import { hashDefinition } from './canonical.ts';
import { translateTemplates, type Translation } from './promptsource.ts';
import { checkDefinition, createTask, parseTaskName, readDefinition, updateTask } from './tasks.ts';

/** The largest templates.yaml published has 0.2 MB. */
const mostYamlBytes = 5 << 20;
const mostLibraryBytes = 50 << 20;
const templateTags = ['!Template', '!TemplateMetadata'];

/** @param names null takes all that are not in the trash. @throws {Problem} `task-not-found` */
export function exportLibrary(workspace: ReadableWorkspace, names: readonly string[] | null): LibraryFile {
  const all = names ?? workspace.tasks.list().map(({ name }) => name);
  return {
    kind: 'souffleur-task-library',
    formatVersion: 1,
    exportedAt: new Date().toISOString(),
    programVersion: readOwnVersion(),
    tasks: all.map((name) => {
      const row = workspace.tasks.getVersion(name);
      return { name, version: row.version, hash: row.hash, definition: readDefinition(row) };
    }),
  };
}

export interface ImportedLibrary {
  added: string[];
  /** There already, and brought to the file's definition as a new version. */
  updated: string[];
  /** There already, saying the same. */
  unchanged: string[];
}

/**
 * All tasks of a file or none.
 * @param conflicts what becomes of a task whose name is taken by another definition
 * @throws {Problem} `library-invalid`, `library-changed`, `task-name-taken`, and as checkDefinition, with the task's name
 */
export function importLibrary(workspace: Workspace, file: string, conflicts: 'refuse' | 'new-version'): ImportedLibrary {
  const library = readLibrary(file);
  return workspace.transaction(() => {
    const result: ImportedLibrary = { added: [], updated: [], unchanged: [] };
    for (const { name, hash, definition } of library.tasks) {
      const known = workspace.tasks.find(name) === null ? null : workspace.tasks.getVersion(name);
      if (known === null) {
        createTask(workspace, name, definition);
        result.added.push(name);
      } else if (known.hash === hash) result.unchanged.push(name);
      else if (conflicts === 'new-version') {
        updateTask(workspace, { name, basedOn: known.version, definition });
        result.updated.push(name);
      } else throw conflict(name, file);
    }
    return result;
  });
}

function readLibrary(file: string): LibraryFile {
  let content: unknown;
  try {
    content = JSON.parse(readSmallFile(file, mostLibraryBytes));
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw invalidLibrary(file, 'no JSON', thrown);
  }
  const parsed = libraryFileSchema.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalidLibrary(file, `${issue?.path.join('.') || 'content'}: ${issue?.message ?? 'not as agreed'}`, parsed.error);
  }
  for (const { name, hash, definition } of parsed.data.tasks) {
    if (hashDefinition(definition) !== hash) throw changedLibrary(file, name);
    try {
      checkDefinition(definition);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      const { code, found, expected, action } = thrown;
      throw new Problem({ code, found: `the task ${name}: ${found}`, expected, action, place: { file }, cause: thrown });
    }
  }
  return parsed.data;
}

/**
 * @param format null takes that of the data set
 * @throws {Problem} `promptsource-yaml` with the line, and as translateTemplates
 */
export function readPromptsource(file: string, format: string | null): Translation {
  // Their tags stand for classes of promptsource; here they are plain maps.
  const customTags = templateTags.map((tag) => ({ tag, collection: 'map' as const, nodeClass: YAMLMap }));
  const document = parseDocument(readSmallFile(file, mostYamlBytes), { merge: false, schema: 'core', customTags });
  const [error] = document.errors;
  if (error !== undefined) throw badYaml(file, error.message.split('\n')[0] ?? 'no YAML', error.linePos?.[0].line);
  const strange = document.warnings.find(({ code }) => code === 'TAG_RESOLVE_FAILED');
  if (strange !== undefined) throw badYaml(file, strange.message.split('\n')[0] ?? 'a tag', strange.linePos?.[0].line);
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 0 });
  } catch (thrown) {
    throw badYaml(file, toProblem(thrown).found, undefined);
  }
  return translateTemplates(data, format);
}

/**
 * Reads templates and keeps what could be translated: as a new task, or as more pairs of one that is there.
 * @throws {Problem} as readPromptsource and createTask; `task-format-differs`
 */
export function importPromptsource(workspace: Workspace, file: string, { format, task }: { format: string | null; task: string }): { translation: Translation; task: TaskDetails | null } {
  const translation = readPromptsource(file, format);
  if (translation.pvps.length === 0) return { translation, task: null };
  const name = parseTaskName(task);
  const source = [translation.dataset, translation.subset].filter((part) => part !== null).join('/');
  const known = workspace.tasks.find(name);
  if (known === null) {
    const definition = { ...emptyTask(translation.format), pvps: translation.pvps, provenance: `promptsource, ${source}`.slice(0, 500) };
    return { translation, task: createTask(workspace, name, definition) };
  }
  const definition = readDefinition(workspace.tasks.getVersion(name));
  if (definition.format !== translation.format) throw formatDiffers(name, definition.format, translation.format);
  const kept = definition.pvps.filter(({ id }) => !translation.pvps.some((pvp) => pvp.id === id));
  return { translation, task: updateTask(workspace, { name, basedOn: known.version, definition: { ...definition, pvps: [...kept, ...translation.pvps] } }) };
}

/** A definition from a file: alone, or as `tasks show --json` prints it. @throws {Problem} `library-invalid`, `library-too-large`, and as checkDefinition */
export function readDefinitionFileSync(file: string): TaskDefinition {
  let content: unknown;
  try {
    content = JSON.parse(readSmallFile(file, mostLibraryBytes));
  } catch (thrown) {
    throw thrown instanceof SyntaxError ? invalidLibrary(file, 'no JSON', thrown) : thrown;
  }
  const shown = shownTaskSchema.safeParse(content);
  return checkDefinition(shown.success ? shown.data.task.definition : content);
}

const shownTaskSchema = z.object({ task: z.object({ definition: z.unknown() }) });

/** @param format null lists those of every format. @throws {Problem} `unknown-task-format` */
export function listPresets(format: string | null): { format: string; pvps: Pvp[] }[] {
  const formats = format === null ? taskFormats.map(({ id }) => id) : [findFormat(format).id];
  return formats.map((id) => ({ format: id, pvps: presetsOf(id) }));
}

/** A task of a format with its presets: what `tasks add` begins with. @throws {Problem} `unknown-task-format` */
export function presetTask(format: string): TaskDefinition {
  const pvps = presetsOf(findFormat(format).id);
  return { ...emptyTask(format), pvps, provenance: 'presets of Souffleur; every pair names its source' };
}

function emptyTask(format: string): TaskDefinition {
  return { title: findFormat(format).title, format, labels: null, dataset: null, pvps: [], provenance: '' };
}

function readSmallFile(file: string, mostBytes: number): string {
  try {
    const { size } = statSync(file);
    if (size <= mostBytes) return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    throw new Problem({
      code: 'library-too-large', found: `a file of ${Math.ceil(size / 1e6)} MB`, expected: `at most ${mostBytes >> 20} MiB`, action: 'Check that it is the right file.', place: { file },
    });
  } catch (thrown) {
    if (thrown instanceof TypeError) throw invalidLibrary(file, 'bytes that are no UTF-8', thrown);
    const problem = toProblem(thrown);
    throw problem.place.file === undefined ? new Problem({ ...problem.toRecord(), place: { file }, cause: thrown }) : problem;
  }
}

function invalidLibrary(file: string, found: string, cause: unknown): Problem {
  return new Problem({
    code: 'library-invalid', found, expected: 'a task library as souffleur tasks export writes it', action: 'Export it again, or correct the file.', place: { file }, cause,
  });
}

function changedLibrary(file: string, name: string): Problem {
  return new Problem({
    code: 'library-changed',
    found: `the task ${name}, whose definition is not the one that its hash names`,
    expected: 'a definition as it was exported',
    action: 'Export it again; a definition that was edited by hand is added with souffleur tasks edit.',
    place: { file },
  });
}

function conflict(name: string, file: string): Problem {
  return new Problem({
    code: 'task-name-taken',
    found: `a task named ${name} in the workspace already, with another definition`,
    expected: 'names that are free, or tasks that say the same',
    action: 'Import with --new-versions to make the file’s definition a new version; the old one stays. Nothing was imported.',
    place: { file },
  });
}

function badYaml(file: string, found: string, line: number | undefined): Problem {
  return new Problem({
    code: 'promptsource-yaml',
    found,
    expected: `plain YAML with no tags but ${templateTags.join(' and ')}`,
    action: 'Correct the file, or take the original templates.yaml.',
    place: { file, ...(line === undefined ? {} : { line }) },
  });
}

function formatDiffers(name: string, format: string, other: string): Problem {
  return new Problem({
    code: 'task-format-differs', found: `templates of ${other} for the task ${name}, which is ${format}`, expected: 'templates of the same format', action: 'Import them under another name.',
  });
}
