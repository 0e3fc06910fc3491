/** How a method looks in every chart of a page: its family's colour, and a hatch, a dash and a marker of its own. */
import { element, type Markup } from './markup.ts';
import { familyOf, type Family } from './palette.ts';

const hatches = ['solid', 'rising', 'dotted', 'falling', 'level', 'crossed'] as const;
const dashes = ['', '6 3', '2 2', '8 3 2 3', '1 3', '10 4'] as const;
const markers = ['circle', 'square', 'triangle', 'diamond', 'plus', 'cross'] as const;

export type Hatch = (typeof hatches)[number];
export type Marker = (typeof markers)[number];

export interface Look {
  readonly family: Family;
  readonly hatch: Hatch;
  /** Of a line; empty for an unbroken one. */
  readonly dash: string;
  readonly marker: Marker;
}

/** Where a family's first method begins in the lists of signs. */
const firstSign: Readonly<Record<Family, number>> = {
  'full-tuning': 0,
  'prompt-tuning': 1,
  ensemble: 3,
  'prefix-tuning': 4,
  warp: 5,
  'prompt-design': 2,
  'pre-trained-prompt': 3,
  reference: 4,
  other: 5,
};

/** One look a method, in order: two methods of one family get two signs. */
export function assignLooks(methods: readonly { readonly id: string; readonly method: string }[]): ReadonlyMap<string, Look> {
  const used = new Map<Family, number>();
  const looks = new Map<string, Look>();
  for (const { id, method } of methods) {
    const family = familyOf(method);
    const nth = used.get(family) ?? 0;
    used.set(family, nth + 1);
    looks.set(id, lookOf(family, nth));
  }
  return looks;
}

/** The look of a family's nth method, counted from 0. */
export function lookOf(family: Family, nth = 0): Look {
  const sign = firstSign[family] + nth;
  return {
    family,
    hatch: hatches[sign % hatches.length] ?? 'solid',
    dash: dashes[sign % dashes.length] ?? '',
    marker: markers[sign % markers.length] ?? 'circle',
  };
}

/** The id of a look's pattern, the same in every chart, so that a page defines it once. */
export function patternId(look: Look): string {
  return `hatch-${look.family}-${look.hatch}`;
}

const hatchPaths: Readonly<Record<Hatch, string>> = {
  solid: '',
  rising: 'M-1 1L1 -1M0 6L6 0M5 7L7 5',
  falling: 'M-1 5L1 7M0 0L6 6M5 -1L7 1',
  dotted: 'M1.5 1.5h.01M4.5 4.5h.01',
  level: 'M0 1.5H6M0 4.5H6',
  crossed: 'M0 0L6 6M6 0L0 6',
};

/** The pattern behind `patternId`: a tint of the family's colour, hatched in its ink. */
export function drawPattern(look: Look): Markup {
  const path = hatchPaths[look.hatch];
  return element('pattern', { id: patternId(look), width: 6, height: 6, patternUnits: 'userSpaceOnUse' }, [
    element('rect', { width: 6, height: 6, class: `area-${look.family}`, 'fill-opacity': look.hatch === 'solid' ? 0.55 : 0.3 }),
    ...(path === ''
      ? []
      : [
          element('path', {
            d: path,
            class: `line-${look.family}`,
            'stroke-width': look.hatch === 'dotted' ? 1.8 : 1,
            'stroke-opacity': 0.7,
            'stroke-linecap': look.hatch === 'dotted' ? 'round' : undefined,
          }),
        ]),
  ]);
}

/** A marker of about `2 · radius` pixels around a place. */
export function drawMarker(look: Look, x: number, y: number, radius: number, title?: Markup): Markup {
  const attributes = { class: `dot-${look.family}`, transform: `translate(${round(x)} ${round(y)})` };
  const children = title === undefined ? [] : [element('title', {}, [title])];
  if (look.marker === 'circle') return element('circle', { ...attributes, r: radius }, children);
  return element('path', { ...attributes, d: markerPath(look.marker, radius) }, children);
}

function markerPath(marker: Marker, radius: number): string {
  const r = round(radius);
  const d = round(radius * 1.25);
  const s = round(radius * 0.9);
  if (marker === 'square') return `M-${s} -${s}H${s}V${s}H-${s}Z`;
  if (marker === 'triangle') return `M0 -${d}L${d} ${s}H-${d}Z`;
  if (marker === 'diamond') return `M0 -${d}L${d} 0L0 ${d}L-${d} 0Z`;
  if (marker === 'plus') return `M-${d} 0H${d}M0 -${d}V${d}`;
  return `M-${r} -${r}L${r} ${r}M${r} -${r}L-${r} ${r}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
