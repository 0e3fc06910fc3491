/** Logarithms of the gamma and beta functions without the cancellation that a difference of large ln Γ would bring. */

/** Coefficients of x⁻¹, x⁻³, …: B₂ⱼ / (2j(2j − 1)), DLMF 5.11.1. From x = 10 the first one left out is below 1e-16. */
const stirlingSeries = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156] as const;

/**
 * What Stirling's formula leaves out: ln Γ(x) − [(x − ½) ln x − x + ½ ln 2π], for x > 0, to 1e-15 absolute.
 * Small x climb to 10 by Γ(x + 1) = x Γ(x).
 */
export function stirlingRemainder(x: number): number {
  let climbed = x;
  let sum = 0;
  while (climbed < 10) {
    sum += (climbed + 0.5) * Math.log1p(1 / climbed) - 1;
    climbed += 1;
  }
  const inverseSquare = 1 / (climbed * climbed);
  return sum + stirlingSeries.reduceRight((rest, coefficient) => rest * inverseSquare + coefficient, 0) / climbed;
}

/** ln B(a, b), for a, b > 0; accurate also where a is a million and b one half. */
export function logBeta(a: number, b: number): number {
  const large = Math.max(a, b);
  const small = Math.min(a, b);
  return 0.5 * Math.log((2 * Math.PI) / small)
    - (large - 0.5) * Math.log1p(small / large)
    - small * Math.log1p(large / small)
    + stirlingRemainder(large) + stirlingRemainder(small) - stirlingRemainder(large + small);
}
