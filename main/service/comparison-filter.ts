/** Which examples of a comparison a view shows. Pure. */
import type { ExampleFilter, ExampleMark } from '../contract/api/comparisons.ts';
import type { ComparedExample, ComparisonReport, Quadrant } from '../contract/comparison.ts';
import { Problem } from '../contract/problem.ts';
import { answerClass } from '../task/metric/metric.ts';
import { noLabel } from './comparison-pair.ts';

type Test = (example: ComparedExample) => boolean;

/**
 * In the order of the report.
 * @param marks by example id
 * @throws {Problem} `filter-incomplete` for a quadrant or a cell without its runs, `run-not-compared`, `cell-unknown`
 */
export function filterExamples(report: ComparisonReport, filter: ExampleFilter, marks: ReadonlyMap<string, ExampleMark>): ComparedExample[] {
  const tests = [testQuadrant(report, filter), testCell(report, filter), testText(filter), testMarks(filter, marks)].filter((test) => test !== null);
  return report.examples.filter((example) => tests.every((test) => test(example)));
}

const swapped: Record<Quadrant, Quadrant> = { 'both-right': 'both-right', 'only-a': 'only-b', 'only-b': 'only-a', 'both-wrong': 'both-wrong' };

/** Asked of the answers themselves: a pair is told in one order only, and a person may name it in the other. */
function testQuadrant(report: ComparisonReport, { pair, quadrant }: ExampleFilter): Test | null {
  if (quadrant === null) return null;
  if (pair === null) throw incomplete('a quadrant without the two runs that it is of');
  const found = report.pairs.find(({ a, b }) => a === pair.a && b === pair.b);
  const reversed = report.pairs.find(({ a, b }) => a === pair.b && b === pair.a);
  const ids = found?.outcome.quadrants[quadrant] ?? reversed?.outcome.quadrants[swapped[quadrant]];
  if (ids === undefined) throw notCompared(`${pair.a} and ${pair.b}`, report);
  const chosen = new Set(ids);
  return ({ id }) => chosen.has(id);
}

function testCell(report: ComparisonReport, { pair, cell }: ExampleFilter): Test | null {
  if (cell === null) return null;
  const { labels } = report;
  if (labels === null) throw incomplete('a cell of a task with open answers, which has no confusion table');
  const names = [...labels, noLabel];
  const unknown = [cell.row, cell.column].find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new Problem({ code: 'cell-unknown', found: `a cell of “${unknown.slice(0, 80)}”`, expected: `one of ${names.join(', ')}`, action: 'Name the cell by its row and its column.' });
  }
  const className = (text: string | undefined): string => labels[answerClass(text ?? '', labels)] ?? noLabel;
  if (cell.run !== null) {
    const run = placeOf(report, cell.run);
    return ({ target, answers }) => className(target) === cell.row && className(answers[run]?.text) === cell.column;
  }
  if (pair === null) throw incomplete('a cell without the run or the two runs that it is of');
  const [a, b] = [placeOf(report, pair.a), placeOf(report, pair.b)];
  return ({ answers }) => className(answers[a]?.text) === cell.row && className(answers[b]?.text) === cell.column;
}

function testText({ text }: ExampleFilter): Test | null {
  const wanted = text.trim().toLocaleLowerCase('en');
  if (wanted === '') return null;
  const holds = (candidate: string): boolean => candidate.toLocaleLowerCase('en').includes(wanted);
  return ({ id, input, target, answers }) => holds(id) || holds(input ?? '') || holds(target) || answers.some((answer) => holds(answer.text));
}

function testMarks({ marks: which }: ExampleFilter, marks: ReadonlyMap<string, ExampleMark>): Test | null {
  switch (which) {
    case 'any': return null;
    case 'starred': return ({ id }) => marks.get(id)?.isStarred === true;
    case 'noted': return ({ id }) => (marks.get(id)?.note ?? '') !== '';
    default: return which satisfies never;
  }
}

function placeOf(report: ComparisonReport, run: string): number {
  const place = report.runs.findIndex(({ id }) => id === run);
  if (place === -1) throw notCompared(run, report);
  return place;
}

function notCompared(found: string, { runs }: ComparisonReport): Problem {
  return new Problem({
    code: 'run-not-compared',
    found: `${found.slice(0, 80)}, not part of this comparison`,
    expected: `runs of ${runs.map(({ id }) => id).join(', ')}`,
    action: 'Choose among the compared runs.',
  });
}

function incomplete(found: string): Problem {
  return new Problem({ code: 'filter-incomplete', found, expected: 'a filter that says what it is of', action: 'Name the runs with it.' });
}
