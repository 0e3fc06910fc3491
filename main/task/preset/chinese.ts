/**
 * The Chinese tasks of PPT. CMNLI, OCNLI and LCQMC are read as two texts with any classes; C3 and CCPM as RACE, with four options: the
 * context, or the translation of a line of verse, is the article.
 */
import { guAblation, presetsFor, withPrompt, type PresetParts } from './preset.ts';

const answerNote = 'Made for CPM-2, whose vocabulary is Chinese; T5’s own has none of these words, mT5’s has.';
const from = { answerNote, provenance: guAblation };
const soft = withPrompt('{{ sentence1 }}{{ answer }}{{ sentence2 }}');
const hybrid = withPrompt('“{{ sentence1 }}”的意思？{{ answer }}“{{ sentence2 }}”的意思');
const hard = '“{{ sentence1 }}”与“{{ sentence2 }}”的意思{{ answer }}';

/** PT speaks of sameness, PPT of rightness. */
function pairPresets(prefix: string, name: string, words: Record<'pt' | 'ppt', Record<string, string>>): PresetParts[] {
  const patterns = [
    { id: 'soft', title: 'soft only', template: soft }, { id: 'hybrid', title: 'hybrid', template: hybrid }, { id: 'hard', title: 'hard (full tuning)', template: hard },
  ];
  return patterns.flatMap(({ id, title, template }) => (['pt', 'ppt'] as const).map((method) => ({
    id: `${prefix}-${id}-${method}`, title: `${name}, ${title}, the words of ${method.toUpperCase()}`, template, words: words[method], ...from,
  })));
}

const pairs = presetsFor(['pair'], [
  ...pairPresets('nli', 'CMNLI and OCNLI', {
    pt: { contradiction: '矛盾', neutral: '中立', entailment: '相似' }, ppt: { contradiction: '错误', neutral: '中立', entailment: '正确' },
  }),
  ...pairPresets('lcqmc', 'LCQMC', { pt: { 0: '矛盾', 1: '相似' }, ppt: { 0: '错误', 1: '正确' } }),
]);

const options = '一、{{ options[0] }}；二、{{ options[1] }}；三、{{ options[2] }}；四、{{ options[3] }}';
const numerals = { A: '一', B: '二', C: '三', D: '四' };

const choices = presetsFor(['race'], [
  { id: 'c3-soft', title: 'C3, soft only', template: withPrompt(`{{ article }} 问题：{{ question }}{{ answer }}${options}`), words: numerals, ...from },
  { id: 'c3-hybrid', title: 'C3, hybrid', template: withPrompt(`文章：{{ article }}问题：{{ question }}？{{ answer }}选项：${options}`), words: numerals, ...from },
  {
    id: 'c3-hard', title: 'C3, hard (full tuning)', template: `问题：{{ question }}选项：${options}文章：{{ article }}`, words: numerals, ...from,
    answerNote: `${answerNote} The reference shows no answer slot here; it stands at the end.`,
  },
  { id: 'ccpm-soft', title: 'CCPM, soft only: the article is the translation', template: withPrompt(`{{ article }}{{ answer }}选项${options}`), words: numerals, ...from },
  { id: 'ccpm-hybrid', title: 'CCPM, hybrid: the article is the translation', template: withPrompt(`文章：{{ article }}？{{ answer }}选项：${options}`), words: numerals, ...from },
]);

export const chinesePresets = [...pairs, ...choices];
