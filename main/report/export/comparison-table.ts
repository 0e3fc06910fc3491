/** A comparison as tables: the same numbers for every notation. */
import type { ComparedExample, ComparedPair, ComparedRun, ComparisonReport, ConfusionTable, PairOutcome, Quadrant, ShownExamples } from '../../contract/comparison.ts';
import { clipText, column, numberCell, textCell, type Cell, type ExportTable, type PlainCell } from './table.ts';

/** A page holds no more of one example. */
const mostInputCharacters = 300;
const mostAnswerCharacters = 50;

const quadrantTitles: Readonly<Record<Quadrant, string>> = {
  'both-right': 'both right',
  'only-a': 'only A',
  'only-b': 'only B',
  'both-wrong': 'both wrong',
};
const quadrantOrder = Object.keys(quadrantTitles) as Quadrant[];

/** A row a run. The best score of each metric is marked. */
export function runsTable({ runs, task, split, joined }: ComparisonReport): ExportTable<PlainCell> {
  const metrics = Object.keys(runs[0]?.scores ?? {}).filter((id) => id !== 'score');
  const shown = metrics.length === 1 ? metrics : [...metrics, 'score'];
  const best = Object.fromEntries(shown.map((id) => [id, Math.max(...runs.map(({ scores }) => scores[id] ?? Number.NEGATIVE_INFINITY))]));
  return {
    caption: `Runs on ${task}, ${split} split, ${joined.examples} examples`,
    columns: [
      column.text('run'), column.text('method'), column.text('model'), column.number('seed'), ...shown.map(column.share), column.share('legal answers'),
      column.number('trained parameters'), column.bytes('storage a task'), column.seconds('time'), column.bytes('peak memory'),
    ],
    rows: runs.map((run) => ({ cells: [
      textCell(run.id), textCell(run.methodTitle), textCell(run.model), textCell(String(run.seed)),
      ...shown.map((id) => numberCell(run.scores[id] ?? null, 'share', { isBest: run.scores[id] === best[id] })),
      numberCell(run.legalRate, 'share'), ...costCells(run),
    ] })),
    notes: shown.includes('score') ? ['The score is the mean of the metrics. The best of each column is bold.'] : ['The best is bold.'],
  };
}

function costCells({ trainableParameters, storageBytesPerTask, seconds, peakMemoryBytes }: ComparedRun): PlainCell[] {
  return [numberCell(trainableParameters, 'count'), numberCell(storageBytesPerTask, 'bytes'), numberCell(seconds, 'seconds'), numberCell(peakMemoryBytes, 'bytes')];
}

/** A row a pair, and one more where whole questions count. */
export function pairsTable({ pairs }: ComparisonReport): ExportTable<PlainCell> {
  return {
    caption: 'Pairs of runs over the same examples',
    columns: [
      column.text('A'), column.text('B'), column.text('counted'), ...quadrantOrder.map((quadrant) => column.number(quadrantTitles[quadrant])),
      column.difference('A − B'), column.number('95 % from'), column.number('95 % to'), column.number('p, McNemar'), column.number('p, bootstrap'),
      column.number('p, Holm'), column.number('Cohen’s g'),
    ],
    rows: pairs.flatMap((pair) => outcomesOf(pair).map((outcome) => ({ cells: pairCells(pair, outcome) }))),
    notes: pairs.flatMap((pair) => outcomesOf(pair).map(({ sentence }) => sentence)),
  };
}

function outcomesOf({ outcome, byQuestion }: ComparedPair): PairOutcome[] {
  return byQuestion === null ? [outcome] : [outcome, byQuestion];
}

function pairCells({ a, b }: ComparedPair, outcome: PairOutcome): PlainCell[] {
  const { unit, quadrants, difference, bootstrap, mcnemar, adjustedPValue, effect } = outcome;
  return [
    textCell(a), textCell(b), textCell(`${unit}s`), ...quadrantOrder.map((quadrant) => numberCell(quadrants[quadrant].length, 'count')),
    numberCell(difference, 'difference'), numberCell(bootstrap?.low ?? null, 'difference'), numberCell(bootstrap?.high ?? null, 'difference'),
    numberCell(mcnemar.pValue, 'probability'), numberCell(bootstrap?.pValue ?? null, 'probability'), numberCell(adjustedPValue, 'probability'),
    numberCell(effect, 'number'),
  ];
}

