/** A comparison as the text of a file. */
import type { ComparisonReport, ShownExamples } from '../../contract/comparison.ts';
import {
  confusionTables, examplesTable, pairsTable, parametersTable, runsTable, shownExamplesTables,
} from './comparison-table.ts';
import { writeCsv } from './csv.ts';
import type { ExportFormat, LatexOptions } from './format.ts';
import { writeLatexDocument, writeLatexTabular } from './latex.ts';
import { writeMarkdown } from './markdown.ts';

/** A CSV file holds one table. */
const comparisonTables = { runs: runsTable, pairs: pairsTable, examples: examplesTable } as const;
type ComparisonTable = keyof typeof comparisonTables;

export interface ComparisonExportOptions extends LatexOptions {
  /** In CSV, and in LaTeX without a document. */
  readonly table: ComparisonTable;
  /** In documents; CSV and JSON have all. */
  readonly shown: ShownExamples;
}

/** JSON is the report itself, with every example. */
export function exportComparison(report: ComparisonReport, format: ExportFormat, options: ComparisonExportOptions): string {
  switch (format) {
    case 'json': return `${JSON.stringify(report, null, 2)}\n`;
    case 'csv': return writeCsv(comparisonTables[options.table](report));
    case 'md': return writeMarkdown(titleOf(report), tablesOf(report, options.shown));
    case 'tex':
      return options.latex === 'tabular' ? writeLatexTabular(comparisonTables[options.table](report)) : writeLatexDocument(titleOf(report), tablesOf(report, options.shown));
    default: return format satisfies never;
  }
}

function titleOf({ task, runs }: ComparisonReport): string {
  return `Comparison on ${task}: ${runs.map(({ id }) => id).join(', ')}`;
}

function tablesOf(report: ComparisonReport, shown: ShownExamples) {
  const notes = report.warnings.map((warning) => `Note: ${warning}`);
  const main = runsTable(report);
  return [{ ...main, notes: [...main.notes, ...notes] }, pairsTable(report), ...parametersTable(report), ...confusionTables(report), ...shownExamplesTables(report, shown)];
}
