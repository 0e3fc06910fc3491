/** What a table's column is, and the sums behind a list that draws only what is seen. Pure. */
import type { Snippet } from 'svelte';

export interface Column<Row> {
  id: string;
  title: string;
  /** CSS width: `120px`, or `minmax(120px, 2fr)` for what may grow. */
  width: string;
  align?: 'start' | 'end';
  /** What it is sorted by; a column without one is not sorted. Null sorts last. */
  value?: (row: Row) => string | number | null;
  /** Plain text; `cell` draws something else. */
  text?: (row: Row) => string;
  cell?: Snippet<[Row]>;
  isMono?: boolean;
}

export interface SortOrder {
  column: string;
  direction: 'ascending' | 'descending';
}

/** A list that is longer than what the page holds of it. */
export interface PagedRows<Row> {
  readonly total: number;
  /** Undefined until it has been fetched. */
  rowAt(index: number): Row | undefined;
  /** Tells which rows are in view, from `first` up to but not `last`. */
  show(first: number, last: number): void;
}

/** Stable; nulls last in either direction. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], order: SortOrder | null): readonly Row[] {
  const value = columns.find(({ id }) => id === order?.column)?.value;
  if (order === null || value === undefined) return rows;
  const sign = order.direction === 'ascending' ? 1 : -1;
  const collator = new Intl.Collator(undefined, { numeric: true });
  return [...rows].sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (typeof left === 'number' && typeof right === 'number' ? left - right : collator.compare(String(left), String(right)));
  });
}

/** Drawn beyond the edges, so that a fast scroll shows no holes. */
const overscan = 12;

export interface Window {
  first: number;
  last: number;
}

/** The rows from `first` up to but not `last`. */
export function visibleRows({ scrollTop, height, rowHeight, count }: { scrollTop: number; height: number; rowHeight: number; count: number }): Window {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - overscan);
  return { first, last: Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + overscan) };
}
