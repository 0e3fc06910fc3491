/**
 * A byte trie from pieces to ids, as one open-addressing table keyed by (node, byte). Flat arrays: T5's 32,000 pieces
 * take about 3 MB and are built in tens of milliseconds, and a step costs one probe.
 */

/** Keys are node · 256 + byte + 1 and must stay below 2³¹. */
const maxNodes = 1 << 22;

export class PieceTrie {
  #keys = new Int32Array(1 << 12);
  #children = new Int32Array(1 << 12);
  #values = new Int32Array(1 << 10).fill(-1);
  #shift = 32 - 12;
  #nodeCount = 1;
  #used = 0;

  /**
   * Maps a non-empty key to `id` (≥ 0); a later id for the same key replaces the earlier one.
   * @returns the id that the key had, −1 for none, or null where the trie is full (4 Mi nodes; mT5 needs about 1 Mi).
   */
  insert(key: Uint8Array, id: number): number | null {
    let node = 0;
    for (const byte of key) {
      const next = this.step(node, byte);
      if (next >= 0) {
        node = next;
        continue;
      }
      if (this.#nodeCount >= maxNodes) return null;
      node = this.#addChild(node, byte);
    }
    const previous = this.valueAt(node);
    this.#values[node] = id;
    return previous;
  }

  /** @returns the node below `node` (the root is 0) by `byte`, or −1. */
  step(node: number, byte: number): number {
    const keys = this.#keys;
    const mask = keys.length - 1;
    const key = node * 256 + byte + 1;
    let slot = Math.imul(key, 0x9e3779b1) >>> this.#shift;
    for (;;) {
      const found = keys[slot];
      if (found === key) return this.#children[slot] ?? -1;
      if (found === 0) return -1;
      slot = (slot + 1) & mask;
    }
  }

  /** @returns the id of the piece that ends at `node`, or −1. */
  valueAt(node: number): number {
    return this.#values[node] ?? -1;
  }

  /** @returns the length in bytes of the longest key that begins at bytes[start], within `end`; 0 for none. */
  longestPrefix(bytes: Uint8Array, start: number, end: number): number {
    let node = 0;
    let longest = 0;
    for (let position = start; position < end; position++) {
      node = this.step(node, bytes[position] ?? 0);
      if (node < 0) break;
      if (this.valueAt(node) >= 0) longest = position + 1 - start;
    }
    return longest;
  }

  #addChild(node: number, byte: number): number {
    const child = this.#nodeCount++;
    if (child >= this.#values.length) {
      const grown = new Int32Array(this.#values.length * 2).fill(-1);
      grown.set(this.#values);
      this.#values = grown;
    }
    if (++this.#used * 2 > this.#keys.length) this.#grow();
    this.#place(node * 256 + byte + 1, child);
    return child;
  }

  #place(key: number, child: number): void {
    const mask = this.#keys.length - 1;
    let slot = Math.imul(key, 0x9e3779b1) >>> this.#shift;
    while (this.#keys[slot] !== 0) slot = (slot + 1) & mask;
    this.#keys[slot] = key;
    this.#children[slot] = child;
  }

  #grow(): void {
    const keys = this.#keys;
    const children = this.#children;
    this.#keys = new Int32Array(keys.length * 2);
    this.#children = new Int32Array(keys.length * 2);
    this.#shift--;
    for (let slot = 0; slot < keys.length; slot++) {
      const key = keys[slot] ?? 0;
      if (key !== 0) this.#place(key, children[slot] ?? -1);
    }
  }
}
