import { describe, expect, it } from 'vitest';
import { heatOpacity } from '../../main/report/heat-map.ts';
import { assignLooks, lookOf } from '../../main/report/look.ts';
import { chartStyle, families, neutrals, type Family, type Shades } from '../../main/report/palette.ts';

type Colour = readonly [number, number, number];
const schemes = ['light', 'dark'] as const satisfies readonly (keyof Shades)[];
const familyNames = Object.keys(families) as Family[];

function channels(hex: string): Colour {
  return [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16) / 255) as unknown as Colour;
}

/** WCAG 2.2, relative luminance. */
function luminance(colour: Colour): number {
  const [red, green, blue] = colour.map((channel) =>
    channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4,
  ) as unknown as Colour;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: Colour, b: Colour): number {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function over(top: Colour, bottom: Colour, opacity: number): Colour {
  return top.map((channel, index) => channel * opacity + (bottom[index] ?? 0) * (1 - opacity)) as unknown as Colour;
}

/** Machado, Oliveira and Fernandes 2009 at full severity, on linear channels. */
const deficiencies = {
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
} as const;

describe.each(schemes)('the %s palette', (scheme) => {
  const surface = channels(neutrals.surface[scheme]);

  it('keeps 4.5 : 1 for words on the surface and 3 : 1 for axes', () => {
    for (const name of ['text', 'quiet', 'accent'] as const)
      expect(contrast(channels(neutrals[name][scheme]), surface), name).toBeGreaterThanOrEqual(4.5);
    expect(contrast(channels(neutrals.axis[scheme]), surface)).toBeGreaterThanOrEqual(3);
  });

  it.each(familyNames)('keeps 4.5 : 1 for the ink of %s, which outlines its areas and writes its words', (family) => {
    expect(contrast(channels(families[family].ink[scheme]), surface)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(familyNames)('keeps 3 : 1 between whiskers and the fill of %s, at its densest tint', (family) => {
    const fill = over(channels(families[family].fill[scheme]), surface, 0.55);
    expect(contrast(channels(neutrals.text[scheme]), fill)).toBeGreaterThanOrEqual(3);
  });

  it('keeps 4.5 : 1 for counts on the darkest cell of a heat map', () => {
    const cell = over(channels(neutrals.accent[scheme]), surface, heatOpacity);
    expect(contrast(channels(neutrals.text[scheme]), cell)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(Object.entries(deficiencies))('keeps full tuning, prompt tuning and the ensemble apart under %s', (_, matrix) => {
    const seen = (['full-tuning', 'prompt-tuning', 'ensemble'] as const).map((family) => {
      const linear = channels(families[family].ink[scheme]).map((channel) => channel ** 2.2);
      return matrix.map(
        (row) =>
          Math.max(
            0,
            row.reduce((sum, weight, index) => sum + weight * (linear[index] ?? 0), 0),
          ) **
          (1 / 2.2),
      );
    });
    for (const [index, one] of seen.entries()) {
      for (const other of seen.slice(index + 1)) {
        expect(Math.hypot(...one.map((channel, position) => channel - (other[position] ?? 0)))).toBeGreaterThan(0.15);
      }
    }
  });
});

describe('looks', () => {
  it('give every family another colour, and three methods of one family three hatches, dashes and markers', () => {
    expect(new Set(familyNames.map((family) => families[family].fill.light)).size).toBe(familyNames.length);
    const looks = [...assignLooks(['a', 'b', 'c'].map((id) => ({ id, method: 'prompt-tuning' }))).values()];
    for (const sign of ['hatch', 'dash', 'marker'] as const) expect(new Set(looks.map((look) => look[sign])).size).toBe(3);
  });

  it('tell full tuning, prompt tuning, prompt design and the vote apart without colour', () => {
    const looks = (['full-tuning', 'prompt-tuning', 'prompt-design', 'ensemble'] as const).map((family) => lookOf(family));
    for (const sign of ['hatch', 'dash', 'marker'] as const) expect(new Set(looks.map((look) => look[sign])).size).toBe(4);
  });

  it('stand for a method nobody knows as well', () => {
    expect(assignLooks([{ id: 'x', method: 'toString' }]).get('x')?.family).toBe('other');
  });
});

describe('the style of a chart', () => {
  it('names a plain colour before every variable, for readers that know none', () => {
    for (const [, property, name] of chartStyle.matchAll(/([a-z-]+):var\(--([a-z-]+)\)/g)) {
      expect(chartStyle).toContain(`--${name}:`);
      expect(chartStyle).toMatch(new RegExp(`${property}:#[0-9a-f]{6};${property}:var\\(--${name}\\)`));
    }
  });
});
