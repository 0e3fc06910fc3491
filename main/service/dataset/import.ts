/**
 * Importing: every split becomes one object of JSON Lines, and then all of it one row of the workspace in one transaction. Whatever stops
 * it before leaves nothing but temporary files, which are removed here or, after a kill, at the next start.
 */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import type { DatasetReport, ImportRequest, ImportedDataset } from '../../contract/api/datasets.ts';
import { Problem } from '../../contract/problem.ts';
import { temporaryPathIn, writeProblem } from '../../store/atomic-file.ts';
import type { DatasetColumn, DatasetRow, NewDataset } from '../../store/datasets-table.ts';
import { hashFile } from '../../store/objects.ts';
import type { Workspace } from '../../store/workspace.ts';
import { describeDataset } from './datasets.ts';
import { parseDatasetName, parseSplitName } from './dataset-name.ts';
import { forgetDownloads } from './hub-source.ts';
import { signatureOf } from './mapping.ts';
import { reportSource, type SplitSink } from './report.ts';
import { downloadFolderOf, pickTable, withSource } from './source.ts';
import type { OpenedSource, SourceSurroundings } from './source-file.ts';
import { type SplitRow, writeRow } from './split-rows.ts';

const blockCharacters = 1024 * 1024;

/**
 * The next version of a data set; the same content and mapping as the newest version is that version.
 * @throws {Problem} of the source, with file and line; `dataset-name-invalid`, `source-changed`, `import-cancelled`, those of the disk
 */
export function importDataset(workspace: Workspace, request: ImportRequest, surroundings: SourceSurroundings): Promise<ImportedDataset> {
  return withSource(request.source, surroundings, async (opened) => {
    const table = pickTable(opened, request.table);
    const name = parseDatasetName(request.name ?? (table.table === '' || opened.tables.length === 1 ? opened.suggestedName : `${opened.suggestedName}-${table.table.replaceAll('/', '-')}`));
    for (const { split } of table.splits) parseSplitName(split);
    const before = await fingerprint(opened, request.table);
    const writers = new Map<string, ObjectWriter>();
    try {
      const report = await reportSource(workspace, opened, {
        request, surroundings, badRows: 'refuse',
        sinkOf(split) {
          const writer = new ObjectWriter(workspace.folder('objects'));
          writers.set(split, writer);
          return writer;
        },
      });
      if (await fingerprint(opened, request.table) !== before) throw sourceChanged(opened);
      const splits = [];
      for (const [split, writer] of writers) splits.push({ split, ...await writer.keep(workspace) });
      const { location, kind } = opened;
      const source = { kind, location, table: report.table, request: request.source, choices: request.choices };
      const imported = record(workspace, { name, source, sourceSha256: before, mapping: report.mapping, report: { ...report }, splits }, { request, report });
      if (kind === 'hub') await forgetDownloads(downloadFolderOf(workspace));
      return imported;
    } finally {
      for (const writer of writers.values()) await writer.discard();
    }
  });
}

function record(workspace: Workspace, dataset: NewDataset, { request, report }: { request: ImportRequest; report: DatasetReport }): ImportedDataset {
  return workspace.transaction(() => {
    const newest = workspace.datasets.list().findLast(({ name }) => name === dataset.name);
    const signature = signatureOf(report.splits[0]?.columns ?? []);
    if (report.mapping.format !== null) workspace.datasets.saveMapping({ name: null, signature, mapping: report.mapping });
    if (request.saveMappingAs !== null) workspace.datasets.saveMapping({ name: request.saveMappingAs, signature, mapping: report.mapping });
    const isSame = newest !== undefined && contentOf(newest) === contentOf(dataset);
    return { ...describeDataset(isSame ? newest : workspace.datasets.add(dataset)), isNew: !isSame };
  });
}

/** What makes two versions the same: the rows, their columns' names and the format. */
function contentOf({ splits, mapping }: Pick<DatasetRow, 'splits' | 'mapping'>): string {
  return JSON.stringify([mapping['format'], splits.map(({ split, object, columns }) => [split, object, columns.map(({ source, name }) => [source, name])])]);
}

/** SHA-256 over the labels and contents of the table's files. */
async function fingerprint(opened: OpenedSource, table: string | null): Promise<string> {
  const hash = createHash('sha256');
  for (const { split, files } of pickTable(opened, table).splits) {
    for (const file of files) hash.update(JSON.stringify([split, file.label, await hashFile(await file.open())]));
  }
  return hash.digest('hex');
}

function sourceChanged({ location }: OpenedSource): Problem {
  return new Problem({
    code: 'source-changed', found: 'files that changed while they were read', expected: 'files that nobody writes to', action: 'Wait until they are written, and import again.', place: { file: location },
  });
}

/** The rows of one split on their way into the object store. */
class ObjectWriter implements SplitSink {
  readonly #path: string;
  #handle: FileHandle | null = null;
  #block: string[] = [];
  #characters = 0;
  #rows = 0;
  #bytes = 0;
  #columns: readonly DatasetColumn[] = [];

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#path = temporaryPathIn(folder);
  }

  add(row: SplitRow): Promise<void> | undefined {
    const line = writeRow(row);
    this.#block.push(line, '\n');
    this.#characters += line.length;
    this.#rows += 1;
    return this.#characters >= blockCharacters ? this.#flush() : undefined;
  }

  async finish(columns: readonly DatasetColumn[]): Promise<void> {
    this.#columns = columns;
    await this.#flush();
    await this.#handle?.close();
    this.#handle = null;
  }

  async keep(workspace: Workspace): Promise<Omit<DatasetRow['splits'][number], 'split'>> {
    const object = await workspace.objects.putObjectFile(this.#path, { source: 'consume' });
    return { object, rowCount: this.#rows, byteCount: this.#bytes, columns: this.#columns };
  }

  /** Twice is once; what was kept stays. */
  async discard(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
    await rm(this.#path, { force: true });
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#block.join(''));
    this.#block = [];
    this.#characters = 0;
    try {
      this.#handle ??= await open(this.#path, 'wx');
      await this.#handle.writeFile(bytes);
      this.#bytes += bytes.length;
    } catch (thrown) {
      throw writeProblem(thrown, this.#path);
    }
  }
}
