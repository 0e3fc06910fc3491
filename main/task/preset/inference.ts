/** Does one text follow from the other: RTE, with the premise first, and CB, with the hypothesis first, as in PPT's code. */
import { gu, guAblation, presetsFor, sentinelNote, withPrompt } from './preset.ts';

const hard = '{{ hypothesis }}?{{ answer }}. {{ premise }}';
const fromGu = { answerNote: sentinelNote, provenance: gu };
const ablation = { template: withPrompt(hard), answerNote: sentinelNote, provenance: guAblation };
const rteWords = { entailment: 'yes', not_entailment: 'no' };
const cbWords = { entailment: 'yes', contradiction: 'no', neutral: 'maybe' };
const hardTitle = 'Hard: the hypothesis as a question (full tuning)';
const hybridTitle = 'Hybrid: soft, and the hard pattern';

const rte = presetsFor(['rte'], [
  { id: 'soft', title: 'Soft only (PT, PPT)', template: withPrompt('{{ premise }} {{ answer }} {{ hypothesis }}'), words: rteWords, ...fromGu },
  { id: 'hard', title: hardTitle, template: hard, words: rteWords, ...fromGu },
  { id: 'hybrid', title: hybridTitle, template: withPrompt(hard), words: rteWords, ...fromGu },
  {
    id: 'unified', title: 'Unified multiple choice', template: withPrompt('{{ hypothesis }} ? {{ premise }} . A. no. B. yes. ? The correct one is {{ answer }}'),
    words: { entailment: 'B', not_entailment: 'A' }, ...fromGu,
  },
]);

const cb = presetsFor(['cb'], [
  { id: 'soft', title: 'Soft only (PT, PPT)', template: withPrompt('{{ hypothesis }} {{ answer }} {{ premise }}'), words: cbWords, ...fromGu },
  { id: 'hard', title: hardTitle, template: hard, words: cbWords, ...fromGu },
  { id: 'hybrid', title: hybridTitle, template: withPrompt(hard), words: cbWords, ...fromGu },
  {
    id: 'unified', title: 'Unified multiple choice', template: withPrompt('{{ hypothesis }} ? {{ premise }} . A. no. B. maybe. C. yes. ? The correct one is {{ answer }}'),
    words: { entailment: 'C', contradiction: 'A', neutral: 'B' }, ...fromGu,
  },
  { id: 'hybrid-true-false-neutral', title: 'Hybrid with true, false and neutral', words: { entailment: 'true', contradiction: 'false', neutral: 'neutral' }, ...ablation },
  {
    id: 'hybrid-swapped', title: 'Hybrid with swapped words: no for entailment', words: { entailment: 'no', contradiction: 'yes', neutral: 'maybe' },
    ...ablation, provenance: `${guAblation}; that yes and no are the swapped pair is our reading`,
  },
  { id: 'hybrid-nonsense', title: 'Hybrid with words of no sense: dog, cat and human', words: { entailment: 'dog', contradiction: 'cat', neutral: 'human' }, ...ablation },
]);

export const inferencePresets = [...rte, ...cb];
