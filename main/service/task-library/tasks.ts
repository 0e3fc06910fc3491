/** Tasks of the workspace: every edit is a version of its own, so that a run names exactly what it used. */
import { Problem } from '../../contract/problem.ts';
import type { UsedPvp } from '../../contract/pvp.ts';
import { taskDefinitionSchema, taskNameSchema, type TaskDefinition, type TaskDetails, type TaskSummary, type TaskVersion } from '../../contract/task-library.ts';
import type { TaskRow, TaskVersionRow } from '../../store/tasks-table.ts';
import type { ReadableWorkspace, Workspace } from '../../store/workspace.ts';
import { findFormat } from '../../task/index.ts';
import { applyPattern } from '../../task/pattern/apply-pattern.ts';
import { findCloseMatch } from '../close-match.ts';
import { hashDefinition } from './canonical.ts';

export function listTasks(workspace: ReadableWorkspace, { trash }: { trash: 'without' | 'only' } = { trash: 'without' }): TaskSummary[] {
  return workspace.tasks.list({ trash }).map((row) => summarise(row, workspace.tasks.getVersion(row.name)));
}

/** @param version the latest without. @throws {Problem} `task-not-found`, `task-version-not-found` */
export function showTask(workspace: ReadableWorkspace, name: string, version?: number): TaskDetails {
  return detail(workspace.tasks.get(name), workspace.tasks.getVersion(name, version));
}

/** The latest first. @throws {Problem} `task-not-found` */
export function listVersions(workspace: ReadableWorkspace, name: string): TaskVersion[] {
  return workspace.tasks.listVersions(name).map((row) => {
    const { title, pvps } = readDefinition(row);
    return { version: row.version, hash: row.hash, createdAt: isoTime(row.createdAtMs), title, pvps: pvps.length };
  });
}

/** @throws {Problem} `task-name-invalid`, `task-name-taken`, and as checkDefinition */
export function createTask(workspace: Workspace, name: string, definition: TaskDefinition): TaskDetails {
  const checked = checkDefinition(definition);
  const row = workspace.tasks.create({ name: parseTaskName(name), definition: checked, hash: hashDefinition(checked) });
  return detail(workspace.tasks.get(row.name), row);
}

/**
 * A new version; a definition that says the same as the latest is none.
 * @param basedOn the version that was edited
 * @throws {Problem} `task-changed-meanwhile`, `task-not-found`, `task-in-trash`, and as checkDefinition
 */
export function updateTask(workspace: Workspace, { name, basedOn, definition }: { name: string; basedOn: number; definition: TaskDefinition }): TaskDetails {
  const checked = checkDefinition(definition);
  const latest = workspace.tasks.getVersion(name);
  if (latest.version !== basedOn) throw changedMeanwhile(name, { basedOn, latest: latest.version });
  return writeVersion(workspace, latest, checked);
}

/** Undoes edits: the version's definition becomes the latest again, as a version of its own. @throws {Problem} `task-version-not-found`, `task-in-trash` */
export function revertTask(workspace: Workspace, name: string, version: number): TaskDetails {
  return writeVersion(workspace, workspace.tasks.getVersion(name), readDefinition(workspace.tasks.getVersion(name, version)));
}

/** @throws {Problem} `task-not-found` */
export function trashTask(workspace: Workspace, name: string): TaskSummary {
  return summarise(workspace.tasks.trash(name), workspace.tasks.getVersion(name));
}

/** @throws {Problem} `task-not-found` */
export function restoreTask(workspace: Workspace, name: string): TaskSummary {
  return summarise(workspace.tasks.restore(name), workspace.tasks.getVersion(name));
}

export interface ResolvedPvp {
  /** A task format's id. */
  format: string;
  labels: readonly string[] | null;
  used: UsedPvp;
}

/**
 * A pair of the library, as a run names it.
 * @param text `TASK/PVP` or `TASK/PVP@version`
 * @throws {Problem} `pvp-name-invalid`, `pvp-not-found`, `task-not-found`, `task-version-not-found`
 */
export function resolvePvp(workspace: ReadableWorkspace, text: string): ResolvedPvp {
  const match = /^([^/@]+)\/([^/@]+)(?:@(\d{1,9}))?$/.exec(text.trim());
  const [, task, id, version] = match ?? [];
  if (task === undefined || id === undefined) throw badName(text);
  const row = workspace.tasks.getVersion(task, version === undefined ? undefined : Number(version));
  const { format, labels, pvps } = readDefinition(row);
  const pvp = pvps.find((candidate) => candidate.id === id);
  if (pvp === undefined) throw pvpNotFound(row, id, pvps.map((known) => known.id));
  return { format, labels, used: { pvp, version: { task, version: row.version, hash: row.hash } } };
}

/**
 * A definition from outside, complete and usable: every pattern is read, every verbalizer bound.
 * @throws {Problem} `task-definition-invalid`, `pvp-repeated`, `unknown-task-format`, `pattern-…`, `verbalizer-…`, each with the pair's id
 */
