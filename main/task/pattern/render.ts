/** A pattern on one row: the parts of the input, and the target where the pattern writes one. */
import { Problem } from '../../contract/problem.ts';
import { RenderBudget } from './budget.ts';
import { evaluate, type Scope } from './evaluate.ts';
import type { InputPart } from './part.ts';
import { patternProblem } from './pattern-problem.ts';
import type { PatternNode, TemplatePlace } from './syntax.ts';
import { isTrue, requireList, textOf, valueProblem, type Value } from './value.ts';

export interface RenderInput {
  /** By name; `row.x` finds them too. */
  fields: Readonly<Record<string, unknown>>;
  /** Words of the labels in class-id order: `answer_choices`. Null for open answers. */
  words: readonly string[] | null;
  /** What the target may name beside the fields. */
  secrets: Readonly<Record<'label' | 'label_text' | 'answers', unknown>>;
}

export interface Rendered {
  /** At least one text; white space that the template has at its ends is cut, as promptsource does, that of the row is kept. */
  parts: InputPart[];
  /** Null where the pattern has no `|||`, or an if left it out. */
  target: string | null;
}

/**
 * Costs are bounded (budget.ts), and only the row's own values are seen.
 * @throws {Problem} `pattern-value`, `pattern-empty-input`, `pattern-answer-slot`, `pattern-separator`, `pattern-too-much-work`
 */
export function renderPattern(nodes: readonly PatternNode[], input: RenderInput): Rendered {
  const writer = new Writer(input);
  writer.writeAll(nodes);
  return writer.finish();
}

/** What was written, in order; white space of the template is told from that of the row. */
type Piece = Exclude<InputPart, { kind: 'text' }> | { readonly kind: 'text'; readonly text: string; readonly from: 'template' | 'row' };

class Writer implements Scope {
  readonly budget = new RenderBudget();
  readonly #input: RenderInput;
  #local = new Map<string, Value>();
  #pieces: Piece[] = [];
  #target: string[] | null = null;

  constructor(input: RenderInput) {
    this.#input = input;
  }

