/** Studies over the contract: made of text, listed one by one, exported as text. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportedText } from '../../contract/api/scores.ts';
import { exportStudy } from '../../report/export/study.ts';
import { writeFileAtomicSync } from '../../store/atomic-file.ts';
import type { ReadableWorkspace, Workspace } from '../../store/workspace.ts';
import type { ModelLookup } from '../built-in.ts';
import { commandText } from '../command-words.ts';
import { Problem } from '../../contract/problem.ts';
import { parseStudyFile } from './study-file.ts';
import { renderStudy } from './study-page.ts';
import { buildStudyDetails } from './study-report.ts';
import { listStudies, loadStudy, openStudy, type Study, type StudyListing } from './studies.ts';

export type StudySource = { kind: 'file'; file: string } | { kind: 'text'; text: string };

/** Files that were handed over, as they stand in a study's text, with or without quotes. */
const grant = /(["']?)(grant:[0-9a-f-]{36})\1/g;

/**
 * A text with granted files by their paths, which is how a study keeps them.
 * @param resolve a grant's path.
 * @param mayName whether the text may name other paths.
 * @throws {Problem} `path-not-granted`; as parseStudyFile and resolve
 */
export function resolveStudyText(text: string, { resolve, mayName }: { resolve(grant: string): string; mayName: boolean }): string {
  const granted = new Set<string>();
  const resolved = text.replaceAll(grant, (_match, _quote, name: string) => {
    const path = resolve(name);
    granted.add(path);
    return JSON.stringify(path);
  });
  if (mayName) return resolved;
  const files = parseStudyFile(Buffer.from(resolved), 'the study’s text').tasks.flatMap((task) => ('files' in task ? [task.files.train, task.files.dev, task.files.test] : []));
  const stranger = files.find((file) => file !== null && !granted.has(file));
  if (stranger === undefined) return resolved;
  throw new Problem({
    code: 'path-not-granted',
    found: 'a study that names a data file by its path',
    expected: 'built-in tasks, and files that were dropped into the window or chosen in a dialog',
    action: 'Choose the file in the dialog.',
  });
}

/**
 * A text becomes a file of the workspace, because a study goes on with its file. Its name, which is checked before, names the file.
 * @throws {Problem} as openStudy
 */
export async function createStudy(workspace: Workspace, { source, again, ...lookup }: { source: StudySource; again: 'never' | 'if-changed' | 'always' } & ModelLookup): Promise<StudyListing> {
  const file = source.kind === 'file' ? source.file : keepStudyText(workspace, source.text);
  return listingOf(workspace, await openStudy(workspace, { file, again, ...lookup }));
}

function keepStudyText(workspace: Workspace, text: string): string {
  const folder = join(workspace.directory, 'studies');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${parseStudyFile(Buffer.from(text), join(folder, 'study.yaml')).name}.yaml`);
  writeFileAtomicSync(file, text);
  return file;
}

export function listingOf(workspace: ReadableWorkspace, { name, edition }: Pick<Study, 'name' | 'edition'>): StudyListing {
  const listing = listStudies(workspace).find((row) => row.name === name && row.edition === edition);
  if (listing === undefined) throw new Error(`study ${name}@${edition} is in the workspace and not in its list`);
  return listing;
}

/** The command that goes on with a study. */
export function studyCommand({ file }: Pick<Study, 'file'>): string {
  return commandText(['souffleur', 'study', 'run', file]);
}

const mediaTypes = { tex: 'application/x-tex', md: 'text/markdown', csv: 'text/csv', json: 'application/json', html: 'text/html' } as const;
export type StudyExportFormat = keyof typeof mediaTypes;

/** @throws {Problem} `study-not-found`, and as buildStudyDetails */
export async function exportStudyText(workspace: ReadableWorkspace, { name, format, latex }: { name: string; format: StudyExportFormat; latex: 'document' | 'tabular' }): Promise<ExportedText> {
  const study = loadStudy(workspace, name);
  const details = await buildStudyDetails(workspace, study);
  const text = format === 'html' ? await renderStudy(workspace, { study, details, command: studyCommand(study) }) : exportStudy(details.report, format, { latex });
  return { fileName: `${study.name}.${format}`, mediaType: mediaTypes[format], text };
}
