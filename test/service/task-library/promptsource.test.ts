/** Templates in promptsource's file form, written for this test: what is translated says the same, what is not is told by name. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pvpSchema } from '../../../main/contract/pvp.ts';
import { openCore } from '../../../main/service/core.ts';
import { importPromptsource, readPromptsource } from '../../../main/service/task-library/exchange.ts';
import { showTask } from '../../../main/service/task-library/tasks.ts';
import { findFormat } from '../../../main/task/index.ts';
import { applyPattern } from '../../../main/task/pattern/apply-pattern.ts';

const folder = mkdtempSync(join(tmpdir(), 'souffleur-promptsource-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

function template(id: string, name: string, jinja: string, choices: string | null): string {
  return `  ${id}: !Template
    answer_choices: ${choices === null ? 'null' : JSON.stringify(choices)}
    id: ${id}
    jinja: ${JSON.stringify(jinja)}
    metadata: !TemplateMetadata
      choices_in_prompt: true
      languages:
      - en
      metrics:
      - Accuracy
      original_task: true
    name: ${name}
    reference: written for a test
`;
}

const rte = write('rte.yaml', `dataset: super_glue
subset: rte
templates:
${[
    template('t1', 'follows', 'Suppose: {{premise}}\nDoes it follow that {{hypothesis | trim}}? {{ answer_choices | join(" or ") }}?\n|||\n{{ answer_choices[label] }}', 'Yes ||| No'),
    template('t2', 'list of words', '{{premise}} {{hypothesis}} ||| {{ ["true", "false"][label] }}', null),
    template('t3', 'around', '{% if label != -1 %}{{premise}} ||| {% if label == 0 %}right{% else %}wrong{% endif %}{% endif %}', null),
    template('t4', 'shuffled', '{{ [premise, hypothesis] | shuffle | join }} ||| {{ answer_choices[label] }}', 'Yes ||| No'),
    template('t5', 'leaks', '{{premise}} {{ answer_choices[label] }} ||| {{ answer_choices[label] }}', 'Yes ||| No'),
    template('t6', 'generates', '{{premise}} ||| {{hypothesis}}', null),
    template('t7', 'open', '{{premise}} and {{hypothesis}}', 'Yes ||| No'),
    template('t8', 'by row', '{{premise}} ||| {{ answer_choices[label] }}', '{{premise}} ||| {{hypothesis}}'),
    template('t9', 'three', '{{premise}} ||| {{ answer_choices[label] }}', 'a ||| b ||| c'),
    template('t10', 'genre', '{{genre}}: {{premise}} ||| {{ answer_choices[label] }}', 'Yes ||| No'),
  ].join('')}  t11: !Template
    name: broken
`);

describe('promptsource’s templates', () => {
  const row = { index: 0, line: 1, values: { premise: 'p.', hypothesis: ' h ', label: 'not_entailment' } };

  it('that can be said as patterns say what Jinja says, with the words of their choices', () => {
    const { format, pvps } = readPromptsource(rte, null);
    expect(format).toBe('rte');
    for (const pvp of pvps) expect(pvpSchema.safeParse(pvp).success, pvp.id).toBe(true);
    const said = pvps.slice(0, 3).map((pvp) => {
      const [example] = applyPattern(findFormat('rte'), pvp).examples(row, 'train');
      return [pvp.id, example?.input, example?.target];
    });
    expect(said).toEqual([['follows', 'Suppose: p.\nDoes it follow that h? Yes or No?', 'No'], ['list-of-words', 'p.  h ', 'false'], ['around', 'p.', 'wrong']]);
    expect(pvps[0]?.provenance).toBe('promptsource, super_glue/rte, template t1; written for a test');
  });

  it('that cannot are all told, by name and with the reason', () => {
    const { pvps, notTranslated, unknownFields } = readPromptsource(rte, null);
    expect(pvps.map(({ id }) => id)).toEqual(['follows', 'list-of-words', 'around', 'genre']);
    expect(notTranslated.map(({ id, name, reason }) => [id, name, reason.slice(0, 40)])).toEqual([
      ['t4', 'shuffled', expect.stringContaining('the filter shuffle')],
      ['t5', 'leaks', expect.stringContaining('label, which holds the answer')],
      ['t6', 'generates', expect.stringContaining('a target that depends on more')],
      ['t7', 'open', expect.stringContaining('no |||')],
      ['t8', 'by row', expect.stringContaining('answer choices that differ')],
      ['t9', 'three', expect.stringContaining('3 answer choices')],
      ['t11', 'broken', expect.stringContaining('It is no template')],
    ]);
    expect(unknownFields).toEqual([{ pvp: 'genre', fields: ['genre'] }]);
  });

  it('of MultiRC and RACE keep their field answer apart from the slot', () => {
    const multirc = write('multirc.yaml', `dataset: super_glue\nsubset: multirc\ntemplates:\n${template('m', 'm', '{{question}} {{answer}}? ||| {{ answer_choices[label] }}', 'No ||| Yes')}`);
    const [pvp] = readPromptsource(multirc, null).pvps;
    expect(pvp?.pattern.template).toBe('{{ question }} {{ row.answer }}?');
    const race = write('race.yaml', `dataset: race\nsubset: all\ntemplates:\n${template('r', 'r', '{{question}} {{ options | join(" / ") }} ||| {{ answer_choices[{"A":0,"B":1,"C":2,"D":3}[answer]] }}', 'eins ||| zwei ||| drei ||| vier')}`);
    expect(readPromptsource(race, null).pvps[0]?.verbalizer?.labels.map(({ label, words }) => [label, words[0]])).toEqual([['A', 'eins'], ['B', 'zwei'], ['C', 'drei'], ['D', 'vier']]);
  });

  it('of open answers keep their target', () => {
    const record = write('record.yaml', `dataset: super_glue\nsubset: record\ntemplates:\n${template('q', 'q', '{{passage}} {{query}} ||| {{ answers | choice }}', null)}`);
    const [pvp] = readPromptsource(record, null).pvps;
    expect(pvp).toMatchObject({ pattern: { template: '{{ passage }} {{ query }} ||| {{ answers | choice }}' }, verbalizer: null });
  });

  it.each([
    ['a tag that would make an object', 'dataset: x\ntemplates:\n  a: !!python/object/apply:os.system ["ls"]\n', 'promptsource-yaml'],
    ['broken YAML', 'a: [1, 2\nb: }', 'promptsource-yaml'],
    ['aliases that multiply', `a: &a [x, x]\nb: &b [*a, *a]\ntemplates: {c: [*b, *b]}\n`, 'promptsource-yaml'],
    ['another form', 'hello: world\n', 'promptsource-form'],
    ['an unknown data set', 'dataset: my_own\ntemplates: {}\n', 'promptsource-format'],
  ])('in a file of %s are refused', (_, content, code) => {
    const file = write('bad.yaml', content);
    expect(() => readPromptsource(file, null)).toThrow(expect.objectContaining({ code, kind: 'input' }));
  });

  it('become a task, and more pairs of it the next time', () => {
    const core = openCore(join(folder, 'workspace'), { create: 'if-missing' });
    try {
      expect(importPromptsource(core.workspace, rte, { format: null, task: 'rte-ps' }).task).toMatchObject({ version: 1, definition: { format: 'rte' } });
      const more = write('more.yaml', `dataset: super_glue\nsubset: rte\ntemplates:\n${template('t1', 'follows', '{{premise}} ||| {{ answer_choices[label] }}', 'Ja ||| Nein')}${template('n', 'new', '{{premise}} ||| {{ answer_choices[label] }}', 'Si ||| No')}`);
      importPromptsource(core.workspace, more, { format: null, task: 'rte-ps' });
      expect(showTask(core.workspace, 'rte-ps').definition.pvps.map(({ id }) => id)).toEqual(['list-of-words', 'around', 'genre', 'follows', 'new']);
      expect(showTask(core.workspace, 'rte-ps', 1).definition.pvps).toHaveLength(4);
    } finally {
      core.workspace.close();
    }
  });
});
