/** Trained parameters a task by method on a logarithmic axis, as figure 4 of Lester, Al-Rfou and Constant 2021 compares them. */
import { group, label, line, type Chart } from './chart.ts';
import { drawMarker, type Look } from './look.ts';
import { element, join, text, type Markup } from './markup.ts';
import { countText, shareText, shortCountText } from './number-text.ts';
import { logScale, type Scale } from './scale.ts';
import { fitText } from './text-width.ts';

export interface ParameterRow {
  readonly label: string;
  readonly look: Look;
  readonly trainedParameters: number;
  /** When training needs more than what is kept, as a reparametrised prefix does: the axis shows both ends. */
  readonly keptParameters?: number;
  /** Computed for comparison, not run in this study: drawn hollow and said so. */
  readonly computed?: boolean;
}

const headHeight = 8;
const rowHeight = 24;
const labelWidth = 140;
const valueWidth = 190;

/** Zero trained parameters (prompt design) have no place on the axis: they stand at its left end, in words. */
export function drawParameterCounts(
  rows: readonly ParameterRow[],
  { id, title, modelParameters, width = 720 }: { id: string; title: string; modelParameters: number; width?: number },
): Chart {
  const counts = rows.flatMap((row) => [row.trainedParameters, row.keptParameters ?? 0]).filter((count) => count > 0);
  const scale = logScale(Math.min(modelParameters, ...counts), Math.max(modelParameters, ...counts), {
    from: labelWidth,
    to: width - valueWidth,
    tickCount: 7,
    nice: true,
  });
  const bottom = headHeight + rows.length * rowHeight;
  const whole = scale.place(modelParameters);
  return {
    id,
    title,
    description: `Trained parameters for one task, logarithmic axis; the dashed line is the whole model, ${countText(modelParameters)} parameters. Hollow rows are computed for comparison, not run.`,
    width,
    height: bottom + 36,
    looks: rows.map((row) => row.look),
    body: join([
      ...scale.ticks.flatMap((tick) => [
        line(scale.place(tick), headHeight, scale.place(tick), bottom, 'grid'),
        label(shortCountText(tick), scale.place(tick), bottom + 14, { anchor: 'middle', tone: 'quiet small' }),
      ]),
      element('line', { x1: whole, x2: whole, y1: headHeight, y2: bottom, class: 'reference-line', 'stroke-dasharray': '4 3' }, [
        element('title', {}, [text(`Whole model: ${countText(modelParameters)}`)]),
      ]),
      label('parameters a task, log scale', (scale.place(scale.low) + scale.place(scale.high)) / 2, bottom + 29, {
        anchor: 'middle',
        tone: 'quiet small',
      }),
      ...rows.map((row, index) => drawRow(row, { scale, middle: headHeight + (index + 0.5) * rowHeight, width, modelParameters })),
    ]),
    table: {
      caption: 'Parameters for one task',
      head: ['Method', 'Trained', 'Kept', 'Share of the model', 'In this study'],
      rows: rows.map((row) => [
        row.label,
        countText(row.trainedParameters),
        countText(row.keptParameters ?? row.trainedParameters),
        shareText(row.trainedParameters / modelParameters),
        row.computed === true ? 'computed' : 'run',
      ]),
    },
  };
}

function drawRow(
  row: ParameterRow,
  { scale, middle, width, modelParameters }: { scale: Scale; middle: number; width: number; modelParameters: number },
): Markup {
  const { look, trainedParameters: trained, keptParameters: kept } = row;
  const start = scale.place(scale.low);
  const end = scale.place(trained);
  const style = `line-${look.family}`;
  const name = row.label;
  const amount = trained === 0 ? 'none trained' : `${shortCountText(trained)} · ${shareText(trained / modelParameters)}`;
  const value = row.computed === true ? `${amount} · computed` : amount;
  return join([
    label(fitText(name, labelWidth - 14, 11), labelWidth - 10, middle + 4, {
      anchor: 'end',
      title: name,
      ...(row.computed === true ? { tone: 'quiet' } : {}),
    }),
    group([
      element('title', {}, [text(`${name}: ${countText(trained)} trained parameters`)]),
      element('line', {
        x1: start,
        x2: end,
        y1: middle,
        y2: middle,
        class: style,
        'stroke-width': row.computed === true ? 1 : 2,
        'stroke-dasharray': row.computed === true ? '3 3' : undefined,
      }),
      ...(kept === undefined || kept === trained ? [] : [line(scale.place(kept), middle - 5, scale.place(kept), middle + 5, style)]),
      row.computed === true
        ? drawMarker(look, end, middle, 3.5)
        : element('circle', { cx: end, cy: middle, r: 4.5, class: `ink-${look.family}` }),
    ]),
    label(value, width - valueWidth + 14, middle + 4),
  ]);
}
