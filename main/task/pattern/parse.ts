/** Reads a template into nodes, and refuses with line and column what a pattern may not hold. */
import { longestTemplate } from '../../contract/pvp.ts';
import { Problem } from '../../contract/problem.ts';
import { parseAssignment, parseExpression, parseLoopHead } from './expression.ts';
import { patternProblem } from './pattern-problem.ts';
import { splitTemplate, type Segment } from './segment.ts';
import type { Expression, PatternBranch, PatternNode, TemplatePlace } from './syntax.ts';
import { checkNodes, type PatternFacts } from './pattern-facts.ts';

export interface ParsedPattern extends PatternFacts {
  readonly nodes: readonly PatternNode[];
}

/** Rows of one slot; the longest prompts published have 150. */
const mostRows = 1000;
/** if and for inside each other. */
const deepestBlocks = 20;
const separator = '|||';

/**
 * @param template see `patternSchema`
 * @throws {Problem} `pattern-empty`, `pattern-too-long`, `pattern-syntax`, `pattern-tag-open`, `pattern-block`, `pattern-not-supported`,
 * `pattern-too-deep`, `pattern-soft-slot`, `pattern-answer-slot`, `pattern-separator`, `pattern-leak`
 */
export function parsePattern(template: string): ParsedPattern {
  const nodes = parseNodes(template, { slots: 'read' });
  return { nodes, ...checkNodes(nodes) };
}

/**
 * The nodes alone, unchecked. With `slots: 'names'`, `answer` and `soft` are fields like any other, as in promptsource.
 * @throws {Problem} as parsePattern, less what concerns slots
 */
export function parseNodes(template: string, { slots }: { slots: 'read' | 'names' }): PatternNode[] {
  if (template.length > longestTemplate) throw tooLong(template.length);
  if (template.trim() === '') {
    throw new Problem({ code: 'pattern-empty', found: 'an empty pattern', expected: 'a text with fields, such as {{ sentence }} {{ answer }}', action: 'Write one.' });
  }
  const reader = new BlockReader(splitTemplate(template), slots);
  return mergeTexts(reader.readAll());
}

interface Statement {
  keyword: string;
  rest: string;
  place: TemplatePlace;
}

class BlockReader {
  readonly #segments: readonly Segment[];
  readonly #slots: 'read' | 'names';
  #next = 0;

  constructor(segments: readonly Segment[], slots: 'read' | 'names') {
    this.#segments = segments;
    this.#slots = slots;
  }

  readAll(): PatternNode[] {
    const { nodes, end } = this.#readUntil([], 0);
    if (end !== null) throw strayTag(end);
    return nodes;
  }

  /** Reads up to one of the statements in `ends`, which is consumed, or to the end of the template. */
  #readUntil(ends: readonly string[], depth: number): { nodes: PatternNode[]; end: Statement | null } {
    const nodes: PatternNode[] = [];
    for (let segment = this.#segments[this.#next]; segment !== undefined; segment = this.#segments[this.#next]) {
      this.#next += 1;
      if (segment.kind === 'text') nodes.push(...this.#readText(segment));
      else if (segment.kind === 'expression') nodes.push(this.#readOutput(segment.inner, segment.place));
      else {
        const statement = readStatement(segment);
        if (ends.includes(statement.keyword)) return { nodes, end: statement };
        nodes.push(this.#readBlock(statement, depth));
      }
    }
    return { nodes, end: null };
  }

  #readText({ text, place }: { text: string; place: TemplatePlace }): PatternNode[] {
    return text.split(separator).flatMap((piece, index): PatternNode[] => [
      ...(index === 0 ? [] : [{ kind: 'separator', place } as const]),
      ...(piece === '' ? [] : [{ kind: 'text', text: piece } as const]),
    ]);
  }

  #readOutput(inner: string, place: TemplatePlace): PatternNode {
    if (this.#slots === 'read') {
      if (inner.trim() === 'answer') return { kind: 'answer', place };
      if (/^\s*soft\s*\(/.test(inner)) return readSoft(inner, place);
    }
    const expression = parseExpression(inner, place);
    // What is written out says the same as plain text, and is the only way to write braces.
    if (expression.kind === 'literal' && typeof expression.value === 'string') return { kind: 'text', text: expression.value };
    return { kind: 'output', expression, place };
  }

  #readBlock({ keyword, rest, place }: Statement, depth: number): PatternNode {
    if (depth >= deepestBlocks) throw tooManyBlocks(place);
    switch (keyword) {
      case 'if': return this.#readIf(rest, place, depth + 1);
      case 'for': return this.#readFor(rest, place, depth + 1);
      case 'set': return { kind: 'set', ...parseAssignment(rest, place), place };
      case 'elif': case 'else': case 'endif': case 'endfor': throw strayTag({ keyword, rest, place });
      default: throw unknownStatement(keyword, place);
    }
  }

