/** Which optimizer the settings ask for, and the clipping before it. */
import type { TrainingSettings } from '../method/part/training-settings.ts';
import { createAdafactor } from './adafactor.ts';
import { createAdamW } from './adamw.ts';
import type { Optimizer, Parameter } from './parameter.ts';

export function createOptimizer(settings: TrainingSettings, parameters: readonly Parameter[]): Optimizer {
  switch (settings.optimizer) {
    case 'adafactor':
      return createAdafactor(settings, parameters);
    case 'adamw':
      return createAdamW(settings, parameters);
  }
}

/**
 * Scales all gradients so that their joint norm is at most `limit`; 0 means no limit.
 * @returns the norm before.
 */
export function clipGradients(gradients: readonly Float32Array[], limit: number): number {
  let sum = 0;
  for (const gradient of gradients) for (let i = 0; i < gradient.length; i += 1) sum += gradient[i]! * gradient[i]!;
  const norm = Math.sqrt(sum);
  if (limit > 0 && norm > limit) {
    const scale = limit / norm;
    for (const gradient of gradients) for (let i = 0; i < gradient.length; i += 1) gradient[i]! *= scale;
  }
  return norm;
}
