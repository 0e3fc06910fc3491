/** What every chart is: a picture with its title, its description in words and its values as a table. */
import { drawPattern, patternId, type Look } from './look.ts';
import { element, join, text, type Markup } from './markup.ts';
import { chartStyle } from './palette.ts';
import { drawTable, number, words, type Table } from './table.ts';

export interface Chart {
  /** Unique in a page; letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** What is drawn, with its units and what the whiskers are. */
  readonly description: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Whose patterns the picture refers to. */
  readonly looks: readonly Look[];
  readonly body: Markup;
  readonly table: ValueTable;
}

/** The first cell of a row names it. */
export interface ValueTable {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** An SVG file: it carries its own style and surface and needs nothing else. */
export function renderSvg(chart: Chart): string {
  const patterns = drawPatterns(chart.looks);
  return drawSvg(chart, { xmlns: 'http://www.w3.org/2000/svg' }, [
    element('style', {}, [text(chartStyle)]),
    ...patterns,
    element('rect', { width: chart.width, height: chart.height, class: 'surface' }),
  ]);
}

/** A figure of a page, which states the style and the patterns once and the values under its figures. */
export function renderFigure(chart: Chart): Markup {
  return element('figure', {}, [drawSvg(chart, {}, [])]);
}

/** The values of several charts in as few tables as their columns allow. */
export function renderValues(charts: readonly Chart[]): Markup {
  const tables = new Map<string, ValueTable>();
  for (const { table } of charts) {
    const key = JSON.stringify(table.head);
    tables.set(key, { ...table, rows: [...(tables.get(key)?.rows ?? []), ...table.rows] });
  }
  return join([...tables.values()].map((table) => drawTable(asTable(table))));
}

/** Columns of words, as method names, are those whose cells hold no digit first. */
function asTable({ caption, head, rows }: ValueTable): Table {
  const wordColumns = head.map((_, column) => column === 0 || rows.some((row) => /^\p{L}/u.test(row[column] ?? '')));
  const cell = (value: string, column: number): ReturnType<typeof words> => (wordColumns[column] === true ? words(value) : number(value));
  return { caption, head: [head.map(cell)], rows: rows.map((row) => ({ cells: row.map(cell) })) };
}

/** The patterns of several charts, each once, for the head of a page. */
export function drawPatterns(looks: readonly Look[]): Markup[] {
  const different = new Map(looks.map((look) => [patternId(look), look]));
  return different.size === 0 ? [] : [element('defs', {}, [...different.values()].map(drawPattern))];
}

function drawSvg(chart: Chart, attributes: Readonly<Record<string, string>>, head: readonly Markup[]): Markup {
  const { id, width, height } = chart;
  return element(
    'svg',
    {
      ...attributes,
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-description`,
    },
    [
      element('title', { id: `${id}-title` }, [text(chart.title)]),
      element('desc', { id: `${id}-description` }, [text(chart.description)]),
      ...head,
      chart.body,
    ],
  );
}

export interface LabelOptions {
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Of `quiet`, `strong`, `small`. */
  readonly tone?: string;
  /** Shown when the pointer rests on it. */
  readonly title?: string;
}

/** Words in a picture; `y` is their baseline. */
export function label(content: string, x: number, y: number, { anchor = 'start', tone, title }: LabelOptions = {}): Markup {
  return element('text', { x, y, 'text-anchor': anchor === 'start' ? undefined : anchor, class: tone }, [
    ...(title === undefined ? [] : [element('title', {}, [text(title)])]),
    text(content),
  ]);
}

export function line(x1: number, y1: number, x2: number, y2: number, style: string): Markup {
  return element('line', { x1, y1, x2, y2, class: style });
}

export function group(children: readonly Markup[], attributes: Readonly<Record<string, string>> = {}): Markup {
  return element('g', attributes, [join(children)]);
}
