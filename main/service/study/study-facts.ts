/** What a study was run with and for how long, for its page. */
import type { StudyPageExtras } from '../../report/page-data.ts';
import type { Run } from '../../store/run-row.ts';

/** @param runs finished. @param command that goes on with the study, or ran it. */
export function describeFacts(runs: readonly Run[], command: string | null): NonNullable<StudyPageExtras['facts']> {
  const devices = new Set(runs.flatMap(({ device }) => device ?? []));
  const versions = new Set(runs.map((run) => Object.entries(run.versions).map(([name, version]) => `${name} ${version}`).join(', ')));
  return [
    { label: 'Device', value: [...devices].join('; ') },
    { label: 'Versions', value: [...versions].join('; ') },
    { label: 'Time', value: `${(sumSeconds(runs) / 60).toFixed(1)} min for ${runs.length} runs` },
    ...(command === null ? [] : [{ label: 'Command', value: command }]),
  ].filter(({ value }) => value !== '');
}

/** Runs of a group share their time: it is counted once. */
function sumSeconds(runs: readonly Run[]): number {
  const groups = new Map<string, number>();
  for (const { id, group, finalMetrics } of runs) {
    const key = group ?? id;
    groups.set(key, Math.max(groups.get(key) ?? 0, finalMetrics?.['seconds'] ?? 0));
  }
  return [...groups.values()].reduce((sum, seconds) => sum + seconds, 0);
}