  lookUp(name: string): Value {
    if (this.#local.has(name)) return this.#local.get(name);
    const { fields, words, secrets } = this.#input;
    if (name === 'row') return fields as Value;
    if (name === 'answer_choices' && words !== null) return words;
    if (Object.hasOwn(secrets, name)) {
      if (this.#target === null) throw valueProblem(`${name}, which holds the answer, in the input`, 'it behind ||| alone', 'Remove it.');
      return secrets[name as keyof typeof secrets] as Value;
    }
    return Object.hasOwn(fields, name) ? fields[name] as Value : undefined;
  }

  known(): string[] {
    return [...Object.keys(this.#input.fields), ...this.#local.keys()];
  }

  writeAll(nodes: readonly PatternNode[]): void {
    for (const node of nodes) {
      if (node.kind === 'text') this.#writeText(node.text, 'template');
      else at(node.place, () => this.#write(node));
    }
  }

  finish(): Rendered {
    const parts = mergePieces(trimEnds(this.#pieces));
    if (!parts.some((part) => part.kind === 'text' && part.text.trim() !== '')) {
      throw new Problem({
        code: 'pattern-empty-input',
        found: 'a row of which the pattern makes no text',
        expected: 'at least one character',
        action: 'Check the fields and conditions of the pattern, or leave the row out.',
      });
    }
    return { parts, target: this.#target === null ? null : this.#target.join('').trim() };
  }

  #write(node: Exclude<PatternNode, { kind: 'text' }>): void {
    this.budget.spendSteps(1);
    switch (node.kind) {
      case 'output': return this.#writeText(textOf(evaluate(node.expression, this), node.place.source, this.budget), 'row');
      case 'soft': return void this.#pieces.push({ kind: 'soft', rows: node.rows, from: node.from });
      case 'answer': return this.#writeAnswer();
      case 'separator': return this.#beginTarget();
      case 'if': {
        const branch = node.branches.find(({ test }) => isTrue(evaluate(test, this)));
        return this.writeAll(branch?.body ?? node.otherwise);
      }
      case 'for': return this.#writeLoop(node);
      case 'set': return void this.#local.set(node.name, evaluate(node.value, this));
      default: return node satisfies never;
    }
  }

  #writeText(text: string, from: 'template' | 'row'): void {
    this.budget.spendCharacters(text.length);
    if (this.#target === null) this.#pieces.push({ kind: 'text', text, from });
    else this.#target.push(text);
  }

  #writeAnswer(): void {
    if (this.#target !== null || this.#pieces.some(({ kind }) => kind === 'answer')) {
      throw new Problem({ code: 'pattern-answer-slot', found: 'a second answer slot on this row, or one in the target', expected: 'one, in the input', action: 'Correct the conditions of the pattern.' });
    }
    this.#pieces.push({ kind: 'answer' });
  }

  #beginTarget(): void {
    if (this.#target !== null) {
      throw new Problem({ code: 'pattern-separator', found: 'a second ||| on this row', expected: 'one, between input and target', action: 'Remove one of them.' });
    }
    this.#target = [];
  }

  #writeLoop({ names, list, body, otherwise }: PatternNode & { kind: 'for' }): void {
    const items = requireList(evaluate(list, this), 'for');
    if (items.length === 0) return this.writeAll(otherwise);
    const outer = this.#local;
    for (const [index, item] of items.entries()) {
      // A copy of the names is made for every item.
      this.budget.spendSteps(1 + outer.size);
      const loop = { index: index + 1, index0: index, first: index === 0, last: index === items.length - 1, length: items.length };
      this.#local = new Map<string, Value>([...outer, ['loop', loop]]);
      for (const [position, name] of names.entries()) this.#local.set(name, names.length === 1 ? item : requireList(item, 'for')[position]);
      this.writeAll(body);
    }
    this.#local = outer;
  }
}

/** A Problem of the row says in which tag of the template it arose. */
function at(place: TemplatePlace, write: () => void): void {
  try {
    write();
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.place.line !== undefined) throw thrown;
    throw patternProblem(place, thrown.code, {
      found: thrown.found, expected: thrown.expected, action: thrown.action, cause: thrown,
    });
  }
}

function trimEnds(pieces: readonly Piece[]): Piece[] {
  const kept = pieces.slice(Math.max(0, pieces.findIndex((piece) => !isBlank(piece))), pieces.findLastIndex((piece) => !isBlank(piece)) + 1);
  return kept.map((piece, index) => {
    if (piece.kind !== 'text' || piece.from === 'row') return piece;
    const text = index === 0 ? piece.text.trimStart() : piece.text;
    return { ...piece, text: index === kept.length - 1 ? text.trimEnd() : text };
  });
}

function isBlank(piece: Piece): boolean {
  return piece.kind === 'text' && (piece.from === 'row' ? piece.text === '' : piece.text.trim() === '');
}

/** Neighbouring texts as one. */
function mergePieces(pieces: readonly Piece[]): InputPart[] {
  const parts: InputPart[] = [];
  let texts: string[] = [];
  const closeText = (): void => {
    const text = texts.join('');
    if (text !== '') parts.push({ kind: 'text', text });
    texts = [];
  };
  for (const piece of pieces) {
    if (piece.kind === 'text') {
      texts.push(piece.text);
      continue;
    }
    closeText();
    parts.push(piece);
  }
  closeText();
  return parts;
}

/** The text alone: where a slot stood between two spaces, one is left. */
export function plainText(parts: readonly InputPart[]): string {
  const texts = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : []));
  if (texts.length === parts.length) return texts.join('');
  return texts.reduce((left, right) => (left === '' || /\s$/.test(left) ? left + right.trimStart() : left + right), '').trim();
}
