/** Importing generated files: time, rows a second, and the most memory that the process ever had. */
import { createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { importRequestSchema } from '../../main/contract/api/datasets.ts';
import { importDataset } from '../../main/service/dataset/import.ts';
import { surroundingsOf } from '../../main/service/dataset/source.ts';
import { openWorkspace } from '../../main/store/workspace.ts';

export const importForms = ['csv', 'jsonl', 'parquet'] as const;
type ImportForm = (typeof importForms)[number];

export interface ImportOptions {
  form: ImportForm;
  rows: number;
}

const words = 'the film is a small and quiet story about people who wait for a train that never comes while it snows'.split(' ');

/** Different for every row, about 200 characters, with quotes and letters beyond ASCII. */
function textOf(row: number): string {
  const chosen = Array.from({ length: 34 }, (_, index) => words[(row * 31 + index * 7 + ((row >> (index % 13)) & 3)) % words.length]);
  return `${chosen.join(' ')}, "né" ${row}`;
}

/** Makes the file `train.<form>` in a folder and nothing else. */
export async function makeImportFile(folder: string, { form, rows }: ImportOptions): Promise<void> {
  const path = join(folder, `train.${form}`);
  if (form === 'parquet') {
    const indices = Array.from({ length: rows }, (_, row) => row);
    writeFileSync(path, Buffer.from(parquetWriteBuffer({
      columnData: [
        { name: 'idx', data: indices, type: 'INT32' },
        { name: 'sentence', data: indices.map(textOf), type: 'STRING' },
        { name: 'label', data: indices.map((row) => (row % 2 === 0 ? 'positive' : 'negative')), type: 'STRING' },
      ],
      rowGroupSize: 10_000,
    })));
    return;
  }
  const stream = createWriteStream(path);
  if (form === 'csv') stream.write('idx,sentence,label\n');
  for (let row = 0; row < rows; row += 1) {
    const label = row % 2 === 0 ? 'positive' : 'negative';
    const line = form === 'csv' ? `${row},"${textOf(row).replaceAll('"', '""')}",${label}\n` : `${JSON.stringify({ idx: row, sentence: textOf(row), label })}\n`;
    if (!stream.write(line)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}

export interface ImportFigures {
  rows: number;
  file_mb: number;
  wall_s: number;
  rows_per_s: number;
  /** Of the whole process, before and after; making the file happens in another process. */
  rss_before_mb: number;
  peak_rss_mb: number;
}

/** @param makeInProcess makes the file in a process of its own, whose memory does not count here */
export async function measureImport(options: ImportOptions, makeInProcess: (folder: string, options: ImportOptions) => void): Promise<ImportFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-bench-import-'));
  try {
    makeInProcess(folder, options);
    const path = join(folder, `train.${options.form}`);
    const workspace = openWorkspace(join(folder, 'workspace'));
    const rssBefore = process.memoryUsage.rss();
    const startedMs = performance.now();
    const imported = await importDataset(workspace, importRequestSchema.parse({ source: { kind: 'paths', paths: [path] } }), surroundingsOf(workspace));
    const seconds = (performance.now() - startedMs) / 1000;
    workspace.close();
    const rows = imported.splits[0]?.rows ?? 0;
    // maxRSS is in KiB.
    return { rows, file_mb: statSync(path).size / 1e6, wall_s: seconds, rows_per_s: rows / seconds, rss_before_mb: rssBefore / 1e6, peak_rss_mb: (process.resourceUsage().maxRSS * 1024) / 1e6 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
