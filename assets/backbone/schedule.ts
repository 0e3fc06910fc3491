/** Which stage a step belongs to, and how fast it learns. Steps count from 0. */
import type { Stage } from './mixture/index.ts';

export interface Schedule {
  readonly spanSteps: number;
  readonly lmSteps: number;
  readonly learningRate: number;
}

const warmupSteps = 200;
/** The last part of each stage, in which the rate falls to a tenth. */
const decayShare = 0.3;

/** @returns the stage, and how much of it lies before the step. */
export function stageAt({ spanSteps, lmSteps }: Schedule, step: number): { stage: Stage; progress: number } {
  return step < spanSteps ? { stage: 'span-corruption', progress: step / spanSteps } : { stage: 'lm-adaptation', progress: (step - spanSteps) / lmSteps };
}

/** Warm-up, a plateau, and a fall to a tenth at the end of each stage; the second stage runs at half the rate. */
export function rateAt(schedule: Schedule, step: number): number {
  const { stage, progress } = stageAt(schedule, step);
  const peak = schedule.learningRate * (stage === 'span-corruption' ? 1 : 0.5);
  const warm = Math.min(1, (step + 1) / warmupSteps);
  const fall = progress > 1 - decayShare ? 1 - 0.9 * ((progress - (1 - decayShare)) / decayShare) : 1;
  return peak * warm * fall;
}
