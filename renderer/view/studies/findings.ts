/** What a study's report shows: states counted, ablations found, published numbers set beside one's own. Pure. */
import type { PublishedResult } from '../../../main/contract/api/published.ts';
import type { StudyCell, StudyMethod, StudyReport, ScoreSummary } from '../../../main/contract/study.ts';

export const runStates = ['finished', 'running', 'queued', 'paused', 'failed', 'lost', 'cancelled'] as const;
export type RunState = (typeof runStates)[number];

/** A run that does not exist yet waits; one that starts or stops is at work. */
export function stateOf(status: string | undefined): RunState {
  if (status === 'starting' || status === 'pausing') return 'running';
  return runStates.find((state) => state === status) ?? 'queued';
}

export function findCell({ cells }: Pick<StudyReport, 'cells'>, task: string, method: string): StudyCell | undefined {
  return cells.find((cell) => cell.task === task && cell.method === method);
}

/** How a method's colour is asked for: words without training are the reference, with examples they are prompt design. */
export function lookIdOf({ method, settings }: Pick<StudyMethod, 'method' | 'settings'>): string {
  return method === 'prompt-design' && Number(settings['shots'] ?? 0) === 0 && (settings['instruction'] ?? '') === '' ? 'zero-shot' : method;
}

export const ablationKeys = ['promptLength', 'init'] as const;
export type AblationKey = (typeof ablationKeys)[number];

export interface AblationPoint {
  method: string;
  /** The setting's value: a number of rows, or a way to begin. */
  value: string;
  summary: ScoreSummary;
}

export interface AblationSeries {
  task: string;
  /** A training method's id. */
  kind: string;
  /** What else differs between this line and the others, `init class-labels`; empty for the only one. */
  title: string;
  points: readonly AblationPoint[];
}

/** Methods of a study that differ in one setting only, as lines of at least two values; those without results are left out. */
export function findAblations(report: StudyReport, key: AblationKey): AblationSeries[] {
  const groups = Map.groupBy(report.methods.filter(({ settings }) => settings[key] !== undefined), (method) => JSON.stringify([method.method, withoutKey(method.settings, key)]));
  const wide = [...groups.values()].filter((methods) => new Set(methods.map(({ settings }) => settings[key])).size > 1);
  const other = ablationKeys.find((name) => name !== key) ?? key;
  return report.tasks.flatMap(({ id: task }) => wide.map((methods): AblationSeries => {
    const [first] = methods;
    const points = methods.flatMap((method) => {
      const summary = findCell(report, task, method.id)?.summary['score'];
      return summary === undefined ? [] : [{ method: method.id, value: String(method.settings[key]), summary }];
    });
    const sorted = key === 'promptLength' ? points.toSorted((a, b) => Number(a.value) - Number(b.value)) : points;
    return { task, kind: first?.method ?? '', title: wide.length === 1 ? '' : `${other} ${String(first?.settings[other] ?? '')}`, points: sorted };
  })).filter(({ points }) => points.length > 0);
}

function withoutKey(settings: StudyMethod['settings'], key: string): [string, unknown][] {
  return Object.entries(settings).filter(([name]) => name !== key).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** A paper's number beside a column of one's own. */
export interface Ghost {
  result: PublishedResult;
  /** A share from 0 to 1; null where the deck lost it. */
  value: number | null;
  standardDeviation: number | null;
}

/** What papers print of a task's format and a method, in a unit that a score has. A reference enters no statistic. */
export function findGhosts(published: readonly PublishedResult[], { format, method }: { format: string; method: string }): Ghost[] {
  return published
    .filter((result) => result.format === format && result.methodId === method && (result.unit === 'percent' || result.unit === 'points'))
    .map((result) => ({ result, value: result.value === null ? null : result.value / 100, standardDeviation: result.standardDeviation === null ? null : result.standardDeviation / 100 }));
}
