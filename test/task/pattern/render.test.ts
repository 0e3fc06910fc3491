/** Rendering rows: what each form says, that nothing but the row is reached, and that no row and no template costs without bound. */
import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { Problem } from '../../../main/contract/problem.ts';
import { parsePattern } from '../../../main/task/pattern/parse.ts';
import { plainText, renderPattern } from '../../../main/task/pattern/render.ts';

const secrets = { label: 1, label_text: 'entailment', answers: ['Rome', 'rome', 'Oslo'] };
const row = { premise: 'It rains.', hypothesis: 'it is wet', options: ['one', 'two', 'three'], answer: 'a field', empty: null, count: 3, nested: { a: { b: 'deep' } }, list: [{ text: 'x' }, { text: 'y' }] };

function render(template: string, fields: Record<string, unknown> = row) {
  return renderPattern(parsePattern(template).nodes, { fields, words: ['no', 'yes'], secrets });
}

function thrownBy(act: () => unknown): Problem | null {
  try {
    act();
    return null;
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown;
    throw thrown;
  }
}

describe('a rendered row', () => {
  it.each([
    ['{{ premise }} {{ hypothesis | capitalize }}?', 'It rains. It is wet?'],
    ['{{ premise.lower() }}{{ premise | upper }}', 'it rains.IT RAINS.'],
    ['{{ "  a b " | trim }}|{{ "a b".title() }}', 'a b|A B'],
    ['{{ options | join(", ") }} {{ options | length }} {{ options[0] }} {{ options[-1] }} {{ options[1:] | join("/") }}', 'one, two, three 3 one three two/three'],
    ['{{ premise.replace("rains", "$& snows") }}', 'It $& snows.'],
    ['{{ options | choice }} {{ options | first }} {{ options | last }} {{ options.index("two") }}', 'one one three 1'],
    ['{{ "a,b".split(",") | last }} {{ "a  b".split() | join("-") }}', 'b a-b'],
    ['{{ list | map(attribute="text") | join }} {{ ["b", "a", "B"] | unique | sort | join }}', 'xy ab'],
    ['{% for o in options %}{{ loop.index }}. {{ o }}{% if not loop.last %}; {% endif %}{% endfor %}', '1. one; 2. two; 3. three'],
    ['{% for a, b in [[1, 2], [3, 4]] %}{{ a + b }} {% else %}none{% endfor %}', '3 7'],
    ['{% for x in [] %}a{% else %}none{% endfor %}', 'none'],
    ['{% if count > 2 and "rain" in premise %}wet{% elif count %}dry{% else %}?{% endif %}', 'wet'],
    ['{% set q = premise ~ "!" %}{{ q }}{{ q }}', 'It rains.!It rains.!'],
    ['{{ "yes" if count == 3 else "no" }}{{ "!" if count == 4 }}', 'yes'],
    ['{{ missing | default("none") }} {{ missing is defined }} {{ empty is none }}', 'none False True'],
    ['{{ {"A": 0, "B": 1}["B"] }} {{ nested.a.b }} {{ nested["a"]["b"] }}', '1 deep deep'],
    ['{{ row.answer }} {{ 7 // 2 }} {{ -7 % 3 }} {{ 1 / 4 }} {{ true }}', 'a field 3 2 0.25 True'],
    ['{{ answer_choices | join(" or ") }}', 'no or yes'],
    ['\n  {{ premise }}\n\n', 'It rains.'],
  ])('of %j says %j', (template, text) => {
    expect(render(template).parts).toEqual([{ kind: 'text', text }]);
  });

  it('has its slots where the pattern puts them, and the text without them has no double spaces', () => {
    const { parts } = render('{{ soft(3) }} {{ premise }} {{ soft(2, "so") }} {{ answer }} {{ hypothesis }}');
    expect(parts).toEqual([
      { kind: 'soft', rows: 3, from: null }, { kind: 'text', text: ' It rains. ' }, { kind: 'soft', rows: 2, from: 'so' }, { kind: 'text', text: ' ' },
      { kind: 'answer' }, { kind: 'text', text: ' it is wet' },
    ]);
    expect(plainText(parts)).toBe('It rains. it is wet');
  });

  it('keeps white space that the row has at its ends', () => {
    expect(render(' {{ a }} ', { a: ' x ' }).parts).toEqual([{ kind: 'text', text: ' x ' }]);
  });

  it('knows the label behind ||| alone', () => {
    expect(render('{{ premise }} ||| {{ answer_choices[label] }}').target).toBe('yes');
    expect(render('{{ premise }} ||| {{ answers | choice }}').target).toBe('Rome');
    expect(thrownBy(() => render('{% if empty %}|||{% endif %}{{ premise }} {{ label }}'))).toMatchObject({ code: 'pattern-value', found: expect.stringContaining('holds the answer') as string });
  });

  it.each([
    ['{{ premis }}', 'no field "premis"'], ['{{ options }}', 'a list of 3'], ['{{ empty }}', 'an empty value'], ['{{ nested.x }}', 'nothing'], ['{{ nested }}', 'an object'],
    ['{{ premise + 1 }}', 'text and something else'], ['{{ 1 / 0 }}', 'division by zero'], ['{{ [] | first }}', 'empty list'], ['{{ options.index("x") }}', 'index'],
    ['{% for x in premise %}{% endfor %}a', 'for'], ['{{ options == options }}', 'two lists'],
  ])('is refused for %j, with the place in the pattern', (template, says) => {
    const problem = thrownBy(() => render(`a\n ${template}`));
    expect(problem).toMatchObject({ code: 'pattern-value', place: { line: 2, column: 2 } });
    expect(problem?.message).toContain(says);
  });

  it('is refused where nothing is left, and where two answer slots are', () => {
    expect(thrownBy(() => render('{{ soft(3) }} {% if empty %}x{% endif %} {{ answer }}'))).toMatchObject({ code: 'pattern-empty-input' });
    expect(thrownBy(() => render('x{% if count %}{{ answer }}{% endif %}{% if count %}{{ answer }}{% endif %}'))).toMatchObject({ code: 'pattern-answer-slot' });
  });
});

