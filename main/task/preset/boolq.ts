/** A yes or no question about a passage. */
import { gu, guAblation, presetsFor, sentinelNote, withPrompt } from './preset.ts';

const hard = 'question: {{ question }}?{{ answer }}. {{ passage }}';
const words = { False: 'no', True: 'yes' };
const fromGu = { answerNote: sentinelNote, provenance: gu };
const fromAblation = { answerNote: sentinelNote, provenance: guAblation };
const ablation = { template: withPrompt(hard), ...fromAblation };

export const boolqPresets = presetsFor(['boolq'], [
  { id: 'soft', title: 'Soft only (PT, PPT)', template: withPrompt('{{ question }} {{ answer }} {{ passage }}'), words, ...fromGu },
  { id: 'hard', title: 'Hard: the question first (full tuning)', template: hard, words, ...fromGu },
  { id: 'hybrid', title: 'Hybrid: soft, and the hard pattern', template: withPrompt(hard), words, ...fromGu },
  {
    id: 'unified', title: 'Unified multiple choice', template: withPrompt('{{ question }} ? {{ passage }} . A. no. B. yes. ? The correct one is {{ answer }}'),
    words: { False: 'A', True: 'B' }, ...fromGu,
  },
  {
    id: 'hybrid-previous', title: 'Hybrid: “Based on the previous passage”',
    template: withPrompt('{{ passage }}. Based on the previous passage, {{ question }}?{{ answer }}.'), words, ...fromAblation,
  },
  {
    id: 'hybrid-following', title: 'Hybrid: “Based on the following passage”',
    template: withPrompt('Based on the following passage, {{ question }}?{{ answer }}. {{ passage }}'), words, ...fromAblation,
  },
  { id: 'hybrid-true-false', title: 'Hybrid with true and false', words: { False: 'false', True: 'true' }, ...ablation },
  { id: 'hybrid-swapped', title: 'Hybrid with swapped words: yes for False', words: { False: 'yes', True: 'no' }, ...ablation },
  { id: 'hybrid-nonsense', title: 'Hybrid with words of no sense: cat and dog', words: { False: 'dog', True: 'cat' }, ...ablation },
]);
