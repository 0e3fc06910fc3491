/** Reports written to files of the form that the file's name asks for. */
import { resolve } from 'node:path';
import type { ComparisonReport } from '../contract/comparison.ts';
import { Problem } from '../contract/problem.ts';
import type { StudyReport } from '../contract/study.ts';
import { exportComparison, type ComparisonExportOptions } from '../report/export/comparison.ts';
import { exportFormatOf, type ExportFormat, type LatexOptions } from '../report/export/format.ts';
import { exportStudy } from '../report/export/study.ts';
import { writeFileAtomicSync } from '../store/atomic-file.ts';

export interface ExportFile {
  /** Absolute. */
  path: string;
  format: ExportFormat;
}

/** To be called before the work whose result they hold. @throws {Problem} `export-format-unknown`, `export-repeated` */
export function parseExportFiles(paths: readonly string[]): ExportFile[] {
  const files = paths.map((path) => ({ path: resolve(path), format: exportFormatOf(path) }));
  const repeated = files.find(({ path }, index) => files.findIndex((file) => file.path === path) !== index);
  if (repeated === undefined) return files;
  throw new Problem({ code: 'export-repeated', found: 'the same file twice', expected: 'different files', action: 'Name every file once.', place: { file: repeated.path } });
}

/** Replaces files that are there. @throws {Problem} as writeFileAtomicSync */
export function writeComparisonExports(report: ComparisonReport, files: readonly ExportFile[], options: ComparisonExportOptions): void {
  for (const { path, format } of files) writeFileAtomicSync(path, exportComparison(report, format, options));
}

/** Replaces files that are there. @throws {Problem} as writeFileAtomicSync */
export function writeStudyExports(report: StudyReport, files: readonly ExportFile[], options: LatexOptions): void {
  for (const { path, format } of files) writeFileAtomicSync(path, exportStudy(report, format, options));
}
