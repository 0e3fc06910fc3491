/** One of four options answers a question about an article. */
import { gu, presetsFor, sentinelNote, withPrompt } from './preset.ts';

const options = 'A. {{ options[0] }}. B. {{ options[1] }}. C. {{ options[2] }}. D. {{ options[3] }}.';
const soft = withPrompt(`{{ article }} ; {{ question }} ? ${options} ? The correct one is {{ answer }}`);
const hard = `{{ article }} Based on the previous passage, we ask {{ question }} ? ${options} ? The correct one is {{ answer }}`;
const words = { A: 'A', B: 'B', C: 'C', D: 'D' };
const fromGu = { answerNote: sentinelNote, provenance: gu };

export const racePresets = presetsFor(['race'], [
  { id: 'soft', title: 'Soft only (PT, PPT)', template: soft, words, ...fromGu },
  { id: 'hard', title: 'Hard: “Based on the previous passage” (full tuning)', template: hard, words, ...fromGu },
  { id: 'hybrid', title: 'Hybrid: soft, and the hard pattern', template: withPrompt(hard), words, ...fromGu },
  { id: 'unified', title: 'Unified multiple choice (the same as soft only)', template: soft, words, ...fromGu },
]);
