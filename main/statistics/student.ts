/** Student's t distribution with ν degrees of freedom, ν ≥ 1 and not necessarily whole. */
import { logBeta } from './gamma.ts';
import { regularizedBeta } from './incomplete-beta.ts';
import { StatisticsError } from './statistics-error.ts';

/** P(T > t) for 0 ≤ t ≤ 1e150; keeps its relative accuracy far out. */
export function studentUpperTail(t: number, degreesOfFreedom: number): number {
  const sum = t * t + degreesOfFreedom;
  return 0.5 * regularizedBeta({ a: degreesOfFreedom / 2, b: 0.5, x: degreesOfFreedom / sum, y: (t * t) / sum });
}

/**
 * The t that a T stays below with this probability, to 1e-12 relative, by Newton's steps on ln t and the logarithm of an area.
 * @throws {StatisticsError} unless 1e-100 ≤ probability < 1 and degreesOfFreedom ≥ 1.
 */
export function studentQuantile(probability: number, degreesOfFreedom: number): number {
  requireQuantile(probability, degreesOfFreedom);
  if (probability === 0.5) return 0;
  const isLower = probability < 0.5;
  const tail = isLower ? probability : 1 - probability;
  // Near the middle the tail hardly moves; the area between −t and t does.
  const fromMiddle = tail > 0.25;
  const wanted = fromMiddle ? 2 * (isLower ? 0.5 - probability : probability - 0.5) : tail;
  const logDensityScale = -0.5 * Math.log(degreesOfFreedom) - logBeta(degreesOfFreedom / 2, 0.5);
  let t = 1;
  for (let round = 0; round < 1000; round += 1) {
    const area = fromMiddle ? centralArea(t, degreesOfFreedom) : studentUpperTail(t, degreesOfFreedom);
    const density = Math.exp(logDensityScale - ((degreesOfFreedom + 1) / 2) * Math.log1p((t * t) / degreesOfFreedom));
    const slope = (fromMiddle ? 2 : -1) * ((t * density) / area);
    const step = Math.max(-2, Math.min(2, Math.log(wanted / area) / slope));
    t *= Math.exp(step);
    if (Math.abs(step) < 1e-15) break;
  }
  return isLower ? -t : t;
}

/** P(−t < T < t). */
function centralArea(t: number, degreesOfFreedom: number): number {
  const sum = t * t + degreesOfFreedom;
  return regularizedBeta({ a: 0.5, b: degreesOfFreedom / 2, x: (t * t) / sum, y: degreesOfFreedom / sum });
}

function requireQuantile(probability: number, degreesOfFreedom: number): void {
  if (probability >= 1e-100 && probability < 1 && degreesOfFreedom >= 1 && Number.isFinite(degreesOfFreedom)) return;
  throw new StatisticsError({
    code: 'statistics-quantile-out-of-range',
    found: `probability ${probability} and ${degreesOfFreedom} degrees of freedom`,
    expected: 'a probability from 1e-100 to below 1, and at least one degree of freedom',
    action: 'Give values in these ranges.',
  });
}
