/** Packs as text for a terminal. */
import type { PackAnswer, PackExport, PackReport, PackRun } from '../contract/api/packs.ts';
import { countText, percentText } from './number-text.ts';
import { formatFields, formatTable } from './table.ts';

const unknown = '–';

export function describePack({ id, origin, source, importedAt, manifest, rowNorms, prompts, models, remarks }: PackReport): string {
  const { base, task, licence, writtenBy, title } = manifest;
  const fields = formatFields([
    ...(id === null ? [] : [['pack', id] as const]),
    ['title', title],
    [id === null ? 'file' : 'imported from', `${source} (${origin})`],
    ...(importedAt === null ? [] : [['imported', importedAt] as const]),
    ['written by', writtenBy],
    ['licence', licence ?? unknown],
    ['base', [base.hubId ?? base.name, `width ${base.width}`, base.convention].filter((part) => part !== null).join(', ')],
    ['fingerprint', base.fingerprint ?? `${unknown} (name the model with --model)`],
    ['in this workspace', models.length === 0 ? unknown : models.join(', ')],
    ['task', task === null ? unknown : `${task.format}${task.pvp === null ? '' : `, pattern ${task.pvp.pvp.id}`}`],
    ['labels', task?.labels?.map(({ value, word }) => (value === word ? word : `${value}=${word}`)).join(', ') ?? unknown],
  ]);
  const rows = manifest.prompts.map(({ rows: length, method, seed, step, metrics }, i) => {
    const score = (split: 'dev' | 'test'): string => percentText(metrics.find((metric) => metric.split === split)?.score ?? null);
    return [String(i + 1), String(length), method?.id ?? unknown, seed === null ? unknown : String(seed), step === null ? unknown : String(step), score('dev'), score('test'), rowNorms?.[i]?.toPrecision(4) ?? unknown, prompts[i]?.slice(0, 12) ?? unknown];
  });
  const table = formatTable([['prompt', 'rows', 'method', 'seed', 'step', 'dev', 'test', 'row norm', 'object'], ...rows]);
  return [fields, table, ...remarks].join('\n\n');
}

export function describePackList(packs: readonly PackReport[]): string {
  if (packs.length === 0) return 'No packs yet. Import one with: souffleur packs import FILE';
  return formatTable([
    ['pack', 'title', 'prompts', 'rows', 'task', 'base', 'in this workspace'],
    ...packs.map(({ id, manifest: { title, prompts, task, base }, models }) => [
      id ?? unknown, title, String(prompts.length), String(prompts[0]?.rows ?? 0), task?.format ?? unknown, base.hubId ?? base.name ?? `width ${base.width}`, models.join(', ') || unknown,
    ]),
  ]);
}

export function describeExport({ path, form, bytes, sha256, manifest }: PackExport): string {
  return formatFields([
    [form === 'file' ? 'pack' : 'folder', path],
    ['bytes', countText(bytes)],
    ...(sha256 === null ? [] : [['sha256', sha256] as const]),
    ['prompts', String(manifest.prompts.length)],
    ['fingerprint', manifest.base.fingerprint ?? unknown],
  ]);
}

export function describePackRun({ title, model, input, examples, labels, withoutLabel, ties, prompts }: PackRun, shown: readonly PackAnswer[]): string {
  const fields = formatFields([
    ['pack', title],
    ['model', model],
    ['input', input ?? '(typed)'],
    ['examples', countText(examples)],
    ...labels.map(({ label, count }) => [label, `${countText(count)} (${percentText(count / Math.max(1, examples))})`] as const),
    ['no label', countText(withoutLabel)],
    ...(prompts > 1 ? [['ties', countText(ties)] as const] : []),
  ]);
  const table = formatTable([['id', 'answer', 'label', 'log-probabilities'], ...shown.map(({ id, answer, label, logProbabilities }) => [
    id, answer ?? '(all abstained)', label ?? unknown,
    logProbabilities === null ? unknown : Object.entries(logProbabilities).map(([word, value]) => `${word} ${value?.toFixed(3) ?? '−∞'}`).join(', '),
  ])]);
  const more = examples > shown.length ? `\n… ${countText(examples - shown.length)} more; all of them with --json or --output FILE` : '';
  return `${table}${more}\n\n${fields}`;
}
