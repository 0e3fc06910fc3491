import { stirlingRemainder } from './gamma.ts';

/**
 * P(X ≤ k) for X binomial with n trials of probability one half: the p-value of a sign test, to about 1e-13 relative down to the smallest
 * floats. Takes about √n steps near the middle and fewer outside.
 * @param k whole, 0 … n.
 */
export function fairBinomialCumulative(k: number, n: number): number {
  if (k >= n) return 1;
  if (2 * k >= n) return 1 - fairBinomialCumulative(n - k - 1, n);
  // From k downwards each term is the one before times (j / (n − j + 1)) < 1.
  let term = 1;
  let sum = 1;
  for (let j = k; j > 0 && term > sum * 1e-18; j -= 1) {
    term *= j / (n - j + 1);
    sum += term;
  }
  return probability(k, n) * sum;
}

/** C(n, k) 2⁻ⁿ, for 0 ≤ k < n / 2, by Stirling's formula and its remainder (Loader 2000), so that nothing large is subtracted. */
function probability(k: number, n: number): number {
  if (k === 0) return 2 ** -n;
  const remainder = stirlingRemainder(n) - stirlingRemainder(k) - stirlingRemainder(n - k);
  return Math.sqrt(n / (2 * Math.PI * k * (n - k))) * Math.exp(remainder - (n / 2) * divergence((n - 2 * k) / n));
}

/** (1 − δ) ln(1 − δ) + (1 + δ) ln(1 + δ), for 0 ≤ δ < 1; by its series Σ δ²ʲ / (j(2j − 1)) where the two nearly cancel. */
function divergence(delta: number): number {
  if (delta > 0.1) return (1 - delta) * Math.log1p(-delta) + (1 + delta) * Math.log1p(delta);
  const square = delta * delta;
  let sum = 0;
  for (let j = 9; j > 0; j -= 1) sum = square * (sum + 1 / (j * (2 * j - 1)));
  return sum;
}
