/** Ids of pairs, as the contract has them. Pure. */
const plain = /^[\p{L}\p{N}]+(?:[._-]+[\p{L}\p{N}]+)*$/u;

export function isPvpId(text: string): boolean {
  return text.length <= 100 && plain.test(text);
}

/** `mine`, `mine-2`, … */
export function freeId(wanted: string, taken: readonly string[]): string {
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? wanted : `${wanted}-${number}`;
    if (!taken.includes(id)) return id;
  }
}
