import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../main/contract/problem.ts';
import { compareIds, joinSides, requireJoin, type JoinSide } from '../../main/service/comparison-join.ts';

interface Row {
  id: string;
  text: string;
}

function side(run: string, rows: readonly Row[]): JoinSide<Row> {
  return { run, rows, contentOf: ({ text }) => text };
}

const rowsArbitrary = fc.uniqueArray(fc.record({ id: fc.oneof(fc.nat({ max: 20 }).map((n) => `row-${n}`), fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 12 })).map((parts) => parts.join('/'))), text: fc.constantFrom('x', 'y') }), { selector: ({ id }) => id, maxLength: 20 });

describe('joining by id', () => {
  it('finds what is everywhere with one content, and counts the rest, whatever the order of rows and sides', () => {
    fc.assert(fc.property(fc.array(rowsArbitrary, { minLength: 2, maxLength: 4 }), fc.infiniteStream(fc.nat()), (files, noise) => {
      const join = joinSides(files.map((rows, index) => side(String(index), rows)));
      const everyId = new Set(files.flat().map(({ id }) => id));
      const shared = [...everyId].filter((id) => files.every((rows) => rows.some((row) => row.id === id)));
      const same = shared.filter((id) => new Set(files.map((rows) => rows.find((row) => row.id === id)?.text)).size === 1);
      expect(new Set(join.ids)).toEqual(new Set(same));
      expect(join).toMatchObject({ missing: everyId.size - shared.length, contradictory: shared.length - same.length });
      const shuffled = files.toReversed().map((rows, index) => side(String(index), rows.map((row) => ({ row, key: noise.next().value ?? 0 })).toSorted((a, b) => a.key - b.key).map(({ row }) => row)));
      expect(joinSides(shuffled)).toEqual(join);
    }));
  });

  it('orders ids as people count, and totally', () => {
    expect(['row-10', 'row-2', '12/0', '3/1', '3/01', '3', 'row-'].toSorted(compareIds)).toEqual(['3', '3/01', '3/1', '12/0', 'row-', 'row-2', 'row-10']);
    const id = fc.string({ unit: fc.constantFrom('0', '1', '2', '/', 'a'), maxLength: 5 });
    fc.assert(fc.property(id, id, id, (a, b, c) => {
      expect(Math.sign(compareIds(a, b))).toBe(-Math.sign(compareIds(b, a)) + 0);
      expect(compareIds(a, b) === 0).toBe(a === b);
      if (compareIds(a, b) < 0 && compareIds(b, c) < 0) expect(compareIds(a, c)).toBeLessThan(0);
    }));
  });
});

describe('runs over different examples', () => {
  const sides = [side('r0001', [{ id: 'a', text: 'x' }, { id: 'b', text: 'x' }, { id: 'c', text: 'x' }]), side('r0002', [{ id: 'a', text: 'x' }, { id: 'b', text: 'y' }])];
  const join = joinSides(sides);

  it('are refused with the counts and the way out', () => {
    expect(problemOf(() => requireJoin(join, sides, 'all'))).toMatchObject({
      code: 'examples-differ', found: 'r0001 with 3, r0002 with 2 examples, 1 in common, and 1 more ids that stand for different examples', action: expect.stringContaining('--common'),
    });
  });

  it('are joined on what they share when that is asked for', () => {
    expect(problemOf(() => requireJoin(join, sides, 'common'))).toBeNull();
    expect(join.ids).toEqual(['a']);
  });

  it('that share nothing are refused in any case', () => {
    const strangers = [side('r0001', [{ id: 'a', text: 'x' }]), side('r0002', [{ id: 'b', text: 'x' }])];
    expect(problemOf(() => requireJoin(joinSides(strangers), strangers, 'common'))).toMatchObject({ code: 'no-common-examples' });
  });
});

function problemOf(call: () => void): Problem | null {
  try {
    call();
    return null;
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown;
    throw thrown;
  }
}
