/** A study as the text of a file. */
import type { StudyReport } from '../../contract/study.ts';
import { writeCsv } from './csv.ts';
import type { ExportFormat, LatexOptions } from './format.ts';
import { writeLatexDocument, writeLatexTabular } from './latex.ts';
import { writeMarkdown } from './markdown.ts';
import { methodsTable, scoresTable, studyPairsTable, tidyTable } from './study-table.ts';

/** JSON is the report itself; CSV has a row a method, task and metric. */
export function exportStudy(report: StudyReport, format: ExportFormat, { latex }: LatexOptions): string {
  switch (format) {
    case 'json': return `${JSON.stringify(report, null, 2)}\n`;
    case 'csv': return writeCsv(tidyTable(report));
    case 'md': return writeMarkdown(report.name, tablesOf(report));
    case 'tex': return latex === 'tabular' ? writeLatexTabular(scoresTable(report)) : writeLatexDocument(report.name, tablesOf(report));
    default: return format satisfies never;
  }
}

function tablesOf(report: StudyReport) {
  const pairs = report.comparisons.length === 0 ? [] : [studyPairsTable(report)];
  return [scoresTable(report), ...pairs, methodsTable(report)];
}
