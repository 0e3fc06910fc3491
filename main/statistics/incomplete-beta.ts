import { logBeta } from './gamma.ts';

/** Tens are enough at any number of degrees of freedom; NaN must not loop for ever. */
const mostSteps = 10_000;

export interface BetaPoint {
  readonly a: number;
  readonly b: number;
  readonly x: number;
  /** 1 − x, given apart because it would lose all its digits where x is near 1. */
  readonly y: number;
}

/** The regularized incomplete beta function I_x(a, b), for a, b > 0 and x in 0 … 1; about 1e-13 relative where it is below one half. */
export function regularizedBeta({ a, b, x, y }: BetaPoint): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  // One number in two forms; the smaller of x and y keeps its digits.
  const lead = x < y ? a - (a + b) * x : (a + b) * y - b;
  return lead < 0 ? 1 - byContinuedFraction({ a: b, b: a, x: y, y: x, lead: -lead }) : byContinuedFraction({ a, b, x, y, lead });
}

/**
 * The continued fraction of Didonato & Morris (1992, equation 9) by Lentz's method. The textbook one needs 1 − x in every term and is
 * worth ten digits only at a million degrees of freedom.
 * @param lead a − (a + b) x, not negative.
 */
function byContinuedFraction({ a, b, x, y, lead }: BetaPoint & { readonly lead: number }): number {
  const power = Math.exp(a * logarithm(x, y) + b * logarithm(y, x) - logBeta(a, b));
  let fraction = (a * (1 + lead)) / (a + 1);
  let numerator = fraction;
  let denominator = 0;
  for (let n = 1; n < mostSteps; n += 1) {
    const odd = a + 2 * n - 1;
    const weight = n * (b - n) * x;
    const alpha = ((a + n - 1) / odd) * ((a + b + n - 1) / odd) * weight * x;
    const beta = n + weight / odd + ((a + n) / (odd + 2)) * (1 + lead + n * (1 + y));
    denominator = 1 / (beta + alpha * denominator);
    numerator = beta + alpha / numerator;
    const factor = numerator * denominator;
    fraction *= factor;
    if (Math.abs(factor - 1) <= Number.EPSILON) break;
  }
  return power / fraction;
}

function logarithm(value: number, complement: number): number {
  return value > 0.5 ? Math.log1p(-complement) : Math.log(value);
}
