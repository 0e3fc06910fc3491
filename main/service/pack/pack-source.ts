/** A pack wherever it is: imported, or a file that was never seen before. */
import { join, resolve } from 'node:path';
import type { PackReport } from '../../contract/api/packs.ts';
import { packManifestSchema, type PackManifest, type PackTask } from '../../contract/prompt-pack.ts';
import type { PackAssumptions, PackContent } from '../../contract/pack-job.ts';
import { Problem } from '../../contract/problem.ts';
import { findMethod } from '../../method/index.ts';
import { parseModelName, parsePackId } from '../../store/identifiers.ts';
import type { ModelRow } from '../../store/models-table.ts';
import type { PackRow } from '../../store/packs-table.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { findFormat } from '../../task/index.ts';
import { settleLabels } from '../data-files.ts';
import { defaultSettings } from '../method-settings.ts';
import { readOwnVersion } from '../versions.ts';
import { describeBase, findBaseModels, requireBase } from './pack-base.ts';
import { readPackFile } from './pack-worker.ts';

/** What a person says of a file that does not say it itself. */
export interface GivenFacts {
  /** A model of the workspace, by name. */
  model: string | null;
  task: string | null;
  labels: readonly string[] | null;
}

export interface OpenedPack {
  manifest: PackManifest;
  /** Files with each prompt as a run keeps it. */
  trained: string[];
  report: PackReport;
}

export function writtenBy(): string {
  return `Souffleur ${readOwnVersion()}`;
}

/**
 * Opens a pack for the length of a call.
 * @param text an id such as p0001, or a path. @param folder an empty one for what is read from a file.
 * @throws {Problem} `pack-not-found`, `pack-in-trash`, `object-corrupt`, what is wrong with a file, those of the given facts
 */
export async function openPack(workspace: ReadableWorkspace, text: string, { given, folder }: { given: GivenFacts; folder: string }): Promise<OpenedPack> {
  const id = parsePackId(text);
  if (id !== null) {
    const row = workspace.packs.get(id);
    if (row.trashedAtMs !== null) throw inTrash(row);
    for (const { trained } of row.prompts) await workspace.objects.verifyObject(trained);
    const report = reportRow(workspace, row);
    const manifest = await addGiven(workspace, report.manifest, given);
    return { manifest, trained: row.prompts.map(({ trained }) => workspace.objects.objectPath(trained)), report };
  }
  const content = await readContent(workspace, text, { given, staging: folder });
  return { manifest: content.manifest, trained: content.staged.map(({ trained }) => join(folder, trained)), report: reportContent(workspace, content, text) };
}

/**
 * Reads a file with what the person knows of it.
 * @throws {Problem} as openPack
 */
export async function readContent(workspace: ReadableWorkspace | null, path: string, { given, staging }: { given: GivenFacts; staging: string | null }): Promise<PackContent> {
  const assumptions = await assume(workspace, given);
  const content = await readPackFile({ path: resolve(path), staging, assumptions });
  await addGiven(workspace, content.manifest, given);
  return content;
}

async function assume(workspace: ReadableWorkspace | null, given: GivenFacts): Promise<PackAssumptions> {
  const model = findGivenModel(workspace, given);
  return { base: model === null ? null : await describeBase(model), task: await describeTask(given), writtenBy: writtenBy() };
}

function findGivenModel(workspace: ReadableWorkspace | null, { model }: GivenFacts): ModelRow | null {
  return model === null || workspace === null ? null : workspace.models.get(parseModelName(model));
}

/** @throws {Problem} `unknown-task-format`, `pack-labels-needed`, `pack-labels-without-task`, those of settleLabels */
async function describeTask({ task, labels }: GivenFacts): Promise<PackTask | null> {
  if (task === null) {
    if (labels === null) return null;
    throw new Problem({ code: 'pack-labels-without-task', found: 'labels without a task', expected: 'the task whose labels they are', action: 'Name it with --task.' });
  }
  const format = findFormat(task);
  if (format.anyClasses !== undefined && labels === null) {
    throw new Problem({ code: 'pack-labels-needed', found: `the task ${task}, which has no labels of its own`, expected: 'the labels in the order of training', action: 'Give them with --labels.' });
  }
  const classes = await settleLabels(format, '', labels);
  const { maxSourceTokens, maxTargetTokens } = defaultSettings(findMethod('prompt-tuning'));
  return {
    format: task, labels: classes ?? format.labels?.map((word) => ({ value: word, word })) ?? null, pvp: null,
    maxSourceTokens: Number(maxSourceTokens), maxTargetTokens: Number(maxTargetTokens),
  };
}

/**
 * What a manifest leaves open is filled with what is given; what it says stands.
 * @throws {Problem} `pack-task-differs`, those of requireBase
 */
async function addGiven(workspace: ReadableWorkspace | null, manifest: PackManifest, given: GivenFacts): Promise<PackManifest> {
  const model = findGivenModel(workspace, given);
  if (model !== null) requireBase(model, manifest.base);
  const task = await describeTask(given);
  if (task !== null && manifest.task !== null && task.format !== manifest.task.format) {
    throw new Problem({
      code: 'pack-task-differs', found: `the task ${task.format}`, expected: `${manifest.task.format}, as the pack says`, action: 'Leave --task out.',
    });
  }
  return { ...manifest, task: manifest.task ?? task };
}

/** As the workspace keeps it. */
export function reportRow(workspace: Pick<ReadableWorkspace, 'models'>, row: PackRow): PackReport {
  const manifest = packManifestSchema.parse(JSON.parse(row.manifestText));
  return {
    id: row.id, origin: row.origin, source: row.source, importedAt: new Date(row.importedAtMs).toISOString(), isTrashed: row.trashedAtMs !== null,
    manifest, rowNorms: null, prompts: row.prompts.map(({ trained }) => trained), models: findBaseModels(workspace, manifest.base).map(({ name }) => name), remarks: [],
  };
}

/** As a file says. */
export function reportContent(workspace: Pick<ReadableWorkspace, 'models'> | null, { origin, manifest, rowNorms, remarks }: PackContent, path: string): PackReport {
  const models = workspace === null ? [] : findBaseModels(workspace, manifest.base).map(({ name }) => name);
  return { id: null, origin, source: resolve(path), importedAt: null, isTrashed: false, manifest, rowNorms, prompts: [], models, remarks };
}

function inTrash({ id }: PackRow): Problem {
  return new Problem({ code: 'pack-in-trash', found: `pack ${id}, which is in the trash`, expected: 'one outside the trash', action: `Restore it: souffleur packs restore ${id}` });
}
