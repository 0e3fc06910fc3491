/** Sentiment of a sentence: SST-2 and SST-5. */
import { gu, guAblation, presetsFor, sentinelNote, withPrompt, type PresetParts } from './preset.ts';

const soft = withPrompt('{{ sentence }} {{ answer }}');
const hard = '{{ sentence }} It was {{ answer }}.';
const twoWords = { negative: 'bad', positive: 'good' };
const fiveWords = { 'very negative': 'terrible', negative: 'bad', neutral: 'maybe', positive: 'good', 'very positive': 'great' };
const fromGu = { answerNote: sentinelNote, provenance: gu };
const fromAblation = { answerNote: sentinelNote, provenance: `${guAblation}; where the sentence stands follows the hard pattern` };

/** Soft, hard and hybrid, and the two other hard texts, are the same for both. */
function patternsWith(words: Record<string, string>): PresetParts[] {
  return [
    { id: 'soft', title: 'Soft only (PT, PPT)', template: soft, words, ...fromGu },
    { id: 'hard', title: 'Hard, “It was …” (full tuning)', template: hard, words, ...fromGu },
    { id: 'hybrid', title: 'Hybrid: soft, and “It was …”', template: withPrompt(hard), words, ...fromGu },
    { id: 'hybrid-just', title: 'Hybrid: soft, and “Just …!”', template: withPrompt('{{ sentence }} Just {{ answer }}!'), words, ...fromAblation },
    { id: 'hybrid-all-in-all', title: 'Hybrid: soft, and “All in all, it was …”', template: withPrompt('{{ sentence }} All in all, it was {{ answer }}.'), words, ...fromAblation },
  ];
}

const ablation = { template: withPrompt(hard), answerNote: sentinelNote, provenance: guAblation };

const sst2 = presetsFor(['sst2'], [
  ...patternsWith(twoWords),
  {
    id: 'unified', title: 'Unified multiple choice', template: withPrompt('{{ sentence }} ? A. bad. B. good. ? The correct one is {{ answer }}'),
    words: { negative: 'A', positive: 'B' }, ...fromGu,
  },
  { id: 'hybrid-terrible-great', title: 'Hybrid with terrible and great', words: { negative: 'terrible', positive: 'great' }, ...ablation },
  { id: 'hybrid-swapped', title: 'Hybrid with swapped words: good for negative', words: { negative: 'good', positive: 'bad' }, ...ablation },
  { id: 'hybrid-nonsense', title: 'Hybrid with words of no sense: dog and cat', words: { negative: 'dog', positive: 'cat' }, ...ablation },
]);

const sst5 = presetsFor(['sst5'], [
  ...patternsWith(fiveWords),
  {
    id: 'unified', title: 'Unified multiple choice',
    template: withPrompt('{{ sentence }} ? A. terrible. B. bad. C. maybe. D. good. E. great. ? The correct one is {{ answer }}'),
    words: { 'very negative': 'A', negative: 'B', neutral: 'C', positive: 'D', 'very positive': 'E' }, ...fromGu,
  },
]);

export const sstPresets = [...sst2, ...sst5];
