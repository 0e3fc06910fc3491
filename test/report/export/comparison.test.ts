import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { ComparisonReport, Quadrant } from '../../../main/contract/comparison.ts';
import { exportComparison, type ComparisonExportOptions } from '../../../main/report/export/comparison.ts';
import { compileLatex, hasPdflatex, readLatexTables } from './latex-tool.ts';
import { comparisonReport } from './reports.ts';

const every: readonly Quadrant[] = ['both-right', 'only-a', 'only-b', 'both-wrong'];
const options: ComparisonExportOptions = { latex: 'document', table: 'runs', shown: { quadrants: every, limit: 3 } };

describe('a comparison', () => {
  const report = comparisonReport();
  const json = JSON.parse(exportComparison(report, 'json', options)) as ComparisonReport;
  const tables = readLatexTables(exportComparison(report, 'tex', options));

  it('as JSON is the report', () => {
    expect(json).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it('has in LaTeX the numbers of its JSON', () => {
    const [runs, pairs, parameters, goldA, goldB, models] = tables;
    expect(runs?.slice(1).map((cells) => cells.slice(4, 8).map(Number))).toEqual(
      json.runs.map(({ scores, legalRate }) => [scores['accuracy'], scores['macro-f1'], scores['score'], legalRate].map((share) => rounded(share))),
    );
    expect(runs?.slice(1).map(([, , , seed, , , , , trained]) => [Number(seed), Number(trained?.replaceAll(',', ''))])).toEqual(json.runs.map(({ seed, trainableParameters }) => [seed, trainableParameters]));
    const [outcome] = json.pairs.map((pair) => pair.outcome);
    expect(pairs?.[1]?.slice(3, 14).map((cell) => Number(cell.replace('−', '-')))).toEqual([
      ...every.map((quadrant) => outcome?.quadrants[quadrant].length), rounded(outcome?.difference), rounded(outcome?.bootstrap?.low), rounded(outcome?.bootstrap?.high),
      0.042, 0.21, 0.084, -0.06,
    ]);
    expect(parameters?.[1]?.slice(0, 3)).toEqual(['Prompt tuning', '20,480', '0.041']);
    expect([goldA, goldB].map(countsIn)).toEqual(json.runs.map(({ confusion }) => confusion?.counts));
    expect(countsIn(models)).toEqual(json.pairs[0]?.confusion?.counts);
  });

  it('shows the asked number of examples of every quadrant that has some, and says how many there are', () => {
    expect(tables.slice(6).map((table) => table.length - 1)).toEqual(every.map((quadrant) => Math.min(3, report.pairs[0]?.outcome.quadrants[quadrant].length ?? 0)));
    expect(exportComparison(report, 'md', options)).toContain(`3 of ${report.pairs[0]?.outcome.quadrants['both-right'].length ?? 0}`);
  });

  it('as CSV has one table, with every example and all digits', () => {
    const rows = parse(exportComparison(report, 'csv', { ...options, table: 'examples' }), { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];
    expect(rows.map((row) => [row['id'], Number(row['r0001 right']), Number(row['r0002 margin'])])).toEqual(
      report.examples.map(({ id, answers }) => [id, Number(answers[0]?.isRight), answers[1]?.margin]),
    );
    const runs = parse(exportComparison(report, 'csv', options), { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];
    expect(runs.map((row) => [row['run'], Number(row['accuracy'])])).toEqual(report.runs.map(({ id, scores }) => [id, scores['accuracy']]));
  });

  it.skipIf(!hasPdflatex)('compiles, hostile answers, inputs and labels included (needs pdflatex)', () => {
    const all = compileLatex({ 'main.tex': exportComparison(report, 'tex', { ...options, shown: { quadrants: every, limit: 100 } }) });
    expect(all, all.log.slice(-2000)).toMatchObject({ isCompiled: true });
    const pairs = exportComparison(report, 'tex', { ...options, latex: 'tabular', table: 'pairs' });
    const bare = compileLatex({ 'main.tex': '\\documentclass{article}\\usepackage{booktabs}\\begin{document}\\input{pairs}\\end{document}', 'pairs.tex': pairs });
    expect(bare, bare.log.slice(-2000)).toMatchObject({ isCompiled: true });
  });
});

function rounded(share: number | undefined): number {
  return Number(((share ?? Number.NaN) * 100).toFixed(1));
}

function countsIn(table: readonly string[][] | undefined): number[][] | undefined {
  return table?.slice(1).map((cells) => cells.slice(1).map(Number));
}
