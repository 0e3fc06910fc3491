/** T5's own text forms without the benchmark's name: what every format says without a pattern. */
import { presetsFor, type Preset } from './preset.ts';

/** Format → template over its fields. */
const templates: Readonly<Record<string, string>> = {
  boolq: 'passage: {{ passage }} question: {{ question }}',
  cb: 'hypothesis: {{ hypothesis }} premise: {{ premise }}',
  copa: 'choice1: {{ choice1 }} choice2: {{ choice2 }} premise: {{ premise }} question: {{ question }}',
  multirc: 'question: {{ question }} answer: {{ row.answer }} paragraph: {{ paragraph }}',
  record: 'query: {{ query }} entities: {{ entities | join(", ") }} passage: {{ passage }}',
  rte: 'hypothesis: {{ hypothesis }} premise: {{ premise }}',
  wic: 'sentence1: {{ sentence1 }} sentence2: {{ sentence2 }} word: {{ word }}',
  wsc: '{{ marked_text }}',
  sst2: 'sentence: {{ sentence }}',
  sst5: 'sentence: {{ sentence }}',
  race: 'question: {{ question }} A: {{ options[0] }} B: {{ options[1] }} C: {{ options[2] }} D: {{ options[3] }} article: {{ article }}',
  mrpc: 'sentence1: {{ sentence1 }} sentence2: {{ sentence2 }}',
  qqp: 'question1: {{ question1 }} question2: {{ question2 }}',
  classification: 'sentence: {{ sentence }}',
  pair: [
    '{% if hypothesis is defined and premise is defined %}hypothesis: {{ hypothesis }} premise: {{ premise }}',
    '{% elif question is defined and sentence is defined %}question: {{ question }} sentence: {{ sentence }}',
    '{% elif question1 is defined and question2 is defined %}question1: {{ question1 }} question2: {{ question2 }}',
    '{% else %}sentence1: {{ sentence1 }} sentence2: {{ sentence2 }}{% endif %}',
  ].join(''),
};

/** RACE has no form of T5's. */
const ownForms: ReadonlySet<string> = new Set(['race', 'sst5']);

export const t5Presets: readonly Preset[] = Object.entries(templates).flatMap(([format, template]) => presetsFor([format], [{
  id: 't5',
  title: 'T5’s own form',
  template,
  words: null,
  answerNote: null,
  provenance: ownForms.has(format) ? 'the form of T5’s tasks, after Raffel et al. 2020' : 'Raffel et al. 2020, t5/data/preprocessors.py; Lester et al. 2021',
}]));
