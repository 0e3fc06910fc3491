/** What the form of a new run holds, and what it asks of the core. Pure. */
import type { DatasetSummary } from '../../../main/contract/api/datasets.ts';
import type { RunOptions, RunRequest } from '../../../main/contract/api/runs.ts';
import type { UsedPvp } from '../../../main/contract/pvp.ts';

export type DataChoice = { kind: 'none' } | { kind: 'built-in'; task: string } | { kind: 'dataset'; key: string } | { kind: 'files' };

export interface RunForm {
  model: string;
  data: DataChoice;
  train: string;
  /** Empty for none. */
  dev: string;
  test: string;
  format: string;
  labels: string;
  method: string;
  seeds: string;
  together: boolean;
  /** As typed; only what is not to have its default. */
  settings: Readonly<Record<string, string>>;
  /** Empty for all. */
  fewShot: string;
  dataSeed: string;
  provider: RunRequest['runtime']['provider'];
  threads: string;
}

export const emptyForm: RunForm = {
  model: '', data: { kind: 'none' }, train: '', dev: '', test: '', format: '', labels: '', method: 'prompt-tuning', seeds: '1', together: true, settings: {}, fewShot: '', dataSeed: '0', provider: 'cpu', threads: '',
};

/** `1,2,3` and `1-5`. @returns null for what is none, or repeats one */
export function parseSeeds(text: string): number[] | null {
  const seeds: number[] = [];
  for (const part of text.split(/[\s,]+/).filter((word) => word !== '')) {
    const [, first, last] = /^(\d{1,10})(?:[-–](\d{1,10}))?$/.exec(part) ?? [];
    if (first === undefined) return null;
    const [from, to] = [Number(first), Number(last ?? first)];
    if (to < from || to >= 2 ** 32 || to - from >= 1000) return null;
    for (let seed = from; seed <= to; seed += 1) seeds.push(seed);
  }
  return seeds.length === 0 || seeds.length > 1000 || new Set(seeds).size !== seeds.length ? null : seeds;
}

/** Splits of a data set by what they are usually called. */
export function guessSplits({ splits }: Pick<DatasetSummary, 'splits'>): Pick<RunForm, 'train' | 'dev' | 'test'> {
  const find = (...names: string[]): string => splits.find(({ split }) => names.some((name) => split.toLowerCase().startsWith(name)))?.reference ?? '';
  return { train: find('train') || (splits.length === 1 ? (splits[0]?.reference ?? '') : ''), dev: find('dev', 'val'), test: find('test') };
}

export function builtInFiles(task: string): Pick<RunForm, 'train' | 'dev' | 'test'> {
  return { train: `built-in:${task}/train`, dev: `built-in:${task}/dev`, test: `built-in:${task}/test` };
}

/** @returns null while something that every run needs is missing. */
export function requestOf(form: RunForm, pvp: UsedPvp | null, trains: RunOptions['methods'][number]['trains']): RunRequest | null {
  const seeds = parseSeeds(form.seeds);
  if (form.model === '' || form.train.trim() === '' || form.format === '' || form.method === '' || seeds === null) return null;
  const labels = form.labels.split(',').map((label) => label.trim()).filter((label) => label !== '');
  return {
    model: form.model, method: form.method, format: form.format, pvp,
    files: { train: form.train.trim(), dev: nullIfEmpty(form.dev), test: nullIfEmpty(form.test) },
    settings: form.settings,
    labels: labels.length === 0 ? null : labels,
    fewShot: form.fewShot.trim() === '' ? null : { examples: numberOf(form.fewShot), dataSeed: numberOf(form.dataSeed) },
    runtime: { provider: form.provider, threads: form.threads.trim() === '' ? null : numberOf(form.threads) },
    seeds,
    together: form.together && trains === 'prompt' && seeds.length > 1,
  };
}

function nullIfEmpty(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}

/** What is no number goes as one that the core refuses by name. */
function numberOf(text: string): number {
  const value = Number(text);
  return Number.isFinite(value) ? value : -1;
}

/** A setting as it is typed. */
export function settingText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value ?? '');
}

/** Keys that every form shows; the rest waits under a heading. */
export const mainSettings: readonly string[] = ['steps', 'batchSize', 'learningRate', 'promptLength', 'init', 'evaluateEvery', 'maxSourceTokens', 'shots', 'instruction', 'cue'];

export interface Recipe {
  id: 'paper' | 'try' | 't5x' | 'few';
  settings: Readonly<Record<string, string>>;
  fewShot: string;
}

const tries: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'prompt-tuning': { steps: '300', batchSize: '16', learningRate: '1', schedule: 'linear', promptLength: '8', init: 'sampled-vocabulary', initVocabulary: '1000', evaluateEvery: '100', checkpointEvery: '50', maxSourceTokens: '96' },
  'full-tuning': { steps: '300', batchSize: '32', optimizer: 'adamw', learningRate: '0.001', schedule: 'linear', evaluateEvery: '100', checkpointEvery: '100', maxSourceTokens: '96' },
};

/** The defaults are the paper's; the others say what they change. */
export function recipesOf({ id, trains }: Pick<RunOptions['methods'][number], 'id' | 'trains'>): readonly Recipe[] {
  if (trains === 'nothing') return [];
  const paper: Recipe = { id: 'paper', settings: {}, fewShot: '' };
  const few: Recipe = { id: 'few', settings: { ...tries[id], steps: '300' }, fewShot: '32' };
  const attempt: Recipe[] = tries[id] === undefined ? [] : [{ id: 'try', settings: tries[id], fewShot: '' }];
  // google-research/prompt-tuning: prompts.py draws from 0 … 0.5; T5X's step goes on from the LM-adapted checkpoint's 1,100,000.
  const t5x: Recipe[] = id === 'prompt-tuning' ? [{ id: 't5x', settings: { dropout: '0.1', init: 'random-uniform-positive', beta2StepOffset: '1100000' }, fewShot: '' }] : [];
  return [paper, ...attempt, ...t5x, few];
}
