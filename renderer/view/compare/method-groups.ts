/** Runs that differ in nothing but the seed, as one method with mean and deviation. Pure. */
import type { ComparisonSummary } from '../../../main/contract/api/comparison-report.ts';
import { summarise } from '../../ui/chart/axis.ts';

export type ComparedRun = ComparisonSummary['runs'][number];
type Settings = Readonly<Record<string, unknown>>;

export interface MethodGroup {
  id: string;
  method: string;
  /** With what sets it apart from others of the same method. */
  title: string;
  runs: readonly ComparedRun[];
}

/**
 * @param settings by run id; a run without them is told apart by its parameters alone
 * @param apart every run is a group of its own
 */
export function groupRuns(runs: readonly ComparedRun[], settings: ReadonlyMap<string, Settings>, { apart }: { apart: boolean }): MethodGroup[] {
  const groups = new Map<string, ComparedRun[]>();
  for (const run of runs) {
    const key = apart ? run.id : JSON.stringify([run.method, run.model, settings.has(run.id) ? sorted(settings.get(run.id) ?? {}) : run.trainableParameters]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const entries = [...groups.values()];
  return entries.map((members) => {
    const [first] = members as [ComparedRun, ...ComparedRun[]];
    const twins = entries.filter(([other]) => other?.methodTitle === first.methodTitle);
    const title = apart ? `${first.id} ${first.methodTitle} · ${first.seed}` : twins.length === 1 ? first.methodTitle : `${first.methodTitle} (${distinguish(members, twins, settings)})`;
    return { id: members.map(({ id }) => id).join('-'), method: first.method, title, runs: members };
  });
}

function sorted(settings: Settings): unknown[] {
  return Object.entries(settings).filter(([key]) => key !== 'seed').toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** The settings in which a group differs from its twins; its first run where they are of different models or too many. */
function distinguish(members: readonly ComparedRun[], twins: readonly (readonly ComparedRun[])[], settings: ReadonlyMap<string, Settings>): string {
  const [first] = members;
  const rows = compareSettings(twins.flatMap(([run]) => run ?? []), settings);
  const parts = rows.slice(0, 2).map(({ key, values }) => `${key} ${values[twins.indexOf(members)] ?? '–'}`);
  return parts.length === 0 || rows.length > 4 ? (first?.id ?? '') : parts.join(', ');
}

export interface SettingRow {
  key: string;
  /** In the order of the runs. */
  values: readonly string[];
}

/** Only what is not the same in all of them. */
export function compareSettings(runs: readonly ComparedRun[], settings: ReadonlyMap<string, Settings>): SettingRow[] {
  const keys = new Set(runs.flatMap(({ id }) => Object.keys(settings.get(id) ?? {})));
  return [...keys].toSorted().map((key) => ({ key, values: runs.map(({ id }) => textOf(settings.get(id)?.[key])) })).filter(({ values }) => new Set(values).size > 1);
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export interface Spread {
  mean: number;
  deviation: number | null;
  values: readonly number[];
}

/** @returns null where no run of the group has the score */
export function spreadOf({ runs }: MethodGroup, metric: string): Spread | null {
  const values = runs.flatMap(({ scores }) => scores[metric] ?? []);
  return values.length === 0 ? null : { ...summarise(values), values };
}

/** The task's metrics; their mean only where there are several. */
export function metricsOf(runs: readonly ComparedRun[]): string[] {
  const names = [...new Set(runs.flatMap(({ scores }) => Object.keys(scores)))].filter((name) => name !== 'score');
  return names.length === 1 ? names : [...names, 'score'];
}

/** The first run of the first two methods, trained ones before others: no choice after looking at the scores. */
export function firstPair(groups: readonly MethodGroup[]): { a: string; b: string } | null {
  const isTrained = ({ runs }: MethodGroup): boolean => (runs[0]?.trainableParameters ?? 0) > 0;
  const ordered = [...groups.filter(isTrained), ...groups.filter((group) => !isTrained(group))];
  const runs = ordered.flatMap(({ runs: members }) => members);
  const a = runs[0]?.id;
  const b = ordered[1]?.runs[0]?.id ?? runs[1]?.id;
  return a === undefined || b === undefined ? null : { a, b };
}
