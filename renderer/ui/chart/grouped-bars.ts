/** What bars with whiskers show, and where they stand. Pure. */
import type { Family } from '../method-look.ts';

export interface Bar {
  id: string;
  /** In the legend; bars of one title are one series. */
  title: string;
  family: Family;
  /** Null where there is no number; the place stays. */
  value: number | null;
  /** One standard deviation; null where there is none. */
  deviation: number | null;
  /** Single seeds, as dots. */
  points: readonly number[];
  /** Somebody else's: dashed, with where it comes from. */
  source?: string;
}

export interface BarGroup {
  id: string;
  title: string;
  bars: readonly Bar[];
}

export interface PlacedBar {
  bar: Bar;
  /** Left edge, in pixels of the plot. */
  x: number;
  width: number;
}

export interface PlacedGroup {
  group: BarGroup;
  centre: number;
  width: number;
  bars: readonly PlacedBar[];
}

const widest = 48;

/** Groups share the width by their numbers of bars; no bar is wider than 48 pixels. */
export function placeGroups(groups: readonly BarGroup[], width: number): readonly PlacedGroup[] {
  const slots = groups.reduce((sum, { bars }) => sum + bars.length + 1, 0);
  const slot = Math.min(widest + 4, width / Math.max(1, slots));
  let at = 0;
  return groups.map((group) => {
    const start = at + slot / 2;
    at += (group.bars.length + 1) * slot;
    return {
      group,
      centre: start + (group.bars.length * slot) / 2,
      width: (group.bars.length + 1) * slot,
      bars: group.bars.map((bar, index) => ({ bar, x: start + index * slot + slot * 0.08, width: Math.max(2, slot * 0.84) })),
    };
  });
}

/** The highest thing that is drawn. */
export function topOf(groups: readonly BarGroup[]): number {
  return Math.max(0, ...groups.flatMap(({ bars }) => bars.flatMap(({ value, deviation, points }) => [(value ?? 0) + (deviation ?? 0), ...points])));
}

/** Every series once, in the order of appearance. */
export function seriesOf(groups: readonly BarGroup[]): readonly Bar[] {
  const seen = new Map<string, Bar>();
  for (const bar of groups.flatMap(({ bars }) => bars)) if (!seen.has(bar.title)) seen.set(bar.title, bar);
  return [...seen.values()];
}
