/** erfc(z) for z ≥ 0, to 1e-13 relative: the series of DLMF 7.6.2 below 2, the continued fraction of 7.9.2 from there. */
export function complementaryErrorFunction(z: number): number {
  return z < 2 ? 1 - bySeries(z) : byContinuedFraction(z);
}

function bySeries(z: number): number {
  let term = z;
  let sum = z;
  for (let j = 1; Math.abs(term) > sum * 1e-17; j += 1) {
    term *= (2 * z * z) / (2 * j + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum;
}

/** Evaluated from its end; at z = 2 a hundred levels are more than double precision can tell. */
function byContinuedFraction(z: number): number {
  let tail = z;
  for (let j = 100; j > 0; j -= 1) tail = z + j / 2 / tail;
  return Math.exp(-z * z) / (Math.sqrt(Math.PI) * tail);
}
