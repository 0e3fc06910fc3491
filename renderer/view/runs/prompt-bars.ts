/** Variants of a prompt as bars. Pure. */
import type { PromptEffect, VariantScores } from '../../../main/contract/prompt-facts.ts';
import { summarise } from '../../ui/chart/axis.ts';
import type { Bar, BarGroup } from '../../ui/chart/grouped-bars.ts';

/** In points of 100; random prompts are one bar with its deviation, each of them a dot. */
export function variantBars(effect: Pick<PromptEffect, 'prompt' | 'zeroShot' | 'initial' | 'random'>, words: Record<'prompt' | 'zeroShot' | 'initial' | 'random', string>): readonly BarGroup[] {
  const bars = [
    ...bar('prompt', words.prompt, 'prompt-tuning', [effect.prompt]), ...bar('zero-shot', words.zeroShot, 'reference', [effect.zeroShot]),
    ...bar('initial', words.initial, 'pre-trained-prompt', effect.initial === null ? [] : [effect.initial]), ...bar('random', words.random, 'other', effect.random),
  ];
  return [{ id: 'effect', title: '', bars }];
}

function bar(id: string, title: string, family: Bar['family'], scores: readonly VariantScores[]): Bar[] {
  if (scores.length === 0) return [];
  const points = scores.map(({ score }) => 100 * score);
  const { mean, deviation } = summarise(points);
  return [{ id, title, family, value: mean, deviation, points: points.length > 1 ? points : [] }];
}
