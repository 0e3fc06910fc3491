import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataOrder } from '../../main/train/data-order.ts';

const start = (): { epoch: number; offset: number } => ({ epoch: 0, offset: 0 });

describe('the order of the training data', () => {
  it('has every example once in every epoch, whatever the batch size; batches run across the border', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 60 }), fc.nat(), (count, size, seed) => {
      const order = new DataOrder(seed, count);
      const position = start();
      const taken = Array.from({ length: count }, () => order.take(position, size)).flat();
      expect(position).toEqual({ epoch: size, offset: 0 });
      for (let epoch = 0; epoch < size; epoch += 1) {
        expect(taken.slice(epoch * count, (epoch + 1) * count).toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      }
    }));
  });

  it('goes on from a position as if it had never stopped', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 40 }), fc.nat({ max: 20 }), (count, size, before) => {
      const order = new DataOrder(5, count);
      const position = start();
      for (let i = 0; i < before; i += 1) order.take(position, size);
      const saved = JSON.parse(JSON.stringify(position)) as typeof position;
      expect(new DataOrder(5, count).take(saved, size)).toEqual(order.take(position, size));
    }));
  });

  it('is another one in every epoch and for every seed', () => {
    const orders = [1, 2].flatMap((seed) => {
      const [order, position] = [new DataOrder(seed, 12), start()];
      return Array.from({ length: 20 }, () => order.take(position, 12).join());
    });
    expect(new Set(orders).size).toBe(40);
  });
});
