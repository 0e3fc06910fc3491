/** Tables of a page: the first cell of a row names it, numbers are aligned to the right, and a wide table scrolls by itself. */
import { element, text, type Markup } from './markup.ts';

export interface Cell {
  readonly content: Markup;
  /** Words are aligned to the left. */
  readonly words?: boolean;
  /** Sentences: they may wrap. */
  readonly prose?: boolean;
  /** A heading over several columns. */
  readonly columns?: number;
  /** Begins a group of columns: a rule stands to its left. */
  readonly begins?: boolean;
  readonly strong?: boolean;
}

export interface TableRow {
  readonly cells: readonly Cell[];
  /** Set off by a rule: a mean, a total. */
  readonly total?: boolean;
}

export interface Table {
  readonly caption: string;
  readonly head: readonly (readonly Cell[])[];
  readonly rows: readonly TableRow[];
}

export function number(value: string, options: Omit<Cell, 'content'> = {}): Cell {
  return { content: text(value), ...options };
}

export function words(value: string, options: Omit<Cell, 'content' | 'words'> = {}): Cell {
  return { content: element('bdi', {}, [text(value)]), words: true, ...options };
}

/** A table in a box that scrolls sideways where the page is narrow, and can be reached from the keyboard. */
export function drawTable({ caption, head, rows }: Table): Markup {
  return element('figure', { class: 'table' }, [
    element('figcaption', {}, [text(caption)]),
    element('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption }, [
      element('table', {}, [
        element(
          'thead',
          {},
          head.map((cells) =>
            element(
              'tr',
              {},
              cells.map((cell) => drawCell(cell, 'th', 'col')),
            ),
          ),
        ),
        element('tbody', {}, rows.map(drawRow)),
      ]),
    ]),
  ]);
}

function drawRow({ cells, total }: TableRow): Markup {
  const drawn = cells.map((cell, index) => (index === 0 ? drawCell(cell, 'th', 'row') : drawCell(cell, 'td')));
  return element('tr', { class: total === true ? 'total' : undefined }, drawn);
}

function drawCell(cell: Cell, name: 'th' | 'td', scope?: 'row' | 'col'): Markup {
  const spans = cell.columns !== undefined && cell.columns > 1;
  const classes = [
    ...(cell.words === true ? ['words'] : []),
    ...(cell.prose === true ? ['prose'] : []),
    ...(cell.begins === true ? ['begins'] : []),
    ...(cell.strong === true ? ['strong'] : []),
  ].join(' ');
  return element(
    name,
    {
      scope: scope === 'col' && spans ? 'colgroup' : scope,
      colspan: spans ? cell.columns : undefined,
      class: classes === '' ? undefined : classes,
    },
    [cell.content],
  );
}
