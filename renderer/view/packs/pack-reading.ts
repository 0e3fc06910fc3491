/** What a pack says, as words for a person; and typed text as rows. Pure. */
import type { PackAnswer, PackReport } from '../../../main/contract/api/packs.ts';
import type { TaskFormatReport } from '../../../main/contract/api/tasks.ts';

export type ModelMatch = { kind: 'present'; names: readonly string[] } | { kind: 'absent'; base: string } | { kind: 'unknown'; width: number };

/** Whether the pack can be asked here: by its fingerprint, never by a name. */
export function matchModel({ manifest: { base }, models }: Pick<PackReport, 'manifest' | 'models'>): ModelMatch {
  if (models.length > 0) return { kind: 'present', names: models };
  if (base.fingerprint === null) return { kind: 'unknown', width: base.width };
  const sizes = [`d_model ${base.width}`, ...(base.layers === null ? [] : [`${base.layers} × ${base.heads ?? '?'}`])].join(', ');
  return { kind: 'absent', base: `${base.hubId ?? base.name ?? base.fingerprint.slice(0, 12)} (${sizes})` };
}

export type MissingFact = 'model' | 'task' | 'licence' | 'metrics';

export function listMissing({ manifest, models }: Pick<PackReport, 'manifest' | 'models'>): readonly MissingFact[] {
  return [
    ...(models.length === 0 ? ['model' as const] : []), ...(manifest.task === null ? ['task' as const] : []), ...(manifest.licence === null ? ['licence' as const] : []),
    ...(manifest.prompts.every(({ metrics }) => metrics.length === 0) ? ['metrics' as const] : []),
  ];
}

/** Fields that a person fills in to ask: a label is what the answer will be. */
export function fieldsToAsk(format: TaskFormatReport | undefined): TaskFormatReport['roles'] {
  return format?.roles.filter(({ kind, isOptional }) => kind !== 'label' && !isOptional) ?? [];
}

/** One field: a text a line. Several: one row. Empty where something is missing. */
export function readTyped(fields: TaskFormatReport['roles'], values: Readonly<Record<string, string>>): Record<string, string | number | string[]>[] {
  const [only, ...others] = fields;
  if (only === undefined) return [];
  if (others.length === 0 && only.kind === 'text') return linesOf(values[only.role] ?? '').map((text) => ({ [only.role]: text }));
  if (fields.some(({ role }) => (values[role] ?? '').trim() === '')) return [];
  return [Object.fromEntries(fields.map(({ role, kind }) => [role, kind === 'list' ? linesOf(values[role] ?? '') : kind === 'number' ? Number(values[role]) : (values[role] ?? '')]))];
}

export function linesOf(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '');
}

export interface LabelBar {
  word: string;
  logProbability: number | null;
  /** Of all labels of the example, from 0 to 1; null where it is not known. */
  share: number | null;
}

/** Log-probabilities beside each other: each label's share among the labels, in their order. */
export function labelBars(logProbabilities: PackAnswer['logProbabilities']): readonly LabelBar[] {
  const entries = Object.entries(logProbabilities ?? {});
  const largest = Math.max(...entries.map(([, value]) => value ?? Number.NEGATIVE_INFINITY));
  const total = entries.reduce((sum, [, value]) => sum + (value === null ? 0 : Math.exp(value - largest)), 0);
  return entries.map(([word, value]) => ({ word, logProbability: value, share: value === null || total === 0 ? null : Math.exp(value - largest) / total }));
}
