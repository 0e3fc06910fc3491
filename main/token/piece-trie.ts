/**
 * A byte trie from pieces to ids, as one open-addressing table keyed by (node, byte). Flat arrays: T5's 32,000 pieces
 * take about 3 MB and are built in tens of milliseconds, and a step costs one probe.
 */

/** Bounds the memory of a hostile file to some 60 MB. Keys are node · 256 + byte + 1 and must stay below 2³¹. */
const maxNodes = 1 << 21;

export class PieceTrie {
  #keys = new Int32Array(1 << 12);
  #children = new Int32Array(1 << 12);
  #values = new Int32Array(1 << 10).fill(-1);
  #shift = 32 - 12;
  #nodeCount = 1;
  #used = 0;

  /**
   * Maps the non-empty key bytes[0, length) to `id` (≥ 0); a later id for the same key replaces the earlier one.
   * @returns the id that the key had, −1 for none, or null where the trie is full (2 Mi nodes).
   */
  insert(bytes: Uint8Array, length: number, id: number): number | null {
    let node = 0;
    for (let index = 0; index < length; index++) {
      const byte = bytes[index] ?? 0;
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
