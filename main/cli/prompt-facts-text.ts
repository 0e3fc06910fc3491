/** The facts of a prompt as text. */
import type { PromptFacts, VariantScores } from '../contract/prompt-facts.ts';
import { countText, durationText, lossText, percentText } from './number-text.ts';
import { formatFields, formatTable } from './table.ts';

/** Rows that a terminal shows; `--json` has all. */
const mostRows = 40;

export function describeFacts(facts: PromptFacts): string {
  const parts = [describeEffect(facts), describeLengths(facts), describeSensitivity(facts), describeRows(facts)];
  return parts.filter((text) => text !== '').join('\n\n');
}

function describeEffect({ effect, effectMissing }: PromptFacts): string {
  if (effect === null) return `Effect: not measured. ${effectMissing ?? ''}`.trimEnd();
  const { prompt, zeroShot, initial, random, difference, examples, splitExamples } = effect;
  const line = (name: string, scores: VariantScores): string[] =>
    [name, percentText(scores.score), pointsText(prompt.score - scores.score), percentText(scores.legalRate), lossText(scores.loss)];
  const table = formatTable([
    ['', 'score', 'prompt is better by', 'legal', 'loss'],
    line('prompt', prompt).with(2, '–'), line('zero-shot', zeroShot), ...(initial === null ? [] : [line('as training began', initial)]),
    ...random.map((scores, i) => line(`random rows ${i + 1}, same norms`, scores)),
  ]);
  const verdict = effect.isIdenticalToZeroShot
    ? 'Every answer is the bare model’s: for these examples the prompt does nothing.'
    : `${countText(difference.differing)} of ${countText(difference.examples)} answers differ from the bare model’s.`;
  const which = effect.split === 'dev' ? 'development examples' : 'examples drawn to choose by';
  const extent = examples === splitExamples ? `all ${countText(examples)} ${which}` : `the first ${countText(examples)} of ${countText(splitExamples)} ${which}`;
  return `Effect on ${extent}:\n${table}\n${verdict}`;
}

function describeLengths({ norms, vocabulary, zeroRows, shape: [rows, width], initialMissing, rows: all }: PromptFacts): string {
  const distances = all.flatMap(({ initial }) => (initial === null ? [] : [initial.distance]));
  return formatFields([
    ['prompt', `${rows} rows of width ${width}`],
    ['norms', `${short(norms.least)} to ${short(norms.most)}, mean ${short(norms.mean)}; of the vocabulary’s rows, mean ${short(vocabulary.norms.mean)}`],
    ...(zeroRows.length === 0 ? [] : [['zero rows', zeroRows.map((row) => row + 1).join(', ')] as const]),
    ['from start', initialMissing ?? `mean distance ${short(distances.reduce((sum, value) => sum + value, 0) / Math.max(1, distances.length))}`],
    ['neighbours', `of ${countText(vocabulary.searched)} pieces, without ${vocabulary.excluded.join(', ')}`],
  ]);
}

function describeSensitivity({ sensitivity, sensitivityMissing }: PromptFacts): string {
  if (sensitivity === null) return `Without rows: not measured. ${sensitivityMissing ?? ''}`.trimEnd();
  const ranked = sensitivity.units.toSorted((a, b) => (b.lossChange ?? -b.scoreChange) - (a.lossChange ?? -a.scoreChange)).slice(0, 10);
  const table = formatTable([
    ['rows left out', 'score', 'change', 'loss change'],
    ...ranked.map(({ first, last, without, scoreChange, lossChange }) =>
      [first === last ? String(first + 1) : `${first + 1}–${last + 1}`, percentText(without.score), pointsText(scoreChange), lossText(lossChange)]),
  ]);
  return `What the prompt loses without some of its rows, on ${countText(sensitivity.examples)} examples, the most first:\n${table}`;
}

function describeRows({ rows, seconds }: PromptFacts): string {
  const table = formatTable([
    ['row', 'norm', 'from start', 'cosine', 'nearest pieces'],
    ...rows.slice(0, mostRows).map(({ norm, initial, neighbours }, i) => [
      String(i + 1), short(norm), initial === null ? '–' : short(initial.distance), initial === null || initial.cosine === null ? '–' : initial.cosine.toFixed(3),
      neighbours.map(({ piece, cosine }) => `${piece} ${cosine.toFixed(2)}`).join('  '),
    ]),
  ]);
  const rest = rows.length > mostRows ? `\n… and ${rows.length - mostRows} more rows; --json has all.` : '';
  return `${table}${rest}\nFound in ${durationText(seconds)}.`;
}

/** Points of a hundred, with a sign. */
function pointsText(share: number): string {
  const points = (share * 100).toFixed(1);
  return share > 0 ? `+${points}` : points;
}

function short(value: number): string {
  return value.toPrecision(4);
}