export function checkDefinition(definition: unknown): TaskDefinition {
  const parsed = taskDefinitionSchema.safeParse(definition);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Problem({
      code: 'task-definition-invalid',
      found: `${issue?.path.join('.') || 'a definition'}: ${issue?.message ?? 'not as agreed'}`,
      expected: 'title, format, labels, dataset, pvps and provenance',
      action: 'Correct the definition; souffleur tasks show NAME --json prints one as an example.',
      cause: parsed.error,
    });
  }
  const { format, pvps, labels } = parsed.data;
  const found = findFormat(format);
  const ids = new Set<string>();
  for (const pvp of pvps) {
    if (ids.has(pvp.id)) throw repeatedPvp(pvp.id);
    ids.add(pvp.id);
    try {
      const spoken = applyPattern(found, pvp);
      if (labels !== null) spoken.anyClasses?.forLabels(labels.map((value) => ({ value, word: value })));
    } catch (thrown) {
      throw thrown instanceof Problem ? ofPvp(thrown, pvp.id) : thrown;
    }
  }
  return parsed.data;
}

/** @throws {Problem} `task-name-invalid` */
export function parseTaskName(text: string): string {
  const name = taskNameSchema.safeParse(text.normalize('NFC').trim());
  if (name.success) return name.data;
  throw new Problem({
    code: 'task-name-invalid',
    found: `${JSON.stringify(text.slice(0, 80))} as a task’s name`,
    expected: 'letters and digits with . _ or - between them, at most 100 characters',
    action: 'Choose another name.',
  });
}

function writeVersion(workspace: Workspace, latest: TaskVersionRow, definition: TaskDefinition): TaskDetails {
  const hash = hashDefinition(definition);
  const row = hash === latest.hash ? latest : workspace.tasks.addVersion({ name: latest.name, definition, hash });
  return detail(workspace.tasks.get(latest.name), row);
}

/** @throws {Problem} `task-definition-invalid` for a row that another program changed */
export function readDefinition({ definition, name, version }: TaskVersionRow): TaskDefinition {
  const parsed = taskDefinitionSchema.safeParse(definition);
  if (parsed.success) return parsed.data;
  throw new Problem({
    code: 'task-definition-invalid',
    kind: 'failure',
    found: `version ${version} of the task ${name}, which cannot be read`,
    expected: 'a definition as Souffleur writes it',
    action: 'The database was changed by another program or is damaged; put back a copy of it.',
    cause: parsed.error,
  });
}

function summarise({ name, createdAtMs, trashedAtMs }: TaskRow, version: TaskVersionRow): TaskSummary {
  const { title, format, pvps } = readDefinition(version);
  return {
    name, title, format, version: version.version, hash: version.hash, pvps: pvps.map((pvp) => ({ id: pvp.id, title: pvp.title })),
    createdAt: isoTime(createdAtMs), editedAt: isoTime(version.createdAtMs), trashedAt: trashedAtMs === null ? null : isoTime(trashedAtMs),
  };
}

function detail({ name, trashedAtMs, version: latestVersion }: TaskRow, row: TaskVersionRow): TaskDetails {
  const definition = readDefinition(row);
  const { metrics, labels } = findFormat(definition.format);
  return {
    task: name, version: row.version, hash: row.hash, latestVersion, createdAt: isoTime(row.createdAtMs), trashedAt: trashedAtMs === null ? null : isoTime(trashedAtMs),
    definition, metrics: [...metrics], formatLabels: labels === null ? null : [...labels],
  };
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function ofPvp(problem: Problem, id: string): Problem {
  const { code, kind, found, expected, action, place } = problem;
  return new Problem({ code, kind, found: `in ${id}: ${found}`, expected, action, place, cause: problem });
}

function repeatedPvp(id: string): Problem {
  return new Problem({ code: 'pvp-repeated', found: `two pairs with the id ${JSON.stringify(id)}`, expected: 'every id once', action: 'Rename one of them.' });
}

function badName(text: string): Problem {
  return new Problem({
    code: 'pvp-name-invalid',
    found: `${JSON.stringify(text.slice(0, 80))} as a pattern and verbalizer`,
    expected: 'TASK/PVP or TASK/PVP@version, such as rte/hybrid@2',
    action: 'See souffleur tasks show TASK.',
  });
}

function pvpNotFound({ name, version }: TaskVersionRow, id: string, known: readonly string[]): Problem {
  const close = findCloseMatch(id, known);
  return new Problem({
    code: 'pvp-not-found',
    found: `no pair ${JSON.stringify(id.slice(0, 80))} in version ${version} of the task ${name}`,
    expected: known.length === 0 ? 'a pair, and the task has none yet' : `one of ${known.slice(0, 30).join(', ')}`,
    action: close === null ? 'Choose one of these.' : `Did you mean ${close}?`,
  });
}

function changedMeanwhile(name: string, { basedOn, latest }: { basedOn: number; latest: number }): Problem {
  return new Problem({
    code: 'task-changed-meanwhile',
    found: `an edit of version ${basedOn} of ${name}, whose latest is ${latest}`,
    expected: 'an edit of the latest version',
    action: 'Load the latest version and edit that; nothing was saved.',
  });
}
