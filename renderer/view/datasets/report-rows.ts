/** A report as a list of what to look at: what, how often, and where first. Pure. */
import type { DatasetReport, SplitReport } from '../../../main/contract/api/datasets.ts';
import type { datasetsText } from '../../text/datasets.ts';

export interface ReportRow {
  /** Stops an import; worth a look. */
  weight: 'stops' | 'look';
  split: string;
  what: string;
  count: number | null;
  where: string;
}

type Texts = ReturnType<typeof datasetsText>;

export function listFindings(report: DatasetReport, t: Texts): readonly ReportRow[] {
  const overlaps = report.overlaps.map(({ left, right, count, leftLine, rightLine }): ReportRow => ({ weight: 'look', split: left, what: t.overlap(left, right), count, where: t.lines(leftLine, rightLine) }));
  return [...report.splits.flatMap((split) => findingsOf(split, t)), ...overlaps].toSorted((a, b) => Number(b.weight === 'stops') - Number(a.weight === 'stops'));
}

function findingsOf(report: SplitReport, t: Texts): ReportRow[] {
  const { split } = report;
  const tallies = [
    [report.contradictions, t.contradictions], [report.duplicates, t.duplicates], [report.unlabeled, t.unlabeled], [report.repeatedIds, t.repeatedIds], [report.longRows, t.longRows],
  ] as const;
  const note = (weight: ReportRow['weight']) => ({ line, message }: SplitReport['warnings'][number]): ReportRow => ({ weight, split, what: message, count: null, where: line === null ? '' : t.atLine(line) });
  return [
    ...(report.badRows === 0 ? [] : [{ weight: 'stops' as const, split, what: t.badRows, count: report.badRows, where: placeOf(report.badRowNotes[0]?.line ?? null, null, t) }]),
    ...report.badRowNotes.map(note('stops')),
    ...(report.misfits === 0 ? [] : [{ weight: 'look' as const, split, what: t.misfits, count: report.misfits, where: placeOf(report.misfitNotes[0]?.line ?? null, null, t) }]),
    ...report.misfitNotes.map(note('look')),
    ...tallies.flatMap(([tally, what]): ReportRow[] => (tally === null ? [] : [{ weight: 'look', split, what, count: tally.count, where: placeOf(tally.line, tally.earlierLine, t) }])),
    ...report.emptyCells.map(({ column, count, line }): ReportRow => ({ weight: 'look', split, what: t.emptyCells(column), count, where: t.atLine(line) })),
    ...(report.isSingleClass ? [{ weight: 'look' as const, split, what: t.singleClass, count: null, where: '' }] : []),
    ...report.warnings.map(note('look')),
  ];
}

function placeOf(line: number | null, earlier: number | null, t: Texts): string {
  if (line === null) return '';
  return earlier === null ? t.atLine(line) : t.asLine(line, earlier);
}
