/** The rows of a split, file after file, under the names that they are stored with. */
import type { ColumnMapping } from '../../contract/api/datasets.ts';
import { Problem, toProblem } from '../../contract/problem.ts';
import type { DataRow, DataWarning } from '../../task/format.ts';
import type { ReadingChoices } from '../../task/reading/choices.ts';
import { type DataFile, openDataFile, readRows } from '../../task/reading/data-file.ts';
import { exactValues } from '../../task/reading/exact-json.ts';
import { writeValue } from './cell-text.ts';
import { ColumnRegistry, renameRow, renameValues } from './mapping.ts';
import { requireGoing, shownAs } from './source.ts';
import type { SourceFile } from './source-file.ts';

/** Not every form of file tells how far it is read. */
const rowsBetweenChecks = 1000;

export interface SplitRow {
  /** As a task format sees it; `index` counts through all files of the split. */
  row: DataRow;
  /** Of the file, for messages. */
  shown: string;
  /** With every number as its file writes it; made when asked for. */
  exact(): Readonly<Record<string, unknown>>;
}

export interface SplitListener {
  onFile?(file: SourceFile, data: DataFile): void;
  warn?(warning: DataWarning): void;
  /** Takes a row that cannot be read; without it the first ends the reading. */
  onBadRow?: ((problem: Problem) => void) | undefined;
  /** Of the split, so far. */
  onBytes?(bytes: number): void;
  signal?: AbortSignal | undefined;
}

export class SplitReader {
  readonly registry: ColumnRegistry;
  readonly #files: readonly SourceFile[];
  readonly #choices: ReadingChoices;

  constructor(files: readonly SourceFile[], { choices, mapping }: { choices: ReadingChoices; mapping: ColumnMapping }) {
    this.#files = files;
    this.#choices = choices;
    this.registry = new ColumnRegistry(mapping);
  }

  /** @throws {Problem} of the first file that cannot be read, under the name that the person knows; `import-cancelled` */
  async *rows({ onFile, warn = () => {}, onBadRow, onBytes, signal }: SplitListener): AsyncGenerator<SplitRow> {
    let index = 0;
    let bytesBefore = 0;
    for (const file of this.#files) {
      try {
        const data = await openDataFile(await file.open(), this.#choices);
        onFile?.(file, data);
        const listener = {
          onColumns: (names: readonly string[]) => this.registry.add(names),
          onBytes: (bytes: number) => {
            requireGoing(signal);
            onBytes?.(bytesBefore + bytes);
          },
          ...(onBadRow === undefined ? {} : { onBadRow: (problem: Problem) => onBadRow(shownAs(problem, file.shown)) }),
        };
        for await (const source of readRows(data, warn, listener)) {
          this.registry.see(source);
          const names = this.registry.changed;
          const row = { ...renameRow(source, names), index };
          yield { row, shown: file.shown, exact: () => renameValues(exactValues(source), names) };
          index += 1;
          if (index % rowsBetweenChecks === 0) requireGoing(signal);
        }
      } catch (thrown) {
        const problem = toProblem(thrown);
        throw problem.kind === 'cancelled' || problem.place.file === undefined || file.isLocal && problem.place.file === file.shown ? problem : shownAs(problem, file.shown);
      }
      bytesBefore += file.sizeBytes;
    }
  }
}

/** One line of JSON for a stored row. @throws {Problem} `row-too-deep` */
export function writeRow({ row, shown, exact }: SplitRow): string {
  const line = writeValue(exact());
  if (line !== null) return line;
  throw new Problem({
    code: 'row-too-deep', found: 'lists or objects nested deeper than can be written again', expected: 'rows of texts, numbers and short lists', action: 'Flatten the row.', place: { file: shown, line: row.line },
  });
}
