import { describe, expect, it } from 'vitest';
import { renderSvg, type Chart } from '../../main/report/chart.ts';
import { drawHeatMap } from '../../main/report/heat-map.ts';
import { drawLearningCurves, type CurveSeries } from '../../main/report/learning-curves.ts';
import { lookOf } from '../../main/report/look.ts';
import { familyOf } from '../../main/report/palette.ts';
import { drawParameterCounts } from '../../main/report/parameter-counts.ts';
import { drawSeedDots } from '../../main/report/seed-dots.ts';
import { drawGroupedBars, drawTaskBars, type BarGroup } from '../../main/report/task-bars.ts';
import { textWidth } from '../../main/report/text-width.ts';
import { drawVoteStrip, type Outcome } from '../../main/report/vote-strip.ts';
import { seededUniform, summarise } from './fixture.ts';
import { elementsNamed, everyElement, readXml, textOf, withClass, type XmlElement } from './xml.ts';

const methods = ['full-tuning', 'prompt-tuning', 'prefix-tuning', 'warp', 'prompt-design', 'pre-trained-prompt'];
const longName = 'A very long name of a method or of a task that nobody would ever draw in full';
const uniform = seededUniform(3);

const groups: BarGroup[] = Array.from({ length: 11 }, (_, task) => ({
  title: task === 3 ? longName : `Task ${task + 1}`,
  majority: task === 5 ? null : 0.5,
  zeroShot: 0.48,
  rows: methods.map((method, index) => ({
    label: index === 2 ? longName : method,
    look: lookOf(familyOf(method)),
    summary: index === 5 && task === 0 ? undefined : summarise(Array.from({ length: 5 }, () => 0.6 + 0.38 * uniform())),
    best: 0.9,
    ensemble: index === 1 ? 0.91 : null,
  })),
}));

const firstGroup = groups[0] ?? { title: '', majority: null, zeroShot: null, rows: [] };
const curves: CurveSeries[] = ['prompt-tuning', 'full-tuning'].map((method) => ({
  label: method,
  look: lookOf(familyOf(method)),
  seeds: [1, 2, 3].map((seed) => ({
    seed,
    loss: Array.from({ length: 5000 }, (_, step) => ({ step, value: step === 2500 ? 9 : 3 * Math.exp(-step / 900) + 0.1 * uniform() })),
    dev: Array.from({ length: 20 }, (_, index) => ({ step: index * 250, value: 0.5 + 0.02 * index })),
  })),
}));

const outcomes: readonly Outcome[] = ['right', 'wrong', 'abstain'];
const votes = {
  title: 'RTE',
  members: [1, 2, 3, 4, 5].map((seed) => `seed ${seed}`),
  examples: Array.from({ length: 90 }, (_, index) => ({
    id: String(index),
    members: [0, 1, 2, 3, 4].map((member) => outcomes[(index + member) % 3] ?? 'right'),
    vote: outcomes[index % 2] ?? 'right',
  })),
};

const seedRows = methods.map((method) => ({
  label: method === 'warp' ? longName : method,
  look: lookOf(familyOf(method)),
  summary: summarise([0.81, 0.84, 0.835]),
  best: 0.84,
  ensemble: 0.85,
}));

const charts: Record<string, Chart> = {
  bars: drawTaskBars(firstGroup, { id: 'bars' }),
  grouped: drawGroupedBars(groups, { id: 'grouped', title: 'All tasks' }),
  seeds: drawSeedDots(seedRows, { id: 'seeds', title: longName }),
  linear: drawLearningCurves(curves, { id: 'linear', title: longName }),
  log: drawLearningCurves(curves, { id: 'log', title: 'RTE', lossScale: 'log' }),
  parameters: drawParameterCounts(
    methods.map((method, index) => ({
      label: index === 1 ? longName : method,
      look: lookOf(familyOf(method)),
      trainedParameters: [11e9, 20_480, 1e8, 1e6, 0, 4096][index] ?? 0,
      computed: index === 3,
    })),
    { id: 'parameters', title: 'Parameters', modelParameters: 11e9 },
  ),
  quadrants: drawHeatMap(
    {
      title: longName,
      rowTitle: 'Prompt tuning',
      columnTitle: 'Full tuning',
      rows: ['right', 'wrong'],
      columns: ['right', 'wrong'],
      counts: [
        [561, 31],
        [74, 45],
      ],
    },
    { id: 'quadrants' },
  ),
  confusion: drawHeatMap(
    {
      title: 'CB',
      rowTitle: 'answer',
      columnTitle: 'target',
      rows: ['a', longName, 'c', 'd', 'e', 'f', 'g'],
      columns: ['a', longName, 'c', 'd', 'e', 'f', 'g'],
      counts: Array.from({ length: 7 }, () => [0, 1, 22, 333, 4444, 5, 6]),
    },
    { id: 'confusion' },
  ),
  votes: drawVoteStrip(votes, { id: 'votes' }),
};

interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Where each label lies, by its estimated width. */
function labelBoxes(node: XmlElement, dx = 0, dy = 0): Box[] {
  const moved = /^translate\(([-\d.]+) ([-\d.]+)\)$/.exec(node.attributes['transform'] ?? '');
  const [x, y] = [dx + Number(moved?.[1] ?? 0), dy + Number(moved?.[2] ?? 0)];
  if (node.name === 'text') {
    const size = (node.attributes['class'] ?? '').includes('small') ? 10 : 11;
    const width = textWidth(textOf(node), size);
    const anchor = node.attributes['text-anchor'] ?? 'start';
    const left = x + Number(node.attributes['x']) - (anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0);
    const baseline = y + Number(node.attributes['y']);
    return [{ text: textOf(node), left, right: left + width, top: baseline - size * 0.75, bottom: baseline + size * 0.2 }];
  }
  return node.children.flatMap((child) => (typeof child === 'string' ? [] : labelBoxes(child, x, y)));
}

describe.each(Object.entries(charts))('the chart %s', (_, chart) => {
  const svg = renderSvg(chart);
  const root = readXml(svg);

  it('is a well-formed file that needs nothing else, and names and describes itself', () => {
    expect(root.attributes).toMatchObject({
      xmlns: 'http://www.w3.org/2000/svg',
      role: 'img',
      viewBox: `0 0 ${chart.width} ${chart.height}`,
    });
    const described = (root.attributes['aria-labelledby'] ?? '')
      .split(' ')
      .map((id) => everyElement(root).find((one) => one.attributes['id'] === id));
    expect(described.map((one) => one?.name)).toEqual(['title', 'desc']);
    expect(svg).not.toMatch(/NaN|undefined|Infinity|null|\shref=|<script|url\((?!#)/);
    const patterns = new Set(elementsNamed(root, 'pattern').map((pattern) => `url(#${pattern.attributes['id'] ?? ''})`));
    for (const one of everyElement(root))
      if (one.attributes['fill']?.startsWith('url') === true) expect(patterns).toContain(one.attributes['fill']);
  });

  it('has a table of its values, a cell for every column', () => {
    expect(chart.table.rows.length).toBeGreaterThan(0);
    for (const row of chart.table.rows) expect(row).toHaveLength(chart.table.head.length);
  });

  it('draws every label inside the picture and none over another', () => {
    const boxes = labelBoxes(root);
    expect(boxes.length).toBeGreaterThan(4);
    for (const box of boxes) {
      expect(box.left, box.text).toBeGreaterThanOrEqual(0);
      expect(box.right, box.text).toBeLessThanOrEqual(chart.width);
      expect(box.bottom, box.text).toBeLessThanOrEqual(chart.height);
    }
    for (const [index, one] of boxes.entries()) {
      const hit = boxes
        .slice(index + 1)
        .find((other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom);
      expect(hit === undefined ? null : [one.text, hit.text]).toBeNull();
    }
  });
});

it('says a long name in full where the pointer rests on its beginning', () => {
  const cut = elementsNamed(readXml(renderSvg(charts['seeds'] ?? drawTaskBars(firstGroup, { id: 'x' }))), 'text').filter((label) =>
    textOf(label).endsWith('…'),
  );
  expect(cut.length).toBeGreaterThan(0);
  for (const label of cut)
    expect(label.children.map((child) => (typeof child === 'string' ? '' : child.children.join(''))).join('')).toBe(longName);
});

/** Zero lies one pixel from the left, 100 % seventeen from the right of 356. */
function pixel(score: number): number {
  return 1 + (356 - 17 - 1) * Math.min(1, Math.max(0, score));
}

describe('bars', () => {
  const root = readXml(renderSvg(charts['bars'] ?? drawTaskBars(firstGroup, { id: 'x' })));
  const rows = firstGroup.rows.filter((row) => row.summary !== undefined);

  it('begin at zero and end at the mean', () => {
    const bars = withClass(root, 'bar').map((bar) => elementsNamed(bar, 'rect')[0]?.attributes);
    expect(bars).toHaveLength(5);
    bars.forEach((bar, index) => {
      expect(Number(bar?.['x'])).toBeCloseTo(pixel(0), 1);
      expect(Number(bar?.['x']) + Number(bar?.['width'])).toBeCloseTo(pixel(rows[index]?.summary?.mean ?? -1), 1);
    });
  });

  it('carry whiskers from one standard deviation below the mean to one above, and a dot a seed', () => {
    withClass(root, 'bar').forEach((bar, index) => {
      const summary = rows[index]?.summary;
      const whisker = withClass(bar, 'whisker')[0]?.attributes;
      expect(Number(whisker?.['x1'])).toBeCloseTo(pixel((summary?.mean ?? 0) - (summary?.standardDeviation ?? 0)), 1);
      expect(Number(whisker?.['x2'])).toBeCloseTo(pixel((summary?.mean ?? 0) + (summary?.standardDeviation ?? 0)), 1);
      const dots = elementsNamed(bar, 'circle').map((dot) => Number(dot.attributes['cx']));
      expect(dots).toHaveLength(5);
      dots.forEach((x, seed) => expect(x).toBeCloseTo(pixel(summary?.values[seed] ?? -1), 1));
    });
  });

  it('say that no run is there yet where none is', () => {
    expect(textOf(root)).toContain('no run yet');
  });

  it('draw nothing where a single seed has no spread, and survive scores that are no numbers', () => {
    const single = drawTaskBars(
      { ...firstGroup, rows: firstGroup.rows.slice(0, 1).map((row) => ({ ...row, summary: summarise([0.7]) })) },
      { id: 'single' },
    );
    expect(withClass(readXml(renderSvg(single)), 'whisker')).toHaveLength(0);
    const broken = drawTaskBars(
      {
        ...firstGroup,
        majority: Number.NaN,
        rows: firstGroup.rows.map((row) => ({ ...row, best: Number.NaN, ensemble: Number.NaN, summary: summarise([Number.NaN, 0.5]) })),
      },
      { id: 'broken' },
    );
    expect(renderSvg(broken)).not.toContain('NaN');
  });
});

describe('zoomed seeds', () => {
  it('put the whisker on the 95 % interval and the upright bar on the mean', () => {
    const summary = summarise([0.8, 0.82, 0.84, 0.86, 0.88]);
    const root = readXml(
      renderSvg(
        drawSeedDots([{ label: 'PT', look: lookOf('prompt-tuning'), summary, best: null, ensemble: null }], { id: 's', title: 'RTE' }),
      ),
    );
    const ticks = elementsNamed(root, 'text').flatMap((label) =>
      /^\d+$/.test(textOf(label)) ? [{ score: Number(textOf(label)) / 100, x: Number(label.attributes['x']) }] : [],
    );
    const [first, last] = [ticks[0], ticks.at(-1)];
    const zoomed = (score: number): number =>
      (first?.x ?? 0) + ((score - (first?.score ?? 0)) / ((last?.score ?? 1) - (first?.score ?? 0))) * ((last?.x ?? 0) - (first?.x ?? 0));
    const whisker = withClass(root, 'whisker')[0]?.attributes;
    expect(Number(whisker?.['x1'])).toBeCloseTo(zoomed(summary.interval?.low ?? 0), 1);
    expect(Number(whisker?.['x2'])).toBeCloseTo(zoomed(summary.interval?.high ?? 0), 1);
    expect(Number(withClass(root, 'mean')[0]?.attributes['x1'])).toBeCloseTo(zoomed(summary.mean), 1);
  });
});

/** The least y. */
function highest(places: readonly (readonly number[])[]): number {
  return Math.min(...places.map(([, y = 0]) => y));
}

describe('learning curves', () => {
  const root = readXml(renderSvg(charts['linear'] ?? drawTaskBars(firstGroup, { id: 'x' })));
  const paths = (style: string) =>
    withClass(root, style).map((path) =>
      (path.attributes['d'] ?? '')
        .split(/[ML]/)
        .slice(1)
        .map((place) => place.split(' ').map(Number)),
    );

  it('draw a thin line a seed and a thick one for their mean, with 200 points at most', () => {
    expect([paths('thin').length, paths('thick').length]).toEqual([12, 4]);
    for (const places of [...paths('thin'), ...paths('thick')]) expect(places.length).toBeLessThanOrEqual(200);
  });

  it('keep a peak of a single step among thousands', () => {
    const losses = paths('thin').filter((places) => places.length > 100);
    expect(losses).toHaveLength(6);
    // The peak of 9 on an axis from 0 to 10 lies a tenth below the top of the plot.
    for (const places of losses) expect(highest(places)).toBeCloseTo(34 + 84 * 0.1, 0);
  });

  it('leave out what is no number and are empty for a run without curves', () => {
    const odd = [
      {
        label: 'PT',
        look: lookOf('prompt-tuning'),
        seeds: [
          {
            seed: 1,
            loss: [
              { step: 1, value: Number.NaN },
              { step: 2, value: 1 },
            ],
            dev: [],
          },
        ],
      },
    ];
    expect(renderSvg(drawLearningCurves(odd, { id: 'odd', title: 'x', lossScale: 'log' }))).not.toContain('NaN');
    expect(() => readXml(renderSvg(drawLearningCurves([], { id: 'none', title: 'x' })))).not.toThrow();
  });
});

describe('parameter counts', () => {
  it('stand a decade apart for ten times as many', () => {
    const rows = [1000, 10_000, 100_000].map((trainedParameters) => ({
      label: String(trainedParameters),
      look: lookOf('warp'),
      trainedParameters,
    }));
    const dots = elementsNamed(readXml(renderSvg(drawParameterCounts(rows, { id: 'p', title: 'P', modelParameters: 1e6 }))), 'circle').map(
      (dot) => Number(dot.attributes['cx']),
    );
    expect((dots[1] ?? 0) - (dots[0] ?? 0)).toBeCloseTo((dots[2] ?? 0) - (dots[1] ?? 0), 1);
    expect(dots[1]).toBeGreaterThan(dots[0] ?? 0);
  });
});

describe('a vote strip', () => {
  it('draws one sign for every member and every vote of every example', () => {
    const root = readXml(renderSvg(charts['votes'] ?? drawTaskBars(firstGroup, { id: 'x' })));
    const signs = (style: string, start: RegExp) =>
      withClass(root, style).reduce((sum, path) => sum + (path.attributes['d']?.match(start)?.length ?? 0), 0);
    const all = votes.examples.flatMap((example) => [...example.members, example.vote]);
    expect([signs('right', /M/g), signs('wrong', /M/g), signs('abstain', /M/g)]).toEqual(
      outcomes.map((outcome) => all.filter((one) => one === outcome).length),
    );
  });
});

describe('a heat map', () => {
  it('is darkest where the count is highest and writes every count', () => {
    const root = readXml(renderSvg(charts['quadrants'] ?? drawTaskBars(firstGroup, { id: 'x' })));
    const cells = withClass(root, 'heat').map((cell) => Number(cell.attributes['fill-opacity']));
    expect(cells.indexOf(Math.max(...cells))).toBe(0);
    for (const count of [561, 31, 74, 45]) expect(elementsNamed(root, 'text').map(textOf)).toContain(String(count));
  });
});
