/** What is right and wrong with a split, gathered row by row in bounded memory. */
import { hash } from 'node:crypto';
import type { SplitReport } from '../../contract/api/datasets.ts';
import { Problem } from '../../contract/problem.ts';
import type { DatasetColumn } from '../../store/datasets-table.ts';
import type { DataRow, DataWarning, TaskExample, TaskFormat } from '../../task/format.ts';
import { DataObservation, comparedExamples } from '../../task/observation.ts';
import type { DataFile } from '../../task/reading/data-file.ts';
import { exampleReader } from './examples.ts';
import { type LengthLimits, LengthObservation, type TokenCounter } from './lengths.ts';
import type { SourceFile } from './source-file.ts';

/** Notes about single rows, one by one, up to this many. */
const mostNotes = 20;
const mostLabels = 200;
/** Ids are texts, and take more memory than the hashes that examples are compared by. */
const comparedIds = 100_000;

/** Of an example's input; 48 bits: with 300,000 examples two differing ones meet once in some thousand data sets. */
type InputKey = number;

export interface SplitObserverOptions {
  format: TaskFormat | null;
  /** Null measures no lengths. */
  counter: TokenCounter | null;
  limits: LengthLimits;
}

export class SplitObserver {
  readonly #observation = new DataObservation({ mostIds: comparedIds });
  readonly #examplesOf: (row: DataRow) => TaskExample[];
  readonly #options: SplitObserverOptions;
  readonly #inputLengths: LengthObservation | null;
  readonly #targetLengths: LengthObservation | null;
  readonly #empty = new Map<string, { count: number; line: number }>();
  readonly #files: SplitReport['files'] = [];
  readonly #warnings: DataWarning[] = [];
  readonly #bad: DataWarning[] = [];
  readonly #misfits: DataWarning[] = [];
  #badRows = 0;
  #misfitRows = 0;
  #rows = 0;
  #examples = 0;
  /** Input → the line of the first example that has it; for finding the same in another split. */
  readonly inputs = new Map<InputKey, number>();

  constructor(options: SplitObserverOptions) {
    this.#options = options;
    this.#examplesOf = exampleReader(options.format);
    this.#inputLengths = options.counter === null ? null : new LengthObservation(options.counter, options.limits.sourceTokens);
    this.#targetLengths = options.counter === null ? null : new LengthObservation(options.counter, options.limits.targetTokens);
  }

  addFile({ label, sizeBytes }: SourceFile, { container, encoding }: DataFile): void {
    this.#files.push({ label, sizeBytes, container, encoding });
  }

  warn(warning: DataWarning): void {
    this.#warnings.push(warning);
  }

  addBadRow(problem: Problem): void {
    this.#badRows += 1;
    if (this.#bad.length < mostNotes) this.#bad.push(noteOf(problem));
  }

  add(row: DataRow): void {
    this.#rows += 1;
    for (const [name, value] of Object.entries(row.values)) {
      if (value !== null && (typeof value !== 'string' || value.trim() !== '')) continue;
      const empty = this.#empty.get(name);
      if (empty === undefined) this.#empty.set(name, { count: 1, line: row.line });
      else empty.count += 1;
    }
    try {
      for (const example of this.#examplesOf(row)) this.#addExample(example);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      this.#misfitRows += 1;
      if (this.#misfits.length < mostNotes) this.#misfits.push(noteOf(thrown, row.line));
    }
  }

  #addExample(example: TaskExample): void {
    this.#examples += 1;
    this.#observation.add(example);
    if (this.inputs.size < comparedExamples) {
      const key = Number.parseInt(hash('sha1', example.input, 'hex').slice(0, 12), 16);
      if (!this.inputs.has(key)) this.inputs.set(key, example.line);
    }
    this.#inputLengths?.add(example.input);
    if (example.target !== null) this.#targetLengths?.add(example.target);
  }

  /** @param columns as the split turned out to have them */
  report(split: string, columns: readonly DatasetColumn[]): SplitReport {
    const { tallies, targets } = this.#observation;
    const sourceOf = new Map(columns.map(({ source, name }) => [name, source]));
    const hasLabels = this.#options.format !== null && this.#options.format.labels !== null;
    return {
      split, files: this.#files, rows: this.#rows, examples: this.#options.format === null ? 0 : this.#examples, columns: columns.map(({ source }) => source),
      emptyCells: [...this.#empty].map(([name, tally]) => ({ column: sourceOf.get(name) ?? name, ...tally })),
      duplicates: tallies.get('duplicate-rows') ?? null,
      contradictions: tallies.get('contradictory-labels') ?? null,
      unlabeled: this.#options.format === null ? null : tallies.get('unlabeled-rows') ?? null,
      repeatedIds: tallies.get('repeated-id') ?? null,
      longRows: tallies.get('long-row') ?? null,
      labels: hasLabels ? [...targets].slice(0, mostLabels).map(([label, count]) => ({ label, count })) : null,
      isSingleClass: hasLabels && targets.size === 1 && this.#examples > 1,
      inputLengths: this.#inputLengths?.summary() ?? null,
      targetLengths: this.#targetLengths?.summary() ?? null,
      badRows: this.#badRows, badRowNotes: this.#bad, misfits: this.#misfitRows, misfitNotes: this.#misfits, warnings: this.#warnings,
    };
  }
}

function noteOf({ code, place, found, expected, action }: Problem, line?: number): DataWarning {
  return { code, line: place.line ?? line ?? null, message: `Found ${found}; expected ${expected}. ${action}` };
}
