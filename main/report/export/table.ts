/** A table before it has a notation: every exporter writes the same cells, so the numbers of a paper are those of the file beside it. */
import { bytesText, countText, dash, differenceText, durationText, pValueText, scoreText } from '../number-text.ts';

export interface ExportTable<AnyCell extends Cell = Cell> {
  readonly caption: string;
  readonly columns: readonly ExportColumn[];
  readonly rows: readonly ExportRow<AnyCell>[];
  /** Sentences under the table. */
  readonly notes: readonly string[];
}

export interface ExportColumn {
  readonly title: string;
  /** `wrapped` is text of several lines. */
  readonly align: 'left' | 'right' | 'wrapped';
  /** Of the numbers as people read them; a form whose text names its unit has none. */
  readonly unit?: '%' | 'points';
  /** Of the numbers as they are in a CSV file. */
  readonly plainUnit?: 'bytes' | 'seconds';
}

/** `accuracy, %` */
export function readableTitle({ title, unit }: ExportColumn): string {
  return unit === undefined ? title : `${title}, ${unit}`;
}

/** Columns by what they hold. */
export const column = {
  text: (title: string): ExportColumn => ({ title, align: 'left' }),
  wrapped: (title: string): ExportColumn => ({ title, align: 'wrapped' }),
  number: (title: string): ExportColumn => ({ title, align: 'right' }),
  share: (title: string): ExportColumn => ({ title, align: 'right', unit: '%' }),
  difference: (title: string): ExportColumn => ({ title, align: 'right', unit: 'points' }),
  bytes: (title: string): ExportColumn => ({ title, align: 'right', plainUnit: 'bytes' }),
  seconds: (title: string): ExportColumn => ({ title, align: 'right', plainUnit: 'seconds' }),
} as const;

export interface ExportRow<AnyCell extends Cell = Cell> {
  readonly cells: readonly AnyCell[];
  /** A line above. */
  readonly startsGroup?: boolean;
}

export interface TextCell {
  readonly kind: 'text';
  readonly text: string;
}

export interface NumberCell extends Emphasis {
  readonly kind: 'number';
  readonly value: number | null;
  readonly form: NumberForm;
}

/** Mean ± sample standard deviation (n), shares shown as per cent. */
export interface SpreadCell extends Emphasis {
  readonly kind: 'spread';
  readonly mean: number;
  readonly standardDeviation: number | null;
  readonly count: number;
}

interface Emphasis {
  readonly isBest?: boolean;
  /** Stars of significance, explained in the notes. */
  readonly mark?: string;
}

/** What every notation can say, also one number a cell. */
export type PlainCell = TextCell | NumberCell;
export type Cell = PlainCell | SpreadCell;

/** How people read a number; a share is shown as per cent, without the sign: the column says it. */
export type NumberForm = keyof typeof forms;

const forms = {
  share: scoreText,
  /** Of the model's parameters: often far below one per cent. */
  portion: (value: number) => (value === 0 ? '0' : String(Number((value * 100).toPrecision(2)))),
  difference: differenceText,
  count: countText,
  probability: pValueText,
  seconds: durationText,
  bytes: bytesText,
  /** Small numbers around zero: log-probabilities, effects. */
  number: (value: number) => value.toFixed(2).replace(/^-0\.00$/, '0.00').replace('-', '−'),
} as const satisfies Record<string, (value: number) => string>;

export function textCell(text: string): TextCell {
  return { kind: 'text', text };
}

export function numberCell(value: number | null, form: NumberForm, emphasis: Emphasis = {}): NumberCell {
  return { kind: 'number', value: value !== null && Number.isFinite(value) ? value : null, form, ...emphasis };
}

export function numberText(value: number | null, form: NumberForm): string {
  return value === null ? dash : forms[form](value);
}

/** `73.2 ± 1.4 (5)`; one value has no spread. */
export function spreadText({ mean, standardDeviation, count }: SpreadCell): string {
  return standardDeviation === null ? scoreText(mean) : `${scoreText(mean)} ± ${scoreText(standardDeviation)} (${count})`;
}

/** Texts of documents are for reading; the whole is in the CSV and JSON exports. */
export function clipText(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
