/** What was done in a window, as the command that does the same from a terminal. */
import { isDeepStrictEqual } from 'node:util';
import type { CommandSubject } from '../contract/api/commands.ts';
import { methods } from '../method/index.ts';
import { parseModelName, parseRunId } from '../store/identifiers.ts';
import type { Run } from '../store/run-row.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import { commandText, powerShellText } from './command-words.ts';
import { defaultSettings, parseSettings } from './method-settings.ts';
import { readRunConfig } from './run-config.ts';
import { loadStudy } from './study/studies.ts';

export interface ShownCommand {
  words: string[];
  posix: string;
  powershell: string;
}

/**
 * Names the workspace, so that it does the same wherever it is pasted.
 * @throws {Problem} `run-not-found`, `study-not-found`, `model-not-found`, and those of names that are none
 */
export function commandFor(workspace: ReadableWorkspace, subject: CommandSubject): ShownCommand {
  const words = ['souffleur', '--workspace', workspace.directory, ...wordsFor(workspace, subject)];
  return { words, posix: commandText(words), powershell: powerShellText(words) };
}

function wordsFor(workspace: ReadableWorkspace, subject: CommandSubject): string[] {
  switch (subject.kind) {
    case 'run': return tuneWords(workspace, workspace.runs.get(parseRunId(subject.run)));
    case 'resume': return ['tune', '--resume', workspace.runs.get(parseRunId(subject.run)).id];
    case 'reproduce': return reproduceWords(workspace.runs.get(parseRunId(subject.run)));
    case 'evaluation': return ['eval', '--run', workspace.runs.get(parseRunId(subject.run)).id, '--data', subject.dataFile];
    case 'study': return ['study', 'run', loadStudy(workspace, subject.name).file];
    case 'model': {
      const { name, directory, answerConvention } = workspace.models.get(parseModelName(subject.name));
      return ['model', 'add', directory, '--name', name, '--convention', answerConvention];
    }
    case 'model-download': return [
      'model', 'download', subject.id, ...(subject.revision === 'main' ? [] : ['--revision', subject.revision]),
      ...(subject.name === null ? [] : ['--name', subject.name]), ...(subject.convention === null ? [] : ['--convention', subject.convention]),
    ];
    case 'comparison': return ['compare', ...subject.runs.map(parseRunId), '--split', subject.split, ...(subject.scope === 'common' ? ['--common'] : [])];
    case 'vote-on-split': return ['ensemble', 'vote', ...subject.runs.map(parseRunId), '--split', subject.split];
    case 'vote-on-data': return ['ensemble', 'run', ...subject.runs.map(parseRunId), '--data', subject.dataFile];
    default: return subject satisfies never;
  }
}

function reproduceWords({ id }: Run): string[] {
  return ['runs', 'reproduce', id];
}

/** What the command line of `tune` can say; a configuration with anything else is made again by its run. */
const sayable: ReadonlySet<string> = new Set(['settings', 'labels', 'pvp', 'sampling', 'tokenizerSha256', 'runtime']);

function tuneWords(workspace: ReadableWorkspace, run: Run): string[] {
  const unsaid = Object.entries(run.config).some(([key, value]) => !sayable.has(key) && value !== null);
  const settings = settingWords(run);
  const labels = labelText(run);
  const pattern = patternWords(run);
  if (unsaid || settings === null || labels === null || pattern === null) return reproduceWords(run);
  const { sampling, runtime } = readRunConfig(run);
  const files = workspace.runInputs.list(run.id).flatMap(({ role, path }) => [`--${role}`, path]);
  return [
    'tune', '--model', run.model, '--task', run.task, ...pattern, ...files, '--method', run.method, ...settings,
    ...(labels === '' ? [] : ['--labels', labels]),
    ...(sampling === null ? [] : ['--few-shot', String(sampling.trainExamples), '--data-seed', String(sampling.dataSeed)]),
    '--seed', String(run.seed), '--threads', String(runtime.threads), ...(runtime.provider === 'cpu' ? [] : ['--provider', runtime.provider]),
  ];
}

/** @returns null for a pattern that came from a file: only the run still knows what stood in it. */
function patternWords(run: Run): string[] | null {
  const { pvp } = readRunConfig(run);
  if (pvp === null) return [];
  return pvp.version === null ? null : ['--pvp', `${pvp.version.task}/${pvp.pvp.id}@${pvp.version.version}`];
}

/** @returns what differs from the defaults; null where the texts would not be read as the same settings again. */
function settingWords(run: Run): string[] | null {
  const method = methods.find(({ id }) => id === run.method);
  if (method === undefined) return null;
  const { settings } = readRunConfig(run);
  const defaults = defaultSettings(method);
  const assignments = Object.entries(settings).filter(([key, value]) => !isDeepStrictEqual(value, defaults[key])).map(([key, value]) => `${key}=${String(value)}`);
  try {
    if (!isDeepStrictEqual(parseSettings(method, assignments), settings)) return null;
  } catch {
    // A setting that this version does not have, or not with this value.
    return null;
  }
  return assignments.flatMap((assignment) => ['--set', assignment]);
}

/** @returns empty for a task with labels of its own; null where `--labels` would read them differently. */
function labelText(run: Run): string | null {
  const { labels } = readRunConfig(run);
  if (labels === null) return '';
  const isReadable = labels.every(({ value, word }) => !/[,=]/.test(value) && !word.includes(',') && value === value.trim() && word === word.trim() && value !== '');
  return isReadable ? labels.map(({ value, word }) => `${value}=${word}`).join(',') : null;
}