  #readIf(test: string, place: TemplatePlace, depth: number): PatternNode {
    const branches: PatternBranch[] = [];
    let current: Expression | null = parseExpression(test, place);
    let otherwise: readonly PatternNode[] = [];
    for (;;) {
      const { nodes, end } = this.#readUntil(current === null ? ['endif'] : ['elif', 'else', 'endif'], depth);
      if (end === null) throw neverClosed('if', 'endif', place);
      if (current === null) otherwise = mergeTexts(nodes);
      else branches.push({ test: current, body: mergeTexts(nodes) });
      if (end.keyword === 'endif') return { kind: 'if', branches, otherwise, place };
      current = end.keyword === 'elif' ? parseExpression(end.rest, end.place) : null;
    }
  }

  #readFor(head: string, place: TemplatePlace, depth: number): PatternNode {
    const { names, list } = parseLoopHead(head, place);
    const body = this.#readUntil(['else', 'endfor'], depth);
    const rest = body.end?.keyword === 'else' ? this.#readUntil(['endfor'], depth) : { nodes: [], end: body.end };
    if (rest.end === null) throw neverClosed('for', 'endfor', place);
    return { kind: 'for', names, list, body: mergeTexts(body.nodes), otherwise: mergeTexts(rest.nodes), place };
  }
}

function readStatement({ inner, place }: { inner: string; place: TemplatePlace }): Statement {
  const match = /^\s*(\w*)(.*)$/s.exec(inner);
  return { keyword: match?.[1] ?? '', rest: match?.[2] ?? '', place };
}

/** `soft(20)` or `soft(20, "text")`; read by the expression parser, so that quotes and escapes are Jinja's. */
function readSoft(inner: string, place: TemplatePlace): PatternNode {
  const list = /^\s*soft\s*\((.*)\)\s*$/s.exec(inner)?.[1];
  if (list === undefined) throw badSoftSlot(place);
  const parsed = parseExpression(`[${list}]`, place);
  if (parsed.kind !== 'list') throw badSoftSlot(place);
  const [rows, from, ...more] = parsed.items;
  const isCount = rows?.kind === 'literal' && typeof rows.value === 'number' && Number.isInteger(rows.value) && rows.value >= 1 && rows.value <= mostRows;
  const isText = from === undefined || (from.kind === 'literal' && typeof from.value === 'string' && from.value.trim() !== '');
  if (!isCount || !isText || more.length > 0) throw badSoftSlot(place);
  return { kind: 'soft', rows: Number(rows.value), from: from?.kind === 'literal' ? String(from.value) : null, place };
}

/** Neighbouring texts as one, so that a printed pattern reads back as the same nodes. */
function mergeTexts(nodes: readonly PatternNode[]): PatternNode[] {
  const merged: PatternNode[] = [];
  for (const node of nodes) {
    const last = merged.at(-1);
    if (node.kind === 'text' && last?.kind === 'text') merged[merged.length - 1] = { kind: 'text', text: last.text + node.text };
    else if (node.kind !== 'text' || node.text !== '') merged.push(node);
  }
  return merged;
}

function tooLong(length: number): Problem {
  return new Problem({
    code: 'pattern-too-long',
    found: `a pattern of ${length.toLocaleString('en')} characters`,
    expected: `at most ${longestTemplate.toLocaleString('en')}`,
    action: 'Shorten it; texts of the data belong into fields.',
  });
}

function strayTag({ keyword, place }: Statement): Error {
  return patternProblem(place, 'pattern-block', {
    found: `{% ${keyword} %} without its beginning`,
    expected: keyword === 'endfor' ? '{% for … %} before it' : '{% if … %} before it',
    action: 'Remove it, or add the beginning.',
  });
}

function neverClosed(keyword: string, end: string, place: TemplatePlace): Error {
  return patternProblem(place, 'pattern-block', { found: `${place.source} without its end`, expected: `{% ${end} %} after it`, action: `Close the ${keyword}.` });
}

function tooManyBlocks(place: TemplatePlace): Error {
  return patternProblem(place, 'pattern-too-deep', { found: `more than ${deepestBlocks} blocks inside each other`, expected: 'a few', action: 'Simplify the pattern.' });
}

function unknownStatement(keyword: string, place: TemplatePlace): Error {
  return patternProblem(place, 'pattern-not-supported', {
    found: keyword === '' ? `an empty statement, ${place.source},` : `the statement ${keyword.slice(0, 40)}`,
    expected: 'if, elif, else, endif, for, endfor or set',
    action: 'Write the pattern with these.',
  });
}

function badSoftSlot(place: TemplatePlace): Error {
  return patternProblem(place, 'pattern-soft-slot', {
    found: place.source,
    expected: `soft(rows) or soft(rows, "text that initialises") with 1 to ${mostRows} rows`,
    action: 'Write, for example, {{ soft(20) }}.',
  });
}
