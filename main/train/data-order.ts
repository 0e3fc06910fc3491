/** Which examples a step reads: repeats from the run's seed, and goes on from any position. */
import { createGenerator, shuffledIndices } from './random.ts';

/** Where the next batch begins: the number of a permutation, and a place in it. */
export interface DataPosition {
  epoch: number;
  offset: number;
}

/** A new permutation of the training examples every epoch; batches run across the border. */
export class DataOrder {
  readonly #seed: number;
  readonly #count: number;
  #epoch = -1;
  #permutation: Int32Array = new Int32Array();

  constructor(seed: number, count: number) {
    this.#seed = seed;
    this.#count = count;
  }

  /** Takes the next `size` indices and moves the position on. */
  take(position: DataPosition, size: number): number[] {
    const taken: number[] = [];
    while (taken.length < size) {
      if (this.#epoch !== position.epoch) {
        this.#permutation = shuffledIndices(this.#count, createGenerator(this.#seed, 'data-order', position.epoch));
        this.#epoch = position.epoch;
      }
      taken.push(this.#permutation[position.offset] as number);
      position.offset += 1;
      if (position.offset === this.#count) {
        position.epoch += 1;
        position.offset = 0;
      }
    }
    return taken;
  }
}
