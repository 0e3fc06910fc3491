/** Learning rates over time. Steps count from 0. */
import type { TrainingSettings } from '../method/part/training-settings.ts';

/**
 * constant: the base rate; linear: falls to zero at the last step; inverse-square-root: base / √(step + 1) (PPT's "noam" without
 * warm-up). A warm-up rises linearly from base/warmup to base first; inverse-square-root then starts counting at the warm-up's end.
 */
export function learningRateAt(settings: Pick<TrainingSettings, 'learningRate' | 'schedule' | 'warmupSteps' | 'steps'>, step: number): number {
  const { learningRate, schedule, warmupSteps, steps } = settings;
  if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
  switch (schedule) {
    case 'constant':
      return learningRate;
    case 'linear':
      return learningRate * Math.max(0, (steps - step) / Math.max(1, steps - warmupSteps));
    case 'inverse-square-root':
      return learningRate / Math.sqrt(step - warmupSteps + 1);
  }
}
