/** From a text-to-text example to token ids, under the model's answer convention, and back. */
import type { TaskExample } from '../task/format.ts';
import { encodeParts, type PlacedRows } from '../task/pattern/encode-parts.ts';
import type { InputPart } from '../task/pattern/part.ts';
import { writeOutSoftSlots } from '../task/pattern/soft-slots.ts';
import type { Tokenizer } from '../token/index.ts';
import { Problem } from '../contract/problem.ts';
import type { AnswerConvention } from '../contract/worker-protocol.ts';

export interface EncodedExample {
  readonly example: TaskExample;
  readonly source: readonly number[];
  /** Where the prompt's rows stand among them, in their order; absent where all stand in front. */
  readonly softRows?: readonly PlacedRows[];
  /** What the decoder is to produce; null for a row without a label. */
  readonly target: readonly number[] | null;
  readonly isTruncated: boolean;
}

export interface EncodingRules {
  readonly tokenizer: Tokenizer;
  readonly convention: AnswerConvention;
  readonly maxSourceTokens: number;
  readonly maxTargetTokens: number;
  /**
   * Rows of every soft slot of the pattern, in order of appearance; absent or empty without a pattern that places the prompt.
   * `as-text` where no prompt is trained: a slot is then the text that it begins from.
   */
  readonly slots?: readonly number[] | 'as-text';
}

/**
 * Lester et al. 2021: EOS ends input and target. PPT §2: a sentinel stands where the answer goes, nothing ends with EOS.
 * @throws {Problem} `soft-slots-differ` when the example does not have the pattern's slots.
 */
export function encodeExample(rules: EncodingRules, example: TaskExample): EncodedExample {
  const { tokenizer, convention, maxSourceTokens, slots = [] } = rules;
  const parts: readonly InputPart[] = example.parts ?? [{ kind: 'text', text: example.input }];
  const { ids, softRows, isTruncated } = encodeParts(slots === 'as-text' ? writeOutSoftSlots(parts) : parts, {
    encode: (text) => tokenizer.encode(text),
    sentinelId: convention === 'lm-adapted' ? null : sentinel(rules, 0),
    endId: convention === 'lm-adapted' ? tokenizer.eosId : null,
    maxTokens: maxSourceTokens,
  });
  if (slots !== 'as-text') requireSlots(example, softRows.map(({ rows }) => rows), slots);
  return {
    example,
    source: ids,
    ...(softRows.every(({ tokensBefore }) => tokensBefore === 0) ? {} : { softRows }),
    target: example.target === null ? null : encodeAnswer(rules, example.target),
    isTruncated,
  };
}

function requireSlots({ id, line }: TaskExample, found: readonly number[], expected: readonly number[]): void {
  if (found.length === expected.length && found.every((rows, i) => rows === expected[i])) return;
  throw new Problem({
    code: 'soft-slots-differ',
    found: `soft slots of ${listRows(found)} rows in example ${id}, line ${line}`,
    expected: `slots of ${listRows(expected)} rows in every example: one prompt fills them all`,
    action: 'Write the pattern so that its soft slots stand outside of conditions and loops.',
  });
}

function listRows(rows: readonly number[]): string {
  return rows.length === 0 ? 'no' : rows.join(', ');
}

/** @returns the decoder's target for an answer, cut to the longest allowed. */
export function encodeAnswer(rules: EncodingRules, answer: string): number[] {
  const ids = rules.tokenizer.encode(answer);
  switch (rules.convention) {
    case 'lm-adapted':
      return [...ids.slice(0, rules.maxTargetTokens - 1), rules.tokenizer.eosId];
    case 'span-corruption':
      return [sentinel(rules, 0), ...ids].slice(0, rules.maxTargetTokens);
  }
}

/** Tokens that every answer begins with: the decoder is given them. */
export function answerPrefix(rules: EncodingRules): readonly number[] {
  return rules.convention === 'lm-adapted' ? [] : [sentinel(rules, 0)];
}

/** Ids that end an answer. */
export function answerEnds(rules: EncodingRules): ReadonlySet<number> {
  const next = rules.tokenizer.sentinel(1);
  return new Set(rules.convention === 'lm-adapted' || next === null ? [rules.tokenizer.eosId] : [rules.tokenizer.eosId, next]);
}

/**
 * The text of decoded ids (without prefix and end). Without an end-of-sequence token a model never says that a label is complete:
 * then the longest label that the ids begin with is the answer.
 */
export function decodeAnswer(rules: EncodingRules, ids: readonly number[], labels: readonly string[] | null): string {
  if (rules.convention === 'span-corruption' && labels !== null) {
    const said = labels
      .map((label) => ({ label, ids: rules.tokenizer.encode(label) }))
      .filter((candidate) => candidate.ids.length > 0 && candidate.ids.every((id, i) => id === ids[i]))
      .sort((a, b) => b.ids.length - a.ids.length)[0];
    if (said !== undefined) return said.label;
  }
  return rules.tokenizer.decode(ids);
}

function sentinel({ tokenizer }: EncodingRules, index: number): number {
  const id = tokenizer.sentinel(index);
  if (id !== null) return id;
  throw new Problem({
    code: 'tokenizer-without-sentinels',
    found: `a tokenizer without <extra_id_${index}>`,
    expected: 'T5’s sentinels, which the span-corruption convention writes answers with',
    action: 'Use the model’s own tokenizer, or add the model with --convention lm-adapted.',
  });
}
