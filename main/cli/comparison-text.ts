/** A comparison for the terminal: the table, the counts, the examples that differ, the verdict. */
import type { ComparedExample, ComparedPair, ComparisonReport, ConfusionTable, PairOutcome, Quadrant, ShownExamples } from '../contract/comparison.ts';
import { bytesText, countText, durationText, percentText } from './number-text.ts';
import { formatTable } from './table.ts';

/** Two columns of answers and the input fit beside each other in most windows. */
const inputCharacters = 80;
const answerCharacters = 24;

export function describeComparison(report: ComparisonReport, shown: ShownExamples): string {
  const parts = [
    describeRuns(report),
    ...report.warnings.map((warning) => `Note: ${warning}`),
    ...report.pairs.map((pair) => describePair(report, pair, shown)),
    describeParameters(report),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function describeRuns({ runs, task, split, joined }: ComparisonReport): string {
  const metrics = Object.keys(runs[0]?.scores ?? {}).filter((id) => id !== 'score');
  const shown = metrics.length === 1 ? metrics : [...metrics, 'score'];
  const table = formatTable([
    ['run', 'method', 'model', 'seed', ...shown, 'legal', 'trained', 'storage', 'time', 'memory'],
    ...runs.map((run) => [
      run.id, run.methodTitle, run.model, String(run.seed), ...shown.map((id) => percentText(run.scores[id])), percentText(run.legalRate),
      run.trainableParameters === null ? '–' : countText(run.trainableParameters), sizeText(run.storageBytesPerTask), durationText(run.seconds), sizeText(run.peakMemoryBytes),
    ]),
  ]);
  return `${task}, ${split} split, ${countText(joined.examples)} examples\n\n${table}`;
}

function describePair(report: ComparisonReport, { a, b, outcome, byQuestion, confusion }: ComparedPair, { quadrants, limit }: ShownExamples): string {
  const counted = [outcome, ...(byQuestion === null ? [] : [byQuestion])];
  const table = formatTable([
    ['', 'both right', `only ${a}`, `only ${b}`, 'both wrong', 'difference', 'McNemar p', 'bootstrap p', 'Holm p'],
    ...counted.map((each) => [
      `${each.unit}s`, ...countsOf(each), pointsText(each.difference), ...[each.mcnemar.pValue, each.bootstrap?.pValue, each.adjustedPValue].map(probabilityText),
    ]),
  ]);
  const examples = quadrants.map((quadrant) => describeExamples(report, { a, b, ids: outcome.quadrants[quadrant], title: titleOf(quadrant, { a, b }), limit }));
  return [`${a} and ${b}\n${table}`, ...counted.map(({ sentence }) => sentence), describeConfusion(confusion, { a, b }), ...examples].filter((part) => part !== '').join('\n\n');
}

function countsOf({ quadrants }: PairOutcome): string[] {
  return [quadrants['both-right'], quadrants['only-a'], quadrants['only-b'], quadrants['both-wrong']].map((ids) => countText(ids.length));
}

function titleOf(quadrant: Quadrant, { a, b }: { a: string; b: string }): string {
  return { 'both-right': 'Both right', 'only-a': `Only ${a} right`, 'only-b': `Only ${b} right`, 'both-wrong': 'Both wrong' }[quadrant];
}

interface ExampleList {
  a: string;
  b: string;
  ids: readonly string[];
  title: string;
  limit: number;
}

function describeExamples(report: ComparisonReport, { a, b, ids, title, limit }: ExampleList): string {
  if (ids.length === 0 || limit === 0) return '';
  const byId = new Map(report.examples.map((example) => [example.id, example]));
  const places = [a, b].map((id) => report.runs.findIndex((run) => run.id === id));
  const shown = ids.slice(0, limit).flatMap((id) => byId.get(id) ?? []);
  const rows = shown.map((example) => exampleRow(example, places));
  return `${title} (${shown.length} of ${countText(ids.length)})\n${formatTable([['id', 'right answer', a, b, 'input'], ...rows])}`;
}

function exampleRow({ id, input, target, answers }: ComparedExample, places: readonly number[]): string[] {
  const said = places.map((place) => answers[place]?.text ?? '');
  return [id, target, ...said].map((text) => oneLine(text, answerCharacters)).concat(oneLine(input ?? '–', inputCharacters));
}

/** Right answers and models' answers come from files: control characters would reach the terminal as commands. */
function oneLine(text: string, most: number): string {
  const characters = Array.from(text.toWellFormed().replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' '));
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most - 1).join('')}…`;
}

function describeConfusion(confusion: ConfusionTable | null, { a, b }: { a: string; b: string }): string {
  if (confusion === null) return '';
  const header = [`${a} ↓ ${b} →`, ...confusion.columns.map((name) => oneLine(name, answerCharacters))];
  return formatTable([header, ...confusion.counts.map((counts, row) => [oneLine(confusion.rows[row] ?? '', answerCharacters), ...counts.map(String)])]);
}

function describeParameters({ parameterCounts }: ComparisonReport): string {
  if (parameterCounts === null) return '';
  const rows = parameterCounts.map(({ title, trainableParameters, share, storageBytesPerTask }) => [
    title, countText(trainableParameters), `${Number((share * 100).toPrecision(2))}%`, bytesText(storageBytesPerTask),
  ]);
  return `What each method would train and keep for a task on this model\n${formatTable([['method', 'trained', 'kept, share of model', 'storage'], ...rows])}`;
}

function sizeText(bytes: number | null): string {
  return bytes === null ? '–' : bytesText(bytes);
}

function pointsText(difference: number): string {
  return `${difference > 0 ? '+' : ''}${(difference * 100).toFixed(1)}`;
}

function probabilityText(pValue: number | null | undefined): string {
  if (pValue === null || pValue === undefined) return '–';
  return pValue < 0.001 ? '<0.001' : pValue.toFixed(3);
}
