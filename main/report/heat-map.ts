/** Counts in cells, darker where there are more: both right and both wrong, or one method's answers against another's. */
import { label, type Chart } from './chart.ts';
import { element, join, text, type Markup } from './markup.ts';
import { countText } from './number-text.ts';
import { fitText, textWidth, titleSize } from './text-width.ts';

export interface HeatMapData {
  readonly title: string;
  readonly rowTitle: string;
  readonly columnTitle: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** `counts[row][column]`. */
  readonly counts: readonly (readonly number[])[];
}

/** Darkest tint of a cell: words on it keep 4.5 : 1. */
export const heatOpacity = 0.42;
const cellHeight = 30;

export function drawHeatMap(data: HeatMapData, { id, width = 356 }: { id: string; width?: number }): Chart {
  const rowLabelWidth = Math.min(150, Math.max(40, ...data.rows.map((row) => textWidth(row, 11))) + 10);
  const columnTop = 55;
  const cellWidth = Math.min(96, (width - rowLabelWidth) / Math.max(1, data.columns.length));
  const axes = `rows ${data.rowTitle} · columns ${data.columnTitle}`;
  const most = data.counts.flat().reduce((top, count) => Math.max(top, count), 0);
  const total = data.counts.flat().reduce((sum, count) => sum + count, 0);
  return {
    id,
    title: `${data.title}: ${data.rowTitle} by ${data.columnTitle}`,
    description: `Numbers of examples; rows are ${data.rowTitle}, columns ${data.columnTitle}; ${countText(total)} in all.`,
    width,
    height: columnTop + data.rows.length * cellHeight + 4,
    looks: [],
    body: join([
      label(fitText(data.title, width, titleSize), 0, 13, { tone: 'strong', title: data.title }),
      label(fitText(axes, width, 10), 0, 30, { tone: 'quiet small', title: axes }),
      ...data.columns.map((column, index) =>
        label(fitText(column, cellWidth - 6, 11), rowLabelWidth + (index + 0.5) * cellWidth, 48, { anchor: 'middle', title: column }),
      ),
      ...data.rows.map((row, index) =>
        label(fitText(row, rowLabelWidth - 8, 11), rowLabelWidth - 8, columnTop + (index + 0.5) * cellHeight + 4, {
          anchor: 'end',
          title: row,
        }),
      ),
      ...data.counts.flatMap((counts, row) =>
        counts.map((count, column) =>
          drawCell(count, {
            x: rowLabelWidth + column * cellWidth,
            y: columnTop + row * cellHeight,
            width: cellWidth,
            share: most === 0 ? 0 : count / most,
            title: `${data.rows[row] ?? ''} / ${data.columns[column] ?? ''}: ${countText(count)}`,
          }),
        ),
      ),
    ]),
    table: {
      caption: `Numbers of examples, rows by columns: ${data.columns.join(', ')}`,
      head: ['Task', 'Rows', 'Columns', 'Row', ...data.columns],
      rows: data.counts.map((counts, row) => [data.title, data.rowTitle, data.columnTitle, data.rows[row] ?? '', ...counts.map(countText)]),
    },
  };
}

function drawCell(
  count: number,
  { x, y, width, share, title }: { x: number; y: number; width: number; share: number; title: string },
): Markup {
  return element('g', {}, [
    element('title', {}, [text(title)]),
    element('rect', {
      x: x + 1,
      y: y + 1,
      width: width - 2,
      height: cellHeight - 2,
      rx: 2,
      class: 'heat',
      'fill-opacity': 0.06 + (heatOpacity - 0.06) * share,
    }),
    label(countText(count), x + width / 2, y + cellHeight / 2 + 4, { anchor: 'middle', ...(count === 0 ? { tone: 'quiet' } : {}) }),
  ]);
}
