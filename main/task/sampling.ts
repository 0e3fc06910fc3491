/**
 * Few examples out of a training file, and as many others to choose a checkpoint by: the protocol of PPT (Gu et al. 2022), 32 and 32.
 * The draw depends on the order of the file's rows and on its own seed only, so that runs with different seeds see the same examples.
 */
import { Problem } from '../contract/problem.ts';
import type { Dataset } from './dataset.ts';
import type { TaskExample } from './format.ts';

/** Up to this many classes share the number; beyond, each class gets a quarter of it, which is 8 for 32. */
const mostSharingClasses = 5;

/** The whole of a file, as readDataset gives it. */
type WholeFile = Pick<Dataset, 'examples' | 'exampleRows'>;

export interface SampleRequest {
  /** The training file, read for training. */
  readonly train: WholeFile;
  /** The same file read for evaluation; null where the development examples are not to be drawn. */
  readonly evaluation: WholeFile | null;
  /** Of the task, in class-id order; null for open answers. */
  readonly labels: readonly string[] | null;
  readonly trainExamples: number;
  /** Of no account without `evaluation`. */
  readonly devExamples: number;
  readonly random: { integerBelow(bound: number): number };
}

export interface Sample {
  /** In the file's order. */
  readonly train: readonly TaskExample[];
  readonly dev: readonly TaskExample[] | null;
}

/**
 * Balanced by class. Examples that are scored together (the answers of a MultiRC question, of a ReCoRD query) are drawn together, without
 * regard to class, until there are at least as many as wanted. No row and no text of the one sample is in the other.
 * @throws {Problem} `few-shot-too-few`, with what every class has.
 */
export function drawSample({ train: whole, evaluation, trainExamples, devExamples, labels, random }: SampleRequest): Sample {
  const train = drawBalanced(whole.examples, { count: trainExamples, labels, random, part: 'train' });
  if (evaluation === null) return { train, dev: null };
  const drawn = new Set(train);
  const rows = new Set(whole.exampleRows.filter((_, index) => drawn.has(whole.examples[index] as TaskExample)));
  const inputs = new Set(train.map(({ input }) => input));
  const rest = evaluation.examples.filter(({ input, target }, index) => target !== null && !rows.has(evaluation.exampleRows[index] as number) && !inputs.has(input));
  return { train, dev: drawBalanced(rest, { count: devExamples, labels, random, part: 'dev' }) };
}

interface Draw {
  count: number;
  labels: readonly string[] | null;
  random: SampleRequest['random'];
  part: 'train' | 'dev';
}

/**
 * Class-balanced examples without the rule for many classes: as even as the count allows, the first classes getting what is left over.
 * @returns in the order of the draw, classes taking turns. @throws {Problem} `few-shot-too-few`
 */
export function drawInTurns(examples: readonly TaskExample[], draw: Omit<Draw, 'part'>): TaskExample[] {
  const classes = splitByClass(examples, draw.labels);
  const quotas = classes.map((_, index) => evenShare(draw.count, classes.length, index));
  requireEnough(classes, quotas, { ...draw, part: 'shots' });
  const drawn = classes.map(({ members }, index) => shuffled(members, draw.random).slice(0, quotas[index]));
  const turns = Math.max(0, ...drawn.map((members) => members.length));
  return Array.from({ length: turns }, (_, turn) => drawn.flatMap((members) => members[turn] ?? [])).flat();
}

function drawBalanced(examples: readonly TaskExample[], draw: Draw): TaskExample[] {
  const chosen = new Set(examples.some(({ group }) => group !== null) ? drawGroups(examples, draw) : drawClasses(examples, draw));
  return examples.filter((example) => chosen.has(example));
}

function drawClasses(examples: readonly TaskExample[], draw: Draw): TaskExample[] {
  const classes = splitByClass(examples, draw.labels);
  const quotas = classQuotas(draw.count, classes.length);
  requireEnough(classes, quotas, draw);
  return classes.flatMap(({ members }, index) => shuffled(members, draw.random).slice(0, quotas[index]));
}

/** @returns how many examples each class gives. */
export function classQuotas(count: number, classes: number): number[] {
  return Array.from({ length: classes }, (_, index) => (classes > mostSharingClasses ? Math.ceil(count / 4) : evenShare(count, classes, index)));
}

function evenShare(count: number, classes: number, index: number): number {
  return Math.floor(count / classes) + (index < count % classes ? 1 : 0);
}

function drawGroups(examples: readonly TaskExample[], draw: Draw): TaskExample[] {
  const groups = Map.groupBy(examples, ({ group, id }) => group ?? id);
  const drawn: TaskExample[] = [];
  for (const members of shuffled([...groups.values()], draw.random)) {
    if (drawn.length >= draw.count) return drawn;
    drawn.push(...members);
  }
  if (drawn.length < draw.count) throw tooFew([`${drawn.length} of ${draw.count}`], draw);
  return drawn;
}

interface ClassMembers {
  name: string;
  members: readonly TaskExample[];
}

/** Classes of the task even where the file has none of them; with open answers one class, or WSC's right and wrong pairs. */
function splitByClass(examples: readonly TaskExample[], labels: readonly string[] | null): ClassMembers[] {
  const byLabel = Map.groupBy(examples, ({ label }) => label);
  if (labels !== null) return labels.map((name, index) => ({ name, members: byLabel.get(index) ?? [] }));
  return [...byLabel].toSorted(([left], [right]) => (left ?? -1) - (right ?? -1)).map(([label, members]) => ({ name: label === null ? 'open answers' : `label ${label}`, members }));
}

function requireEnough(classes: readonly ClassMembers[], quotas: readonly number[], draw: { part: string; count: number }): void {
  const isShort = classes.length === 0 || classes.some(({ members }, index) => members.length < (quotas[index] ?? 0));
  if (isShort) throw tooFew(classes.map(({ name, members }, index) => `${name} ${members.length} of ${quotas[index]}`), draw);
}

const remedies: Record<string, string> = {
  train: 'Ask for fewer with --few-shot, or use a larger training file.',
  dev: 'Ask for fewer with --few-shot, or give a development file with --dev, which is then used whole.',
  shots: 'Ask for fewer shots, or use a larger training file.',
};

function tooFew(counts: readonly string[], { part, count }: { part: string; count: number }): Problem {
  const left = part === 'dev' ? ' left beside those trained on' : '';
  return new Problem({
    code: 'few-shot-too-few',
    found: `too few examples${left}: ${counts.slice(0, 12).join(', ')}${counts.length > 12 ? ', …' : ''}`,
    expected: part === 'shots' ? `${count} shots, as many of every class` : `${count} ${part} examples, as many of every class`,
    action: remedies[part] ?? '',
  });
}

function shuffled<Item>(items: readonly Item[], random: SampleRequest['random']): Item[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const pick = random.integerBelow(last + 1);
    [result[last], result[pick]] = [result[pick] as Item, result[last] as Item];
  }
  return result;
}
