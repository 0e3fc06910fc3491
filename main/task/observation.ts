/** What is odd about a data set without being wrong: gathered example by example, told as one warning a kind. */
import { hash } from 'node:crypto';
import type { DataWarning, TaskExample } from './format.ts';

/** Repeats are looked for in this many examples; the memory for more is not worth a warning. */
export const comparedExamples = 300_000;
/** T5 reads 512 pieces, about four characters each; beyond ten times that most of a row is cut away. */
const longInputCharacters = 20_000;
/** Answers and words with more distinct values than this are counted no further. */
const mostCounted = 1000;
/** Targets beyond mostCounted share numbers by their hash. */
const targetNumbers = 2 ** 22;

export interface Tally {
  count: number;
  line: number;
  /** Line of the earlier row that the first case repeats or contradicts. */
  earlierLine: number | null;
}

export type ObservedKind = 'duplicate-rows' | 'contradictory-labels' | 'unlabeled-rows' | 'repeated-id' | 'long-row';

export class DataObservation {
  readonly #tallies = new Map<ObservedKind, Tally>();
  /** Hash of an example → its line and its target's number, in one number: objects would take four times the memory. */
  readonly #seen = new Map<number, number>();
  readonly #targetNumbers = new Map<string, number>();
  readonly #ids = new Map<string, number>();
  readonly #targets = new Map<string, number>();
  readonly #mostIds: number;
  #examples = 0;

  /** @param mostIds ids beyond this many are not compared, so that memory stays bounded. */
  constructor({ mostIds }: { mostIds: number }) {
    this.#mostIds = mostIds;
  }

  /** Takes note of an example and returns it, with its id made unique. */
  add(example: TaskExample): TaskExample {
    this.#examples += 1;
    if (example.target === null) this.#count('unlabeled-rows', example.line, null);
    else this.#countTarget(example.target);
    if (example.input.length > longInputCharacters) this.#count('long-row', example.line, null);
    this.#compare(example);
    return this.#withUniqueId(example);
  }

  get unlabeled(): { count: number; line: number } | null {
    return this.#tallies.get('unlabeled-rows') ?? null;
  }

  /** How often each kind of oddity occurs, and where it does first. */
  get tallies(): ReadonlyMap<ObservedKind, Tally> {
    return this.#tallies;
  }

  /** How often each target text occurs, in order of first appearance. */
  get targets(): ReadonlyMap<string, number> {
    return this.#targets;
  }

  /** @param isClosed whether the task has a fixed set of labels: only then can one of them be alone. */
  warnings({ isClosed }: { isClosed: boolean }): DataWarning[] {
    const warnings = [...this.#tallies].map(([code, tally]) => ({ code, line: tally.line, message: sentences[code](tally) }));
    const [only] = this.#targets.keys();
    if (isClosed && this.#targets.size === 1 && this.#examples > 1 && only !== undefined) {
      return [...warnings, { code: 'single-class', line: null, message: `Every labeled row has the label ${only}.` }];
    }
    return warnings;
  }

  #count(kind: ObservedKind, line: number, earlierLine: number | null): void {
    const tally = this.#tallies.get(kind);
    if (tally === undefined) this.#tallies.set(kind, { count: 1, line, earlierLine });
    else tally.count += 1;
  }

  #countTarget(target: string): void {
    const count = this.#targets.get(target);
    if (count !== undefined || this.#targets.size < mostCounted) this.#targets.set(target, (count ?? 0) + 1);
  }

  /** Open tasks repeat an input by design, one example per answer; there only a repeated pair is odd. */
  #compare(example: TaskExample): void {
    if (this.#seen.size >= comparedExamples) return;
    const isOpen = example.answers.length > 0;
    // 48 bits: of 300,000 examples two that differ meet once in some thousand data sets.
    const key = Number.parseInt(hash('sha1', isOpen ? `${example.input}\0${example.target ?? ''}` : example.input, 'hex').slice(0, 12), 16);
    const target = this.#numberOf(example.target);
    const earlier = this.#seen.get(key);
    if (earlier === undefined) {
      this.#seen.set(key, example.line * targetNumbers + target);
      return;
    }
    const earlierTarget = earlier % targetNumbers;
    const earlierLine = Math.floor(earlier / targetNumbers);
    if (earlierTarget === target) this.#count('duplicate-rows', example.line, earlierLine);
    else if (earlierTarget !== 0 && target !== 0) this.#count('contradictory-labels', example.line, earlierLine);
  }

  /** 0 for none; the same for the same text. */
  #numberOf(target: string | null): number {
    if (target === null) return 0;
    const known = this.#targetNumbers.get(target);
    if (known !== undefined) return known;
    if (this.#targetNumbers.size >= mostCounted) return mostCounted + 1 + (Number.parseInt(hash('sha1', target, 'hex').slice(0, 6), 16) % (targetNumbers - mostCounted - 1));
    this.#targetNumbers.set(target, this.#targetNumbers.size + 1);
    return this.#targetNumbers.size;
  }

  #withUniqueId(example: TaskExample): TaskExample {
    const uses = this.#ids.get(example.id);
    if (uses === undefined) {
      if (this.#ids.size < this.#mostIds) this.#ids.set(example.id, 1);
      return example;
    }
    this.#count('repeated-id', example.line, null);
    let suffix = uses + 1;
    while (this.#ids.has(`${example.id}#${suffix}`)) suffix += 1;
    const id = `${example.id}#${suffix}`;
    this.#ids.set(example.id, suffix);
    if (this.#ids.size < this.#mostIds) this.#ids.set(id, 1);
    return { ...example, id };
  }
}

const sentences: Record<ObservedKind, (tally: Tally) => string> = {
  'duplicate-rows': (tally) => `${examplesText(tally)} an earlier one, first at line ${tally.line}, which is the same as line ${tally.earlierLine}.`,
  'contradictory-labels': (tally) =>
    `${tally.count === 1 ? 'One example has' : `${tally.count} examples have`} the same text as an earlier one and another label, first at line ${tally.line}, against line ${tally.earlierLine}.`,
  'unlabeled-rows': (tally) => `${tally.count === 1 ? 'One example has' : `${tally.count} examples have`} no label, first at line ${tally.line}.`,
  'repeated-id': (tally) => `${tally.count === 1 ? 'One id occurs' : `${tally.count} ids occur`} again, first at line ${tally.line}; a number was added to make them unique.`,
  'long-row': (tally) =>
    `${tally.count === 1 ? 'One example has' : `${tally.count} examples have`} more than ${longInputCharacters.toLocaleString('en')} characters, first at line ${tally.line}; the model will see only the beginning.`,
};

function examplesText({ count }: Tally): string {
  return count === 1 ? 'One example repeats' : `${count} examples repeat`;
}
