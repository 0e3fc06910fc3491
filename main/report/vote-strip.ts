/** How the members of an ensemble answered each example: one column an example, one row a member, the vote below. */
import { group, label, line, type Chart } from './chart.ts';
import { element, join, text, type Markup } from './markup.ts';
import { countText, shareText } from './number-text.ts';
import { fitText, titleSize } from './text-width.ts';

export type Outcome = 'right' | 'wrong' | 'abstain';

export interface VoteExample {
  readonly id: string;
  /** In the order of the members. */
  readonly members: readonly Outcome[];
  readonly vote: Outcome;
}

export interface VoteStripData {
  readonly title: string;
  readonly members: readonly string[];
  readonly examples: readonly VoteExample[];
}

const labelWidth = 64;
const cell = 8;
const rowPitch = 12;
const headHeight = 22;

/** Most often right first, so that the strip reads from agreement to trouble; more examples than fit are drawn in further bands. */
export function drawVoteStrip(data: VoteStripData, { id, width = 356 }: { id: string; width?: number }): Chart {
  const perBand = Math.max(1, Math.floor((width - labelWidth) / cell));
  const ordered = [...data.examples].sort((a, b) => rank(b) - rank(a));
  const bands = Array.from({ length: Math.max(1, Math.ceil(ordered.length / perBand)) }, (_, band) =>
    ordered.slice(band * perBand, (band + 1) * perBand),
  );
  const bandHeight = (data.members.length + 1) * rowPitch + 12;
  return {
    id,
    title: `${data.title}: votes by example`,
    description:
      'One column an example, most often answered right first; one row a member, the vote in the last row. Filled: right. Cross: wrong. Short dash: no label, so it abstains.',
    width,
    height: headHeight + bands.length * bandHeight,
    looks: [],
    body: join([
      label(fitText(data.title, width - 100, titleSize), 0, 13, { tone: 'strong', title: data.title }),
      label(`${countText(data.examples.length)} examples`, width, 13, { anchor: 'end', tone: 'quiet small' }),
      ...bands.map((examples, band) => drawBand(data.members, examples, headHeight + band * bandHeight)),
    ]),
    table: valueTable(data),
  };
}

function rank(example: VoteExample): number {
  return (
    (example.vote === 'right' ? 100 : 0) +
    example.members.reduce((sum, outcome) => sum + (outcome === 'right' ? 1 : outcome === 'abstain' ? -0.01 : 0), 0)
  );
}

function drawBand(members: readonly string[], examples: readonly VoteExample[], top: number): Markup {
  return group(
    stripRows(members, examples).map(({ name, outcomes }, row) => {
      const isVote = row === members.length;
      const y = top + row * rowPitch + (isVote ? 3 : 0);
      return join([
        ...(isVote ? [line(labelWidth, y - 2, labelWidth + examples.length * cell, y - 2, 'axis')] : []),
        label(fitText(name, labelWidth - 8, 10), labelWidth - 6, y + 7.5, {
          anchor: 'end',
          tone: isVote ? 'small strong' : 'small',
          title: name,
        }),
        ...drawOutcomes(outcomes, y),
      ]);
    }),
  );
}

/** One path for each outcome of a row: thousands of cells stay a few lines. */
function drawOutcomes(outcomes: readonly Outcome[], y: number): Markup[] {
  const at = (wanted: Outcome, shape: (x: number) => string): string =>
    outcomes.map((outcome, index) => (outcome === wanted ? shape(labelWidth + index * cell) : '')).join('');
  const right = at('right', (x) => `M${x + 1} ${y + 1}h6v6h-6z`);
  const wrong = at('wrong', (x) => `M${x + 1.5} ${y + 1.5}l5 5m0 -5l-5 5`);
  const abstain = at('abstain', (x) => `M${x + 2} ${y + 4}h4`);
  return [
    ...(right === '' ? [] : [element('path', { d: right, class: 'area-ensemble right' }, [element('title', {}, [text('right')])])]),
    ...(wrong === ''
      ? []
      : [element('path', { d: wrong, class: 'line-prompt-tuning wrong', 'stroke-width': 1.5 }, [element('title', {}, [text('wrong')])])]),
    ...(abstain === '' ? [] : [element('path', { d: abstain, class: 'axis abstain' }, [element('title', {}, [text('no label')])])]),
  ];
}

function valueTable(data: VoteStripData): Chart['table'] {
  return {
    caption: 'Outcomes of members and vote',
    head: ['Vote of', 'Member', 'Right', 'Wrong', 'No label', 'Share right'],
    rows: stripRows(data.members, data.examples).map(({ name, outcomes }) => [
      data.title,
      name,
      countText(count(outcomes, 'right')),
      countText(count(outcomes, 'wrong')),
      countText(count(outcomes, 'abstain')),
      shareText(outcomes.length === 0 ? 0 : count(outcomes, 'right') / outcomes.length),
    ]),
  };
}

function count(outcomes: readonly Outcome[], wanted: Outcome): number {
  return outcomes.filter((outcome) => outcome === wanted).length;
}

/** One row a member, then the vote; an outcome that is missing abstains. */
function stripRows(
  members: readonly string[],
  examples: readonly VoteExample[],
): { readonly name: string; readonly outcomes: readonly Outcome[] }[] {
  return [
    ...members.map((name, member) => ({ name, outcomes: examples.map((example) => example.members[member] ?? 'abstain') })),
    { name: 'Vote', outcomes: examples.map((example) => example.vote) },
  ];
}
