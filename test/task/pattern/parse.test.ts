/** The pattern language: what it reads, what it refuses and where, and that printing and reading are each other's inverse. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../../main/contract/problem.ts';
import { parseNodes, parsePattern } from '../../../main/task/pattern/parse.ts';
import { printPattern } from '../../../main/task/pattern/print.ts';
import { binaryOperators, filterNames, testNames, type Expression, type PatternNode } from '../../../main/task/pattern/syntax.ts';

const anywhere = { line: 1, column: 1, source: '' };

/** Nodes without their places. */
function bare(nodes: readonly PatternNode[]): unknown {
  return JSON.parse(JSON.stringify(nodes, (key, value: unknown) => (key === 'place' ? undefined : value)));
}

describe('reading a pattern', () => {
  it('tells its slots, its target and the fields that it names', () => {
    const pattern = parsePattern('{{ soft(20) }}{{ premise | trim }} {{ soft(5, "is it so?") }} {{ row["#1 String"] }} {{ answer }} ||| {{ answer_choices[label] }}');
    expect(pattern).toMatchObject({ softRows: [20, 5], hasAnswerSlot: true, hasTarget: true, fields: ['premise', '#1 String'] });
    expect(pattern.nodes[3]).toMatchObject({ kind: 'soft', rows: 5, from: 'is it so?' });
  });

  it('counts neither loop variables nor what is set as fields', () => {
    expect(parsePattern('{% set all = options | join(", ") %}{% for o in options %}{{ loop.index }} {{ o }}{% endfor %}{{ all }}').fields).toEqual(['options']);
  });

  it('strips white space at a dash and drops comments', () => {
    expect(bare(parseNodes('a {{- x -}} b{# c #}d', { slots: 'read' }))).toEqual([
      { kind: 'text', text: 'a' }, { kind: 'output', expression: { kind: 'name', name: 'x' } }, { kind: 'text', text: 'bd' },
    ]);
  });

  const refused: [template: string, code: string, line: number, column: number, says: string][] = [
    ['a\n\nb {{ foo', 'pattern-tag-open', 3, 3, '}}'],
    ['{{ "a }}', 'pattern-tag-open', 1, 1, 'quote'],
    ['{# never', 'pattern-tag-open', 1, 1, '#}'],
    ['x {{ foo bar }}', 'pattern-syntax', 1, 3, 'foo bar'],
    ['x {{ }}', 'pattern-syntax', 1, 3, 'cannot be read'],
    ['{{ a | }}', 'pattern-syntax', 1, 1, 'cannot be read'],
    ['{% if a }} x {{ b %}{% endif %}', 'pattern-tag-open', 1, 1, '%}'],
    ['{{ s | reverse }}', 'pattern-not-supported', 1, 1, 'the filter reverse'],
    ['{{ s | shuffle | join }}', 'pattern-not-supported', 1, 1, 'the filter shuffle'],
    ['{{ range(3) }}', 'pattern-not-supported', 1, 1, 'a call of range'],
    ['{{ s.format(1) }}', 'pattern-not-supported', 1, 1, 'the method format'],
    ['{{ s.__class__ }}', 'pattern-not-supported', 1, 1, '__class__'],
    ['{{ s ** 2 }}', 'pattern-not-supported', 1, 1, '**'],
    ['{{ s[::2] }}', 'pattern-not-supported', 1, 1, 'step'],
    ['{{ s is divisibleby }}', 'pattern-not-supported', 1, 1, 'divisibleby'],
    ['{{ s | map("upper") }}', 'pattern-not-supported', 1, 1, 'map'],
    ['{% for x in xs if x %}{% endfor %}', 'pattern-not-supported', 1, 1, 'condition in for'],
    ['{% set x %}a{% endset %}', 'pattern-not-supported', 1, 1, 'set'],
    ['{% macro f() %}{% endmacro %}', 'pattern-not-supported', 1, 1, 'macro'],
    ['{% include "/etc/passwd" %}', 'pattern-not-supported', 1, 1, 'include'],
    ['{% raw %}x{% endraw %}', 'pattern-not-supported', 1, 1, 'raw'],
    ['a\n {% if x %} b', 'pattern-block', 2, 2, 'endif'],
    ['{% endif %}', 'pattern-block', 1, 1, 'without its beginning'],
    ['{% for x in xs %}{% endif %}', 'pattern-block', 1, 18, 'endif'],
    ['{{ soft(0) }}', 'pattern-soft-slot', 1, 1, 'soft(0)'],
    ['{{ soft(20, 3) }}', 'pattern-soft-slot', 1, 1, 'soft(20, 3)'],
    ['{{ soft(n) }}', 'pattern-soft-slot', 1, 1, 'soft(n)'],
    ['{% if x %}{{ soft(20) }}{% endif %}', 'pattern-soft-slot', 1, 11, 'inside if or for'],
    ['a ||| {{ soft(20) }}', 'pattern-soft-slot', 1, 7, 'target'],
    ['{{ answer }} {{ answer }}', 'pattern-answer-slot', 1, 14, 'second answer slot'],
    ['{{ answer | upper }}', 'pattern-answer-slot', 1, 1, 'row.answer'],
    ['{% for x in xs %}{{ answer }}{% endfor %}', 'pattern-answer-slot', 1, 18, 'loop'],
    ['{{ s }} {{ answer_choices[label] }}', 'pattern-leak', 1, 9, 'label'],
    ['{% if a %}x ||| y{% else %}{{ label }}{% endif %}', 'pattern-leak', 1, 28, 'label'],
    ['{% for x in xs %}|||{% endfor %}', 'pattern-separator', 1, 18, 'loop'],
  ];
  it.each(refused)('refuses %j as %s at line %i, column %i', (template, code, line, column, says) => {
    const thrown = thrownBy(() => parsePattern(template));
    expect(thrown).toMatchObject({ code, kind: 'input', place: { line, column } });
    expect((thrown as Problem).message).toContain(says);
  });

  it('refuses what is empty or too long', () => {
    expect(thrownBy(() => parsePattern(' \n'))).toMatchObject({ code: 'pattern-empty' });
    expect(thrownBy(() => parsePattern('x'.repeat(20_001)))).toMatchObject({ code: 'pattern-too-long' });
  });

  it.each([
    ['brackets', `{{ ${'('.repeat(4000)}1${')'.repeat(4000)} }}`], ['filters', `{{ x${' | trim'.repeat(2000)} }}`], ['negations', `{{ ${'not '.repeat(4000)}x }}`],
    ['lists', `{{ ${'['.repeat(5000)}${']'.repeat(5000)} }}`], ['blocks', `${'{% if x %}'.repeat(900)}${'{% endif %}'.repeat(900)}`],
    ['operators', `{{ x${' + x'.repeat(4000)} }}`],
  ])('refuses thousands of %s at once, without running out of stack', (_, template) => {
    expect(['pattern-too-deep', 'pattern-syntax']).toContain((thrownBy(() => parsePattern(template)) as Problem).code);
  });

  it('never fails with anything but a problem, whatever the template', () => {
    const piece = fc.constantFrom('{{', '}}', '{%', '%}', '{#', '#}', '|||', '|', ' if ', 'else', 'endif', 'for x in', 'endfor', 'set', 'soft(', ')', '(', '[', ']', '{', '}',
      '"', "'", '\\', 'answer', 'x', '.', ',', '1', '-', '=', '\n', ' ', ':', 'not', 'is', 'é', '\u0000', '𝒳', '{% generation %}', '**', '*');
    fc.assert(fc.property(fc.oneof(fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')), fc.string()), (template) => {
      const thrown = thrownBy(() => parsePattern(template));
      expect(thrown === null || thrown instanceof Problem).toBe(true);
      if (thrown instanceof Problem) expect(thrown.code).toMatch(/^pattern-/);
    }), { numRuns: 3000 });
  });

  it('reads what it prints as the same nodes', () => {
    fc.assert(fc.property(fc.array(nodeArbitrary(3), { minLength: 1, maxLength: 5 }), (nodes) => {
      const once = safelyParsed(printPattern(nodes));
      if (once === null) return;
      expect(bare(safelyParsed(printPattern(once)) ?? [])).toEqual(bare(once));
      // Neighbouring texts become one; everything else is there already at the first reading.
      expect(bare(once.filter(({ kind }) => kind !== 'text'))).toEqual(bare(mergedNodes(nodes).filter(({ kind }) => kind !== 'text')));
      expect(texts(once)).toBe(texts(nodes));
    }), { numRuns: 1500 });
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return null;
  } catch (thrown) {
    return thrown;
  }
}

/** Null for what is nothing but white space. */
function safelyParsed(template: string): PatternNode[] | null {
  return template.trim() === '' ? null : parseNodes(template, { slots: 'read' });
}

function texts(nodes: readonly PatternNode[]): string {
  return nodes.map((node) => (node.kind === 'text' ? node.text : '')).join('');
}

function mergedNodes(nodes: readonly PatternNode[]): PatternNode[] {
  return nodes.flatMap((node): PatternNode[] => {
    if (node.kind === 'if') return [{ ...node, branches: node.branches.map(({ test, body }) => ({ test, body: mergedTexts(mergedNodes(body)) })), otherwise: mergedTexts(mergedNodes(node.otherwise)) }];
    if (node.kind === 'for') return [{ ...node, body: mergedTexts(mergedNodes(node.body)), otherwise: mergedTexts(mergedNodes(node.otherwise)) }];
    return [node];
  });
}

function mergedTexts(nodes: readonly PatternNode[]): PatternNode[] {
  const merged: PatternNode[] = [];
  for (const node of nodes) {
    const last = merged.at(-1);
    if (node.kind === 'text' && last?.kind === 'text') merged[merged.length - 1] = { kind: 'text', text: last.text + node.text };
    else if (node.kind !== 'text' || node.text !== '') merged.push(node);
  }
  return merged;
}

/** `for x in y if z` is Jinja's filtering loop, which patterns leave out. */
function hasElse(expression: Expression): boolean {
  return expression.kind !== 'conditional' || expression.no !== null;
}

function isNoText(expression: Expression): boolean {
  return expression.kind !== 'literal' || typeof expression.value !== 'string';
}

function nodeArbitrary(depth: number): fc.Arbitrary<PatternNode> {
  const place = fc.constant(anywhere);
  const text = fc.record({ kind: fc.constant('text' as const), text: fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('{{', '{%', '{', '|||', '|', '{#', ' ', '\n')) });
  const leaves: fc.Arbitrary<PatternNode>[] = [
    text,
    fc.record({ kind: fc.constant('output' as const), expression: expressionArbitrary(depth).filter(isNoText), place }),
    fc.record({ kind: fc.constant('soft' as const), rows: fc.integer({ min: 1, max: 1000 }), from: fc.option(fc.string().filter((words: string) => words.trim() !== ''), { nil: null }), place }),
    fc.record({ kind: fc.constant('answer' as const), place }),
    fc.record({ kind: fc.constant('separator' as const), place }),
    fc.record({ kind: fc.constant('set' as const), name: nameArbitrary, value: expressionArbitrary(depth), place }),
  ];
  if (depth === 0) return fc.oneof(...leaves);
  const body = fc.array(nodeArbitrary(depth - 1), { maxLength: 3 });
  return fc.oneof(
    ...leaves,
    fc.record({ kind: fc.constant('if' as const), branches: fc.array(fc.record({ test: expressionArbitrary(2), body }), { minLength: 1, maxLength: 2 }), otherwise: body, place }),
    fc.record({ kind: fc.constant('for' as const), names: fc.uniqueArray(nameArbitrary, { minLength: 1, maxLength: 2 }), list: expressionArbitrary(2).filter(hasElse), body, otherwise: body, place }),
  );
}

const nameArbitrary = fc.constantFrom('premise', 'question', 'x1', 'options', 'row');

function expressionArbitrary(depth: number): fc.Arbitrary<Expression> {
  const literal = fc.record({ kind: fc.constant('literal' as const), value: fc.oneof(fc.string(), fc.nat(), fc.boolean(), fc.constant(null)) });
  const name = fc.record({ kind: fc.constant('name' as const), name: nameArbitrary });
  if (depth === 0) return fc.oneof(literal, name);
  const inner = expressionArbitrary(depth - 1);
  return fc.oneof(
    literal, name,
    fc.record({ kind: fc.constant('member' as const), object: name, key: fc.oneof(literal.filter(({ value }) => typeof value === 'number' || typeof value === 'string'), name).filter((key) => key.kind !== 'literal' || !String(key.value).startsWith('__')) }),
    fc.record({ kind: fc.constant('slice' as const), object: inner, start: fc.option(inner), stop: inner }),
    fc.record({ kind: fc.constant('list' as const), items: fc.array(inner, { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('dictionary' as const), entries: fc.array(fc.record({ key: fc.string(), value: inner }), { maxLength: 2 }) }),
    fc.record({ kind: fc.constant('unary' as const), operator: fc.constantFrom('not' as const), operand: inner }),
    fc.record({ kind: fc.constant('binary' as const), operator: fc.constantFrom(...binaryOperators), left: inner, right: inner }),
    fc.record({ kind: fc.constant('conditional' as const), test: inner, yes: inner, no: fc.option(inner) }),
    fc.record({ kind: fc.constant('filter' as const), filter: fc.constantFrom(...filterNames.filter((filter) => filter !== 'map')), operand: inner, args: fc.array(inner, { maxLength: 2 }), attribute: fc.constant(null) }),
    fc.record({ kind: fc.constant('test' as const), test: fc.constantFrom(...testNames), isNegated: fc.boolean(), operand: inner }),
  );
}