/** Right answer × answer of every run, then answer × answer of every pair. */
export function confusionTables({ runs, pairs }: ComparisonReport): ExportTable[] {
  return [
    ...runs.map(({ id, confusion }) => confusionTable(confusion, { caption: `Right answer (rows) and answer of ${id} (columns)`, corner: 'right answer' })),
    ...pairs.map(({ a, b, confusion }) => confusionTable(confusion, { caption: `Answer of ${a} (rows) and of ${b} (columns)`, corner: a })),
  ].flatMap((table) => (table === null ? [] : [table]));
}

function confusionTable(confusion: ConfusionTable | null, { caption, corner }: { caption: string; corner: string }): ExportTable | null {
  if (confusion === null) return null;
  return {
    caption,
    columns: [column.text(corner), ...confusion.columns.map(column.number)],
    rows: confusion.rows.map((name, row) => ({ cells: [textCell(name), ...(confusion.counts[row] ?? []).map((count) => numberCell(count, 'count'))] })),
    notes: [],
  };
}

/** The deck's comparison, for the model of the runs. */
export function parametersTable({ parameterCounts }: ComparisonReport): ExportTable[] {
  if (parameterCounts === null) return [];
  return [{
    caption: 'What each method trains and keeps for a task',
    columns: [column.text('method'), column.number('trained parameters'), column.number('kept, % of the model'), column.bytes('storage a task'), column.wrapped('formula')],
    rows: parameterCounts.map(({ title, trainableParameters, share, storageBytesPerTask, source }) => ({
      cells: [textCell(title), numberCell(trainableParameters, 'count'), numberCell(share, 'portion'), numberCell(storageBytesPerTask, 'bytes'), textCell(source)],
    })),
    notes: [],
  }];
}

/** One table a pair and quadrant. */
export function shownExamplesTables(report: ComparisonReport, { quadrants, limit }: ShownExamples): ExportTable[] {
  const byId = new Map(report.examples.map((example) => [example.id, example]));
  return report.pairs.flatMap(({ a, b, outcome }) => quadrants.flatMap((quadrant) => {
    const ids = outcome.quadrants[quadrant];
    if (ids.length === 0) return [];
    const places = [a, b].map((id) => report.runs.findIndex((run) => run.id === id));
    const shown = ids.slice(0, limit).flatMap((id) => byId.get(id) ?? []);
    return [{
      caption: `${quadrantTitles[quadrant]} (A is ${a}, B is ${b}): ${shown.length} of ${ids.length}`,
      columns: [
        column.text('id'), column.wrapped('input'), column.text('right answer'), column.text(`answer of ${a}`), column.text(`answer of ${b}`),
        column.number('margin A'), column.number('margin B'),
      ],
      rows: shown.map((example) => ({ cells: shownCells(example, places) })),
      notes: [],
    }];
  }));
}

function shownCells({ id, input, target, answers }: ComparedExample, places: readonly number[]): Cell[] {
  const shown = places.map((place) => answers[place]);
  return [
    textCell(clipText(id, mostAnswerCharacters)), textCell(clipText(input ?? '', mostInputCharacters)), textCell(clipText(target, mostAnswerCharacters)),
    ...shown.map((answer) => textCell(clipText(answer?.text ?? '', mostAnswerCharacters))), ...shown.map((answer) => numberCell(answer?.margin ?? null, 'number')),
  ];
}

/** A row an example, with all of its text: for a spreadsheet or a script. */
export function examplesTable({ runs, examples }: ComparisonReport): ExportTable<PlainCell> {
  return {
    caption: 'Examples',
    columns: [
      column.text('id'), column.text('group'), column.text('input'), column.text('right answer'),
      ...runs.flatMap(({ id }) => [column.text(`${id} answer`), ...['right', 'value', 'margin'].map((name) => column.number(`${id} ${name}`))]),
    ],
    rows: examples.map(({ id, group, input, target, answers }) => ({ cells: [
      textCell(id), textCell(group ?? ''), textCell(input ?? ''), textCell(target),
      ...answers.flatMap(({ text, isRight, value, margin }) => [
        textCell(text), numberCell(Number(isRight), 'count'), numberCell(value, 'share'), numberCell(margin, 'number'),
      ]),
    ] })),
    notes: [],
  };
}
