import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { StudyReport } from '../../../main/contract/study.ts';
import { exportStudy } from '../../../main/report/export/study.ts';
import { compileLatex, hasPdflatex, readLatexTables } from './latex-tool.ts';
import { studyReport } from './reports.ts';

const means = [[0.7012, 0.8123], [0.65, 0.6456]];
const document = { latex: 'document' } as const;

describe('a study', () => {
  const report = studyReport(means);
  const json = JSON.parse(exportStudy(report, 'json', document)) as StudyReport;
  const tex = exportStudy(report, 'tex', document);

  it('has in LaTeX and Markdown the numbers of its JSON: majority, mean ± std (n), best and vote of every method', () => {
    const cell = (task: string, method: string) => json.cells.find((candidate) => candidate.task === task && candidate.method === method);
    const expected = [
      json.tasks.map(({ majority }) => shown(majority?.['score'])),
      ...json.methods.flatMap(({ id }) => {
        const cells = json.tasks.map((task) => cell(task.id, id));
        return [
          cells.map((found) => `${shown(found?.summary['score']?.mean)} ± ${shown(found?.summary['score']?.standardDeviation ?? undefined)} (${found?.summary['score']?.values.length})`),
          cells.map((found) => shown(found?.best?.scores['score'])),
          ...(cells.every((found) => found?.ensemble === null) ? [] : [cells.map((found) => shown(found?.ensemble?.scores['score']))]),
        ];
      }),
    ];
    const [scores] = readLatexTables(tex);
    expect(scores?.slice(1).map((cells) => cells.slice(1, 3).map((text) => text.replaceAll('*', '')))).toEqual(expected);
    const markdown = exportStudy(report, 'md', document).split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| :')).slice(1, 7);
    expect(markdown.map((line) => line.replaceAll(/\\[|]/g, '').split(' | ').slice(1, 3).map((text) => text.replaceAll(/[*\\]/g, '')))).toEqual(expected);
  });

  it('prints the best of each column bold and stars where a method is below it for certain', () => {
    const [first, second] = [/ 0 &.*/, / 1 &.*/].map((row) => row.exec(tex)?.[0].split(' & '));
    expect(first?.slice(1, 3)).toEqual(['70.1 $\\pm$ 1.4 (2)$^{**}$', '65.0 $\\pm$ 1.4 (2)']);
    expect(second?.slice(1, 3)).toEqual(['81.2 $\\pm$ 1.4 (2)', '64.6 $\\pm$ 1.4 (2)$^{**}$']);
    expect(tex.match(/\\textbf\{[^}]*\}/g)).toEqual(['\\textbf{66.0}', '\\textbf{82.2}', '\\textbf{73.9}']);
    expect(tex).toContain('0.01 (**)'.replaceAll('*', '{*}'));
  });

  it('gives no star to a difference that may be chance', () => {
    expect(exportStudy(studyReport(means, { pValue: 0.05 }), 'tex', document)).not.toContain('$^{');
  });

  it('has dashes where no run is finished, and no mean over fewer tasks than all', () => {
    const unfinished = { ...report, cells: report.cells.map((cell) => (cell.task === 't1' ? { ...cell, summary: {}, best: null, ensemble: null } : cell)) };
    const [scores] = readLatexTables(exportStudy(unfinished, 'tex', document));
    expect(scores?.slice(2).map((cells) => cells.slice(2))).toEqual(Array.from({ length: 5 }, () => ['–', '–']));
  });

  it('as CSV has a row a method, task and metric with all digits', () => {
    const rows = parse(exportStudy(report, 'csv', document), { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];
    expect(rows.map(({ task, method, mean, runs }) => [task, method, Number(mean), Number(runs)])).toEqual(json.cells.map(({ task, method, summary }) => [task, method, summary['score']?.mean, 2]));
  });

  it.skipIf(!hasPdflatex)('compiles, as a document and as a tabular in one (needs pdflatex)', () => {
    const whole = compileLatex({ 'main.tex': tex });
    expect(whole, whole.log.slice(-2000)).toMatchObject({ isCompiled: true });
    const bare = compileLatex({
      'main.tex': '\\documentclass{article}\\usepackage{booktabs}\\begin{document}\\begin{table}\\input{scores}\\end{table}\\end{document}', 'scores.tex': exportStudy(report, 'tex', { latex: 'tabular' }),
    });
    expect(bare, bare.log.slice(-2000)).toMatchObject({ isCompiled: true });
  });
});

function shown(share: number | undefined): string {
  return ((share ?? Number.NaN) * 100).toFixed(1);
}