describe('the sandbox', () => {
  it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype'])('finds no %s on a text, a list, an object or the row', (name) => {
    for (const object of ['premise', 'options', 'nested', 'row', 'answer_choices', 'loop', '[]', '{}', '"a"']) {
      const problem = thrownBy(() => render(`{% for x in [1] %}{{ ${object}["${name}"] }}{{ ${object}.${name} }}{% endfor %}`));
      expect(problem?.code, object).toBe('pattern-value');
    }
    expect(thrownBy(() => render(`{{ ${name} }}`))?.code).toBe('pattern-value');
  });

  it('makes no prototype of a field or a key that is called __proto__', () => {
    const hostile = JSON.parse('{"a":"x","o":{"__proto__":{"b":"stolen"}}}') as Record<string, unknown>;
    expect(thrownBy(() => render('{{ o.b }}', hostile))?.code).toBe('pattern-value');
    expect(thrownBy(() => render('{{ {"__proto__": o}["b"] }}', hostile))?.code).toBe('pattern-value');
    expect(({} as { b?: unknown }).b).toBeUndefined();
  });
});

describe('the bounds', () => {
  const big = 'a '.repeat(5_000_000);

  it('let a row of 10 MB pass', () => {
    expect(render('{{ text }}', { text: big }).parts).toEqual([{ kind: 'text', text: big }]);
  });

  const costly: [string, string][] = [
    ['doubling', `${'{% set x = text %}'}${'{% set x = x ~ x %}'.repeat(60)}{{ x }}`],
    ['loops in loops', '{% for a in list %}{% for b in list %}{% for c in list %}{{ a }}{% endfor %}{% endfor %}{% endfor %}'],
    ['replacing every letter', `{{ text.replace("a", "${'b'.repeat(1000)}") }}`],
    ['splitting every letter', '{{ text.split("a") | join("aaaa") }}'],
    ['a list of every letter', '{{ text | list | join }}'],
    ['changing a long text in a loop', '{% for a in list %}{{ text | upper | lower | length }}{% endfor %}'],
    ['searching a long text in a loop', '{% for a in list %}{% if "zz" in text %}x{% endif %}{% endfor %}'],
    ['lists that double', `${'{% set x = list %}'}${'{% set x = x + x %}'.repeat(60)}{{ x | length }}`],
    ['many names in a loop', `${Array.from({ length: 800 }, (_, i) => `{% set v${i} = 1 %}`).join('')}{% for a in list %}{{ a }}{% endfor %}`],
    ['slices in a loop', '{% for a in list %}{{ text[1:] | length }}{% endfor %}'],
  ];
  it.each(costly)('stop %s within two seconds', (_, template) => {
    const startMs = performance.now();
    expect(thrownBy(() => render(template, { text: big, list: Array.from({ length: 1000 }, (_, i) => i) }))).toMatchObject({ code: 'pattern-too-much-work', kind: 'input' });
    // Generous: the machine may be busy.
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });

  it('never fail with anything but a problem, whatever the row holds', () => {
    const templates = ['{{ a }}', '{{ a | join(b) }}', '{{ a[b] }}', '{{ a | sort | first }}', '{{ a ~ b }}', '{{ a + b }}', '{{ a in b }}', '{{ a < b }}', '{{ a == b }}', '{{ a | int }}',
      '{{ a | title }}', '{{ a[b:] }}', '{{ a | unique | length }}', '{{ a.split(b) | length }}', '{{ a.replace(b, a) }}', '{% for x in a %}{{ x }}{% endfor %}', '{{ a % b }}', '{{ a is even }}', '{{ a | map(attribute="x") | join }}'];
    fc.assert(fc.property(fc.constantFrom(...templates), fc.jsonValue(), fc.jsonValue(), (template, a, b) => {
      const problem = thrownBy(() => render(`x${template}`, { a, b }));
      expect(problem === null || problem.code.startsWith('pattern-')).toBe(true);
    }), { numRuns: 3000 });
  });
});
