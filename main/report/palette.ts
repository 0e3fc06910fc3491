/**
 * Colours, in light and dark. A method's colour says its family (Okabe and Ito's palette, safe for colour-blind eyes) and never stands
 * alone: hatch, dash and marker say the same. `fill` is for areas, `ink` for lines, outlines and words: 4.5 : 1 on the surface.
 */

export interface Shades {
  readonly light: string;
  readonly dark: string;
}

/** Surfaces, words and rules. */
export const neutrals = {
  surface: { light: '#ffffff', dark: '#15171b' },
  raised: { light: '#f6f7f9', dark: '#1e2127' },
  text: { light: '#1b1f24', dark: '#e6e9ee' },
  quiet: { light: '#59616c', dark: '#a2abb8' },
  rule: { light: '#dfe3e8', dark: '#31363f' },
  axis: { light: '#7b838e', dark: '#828b98' },
  accent: { light: '#0b62a4', dark: '#6cb6f0' },
} as const satisfies Readonly<Record<string, Shades>>;

interface FamilyColours {
  readonly fill: Shades;
  readonly ink: Shades;
}

export const families = {
  'full-tuning': { fill: { light: '#0072b2', dark: '#0072b2' }, ink: { light: '#005a8f', dark: '#62b2e8' } },
  'prompt-tuning': { fill: { light: '#d55e00', dark: '#d55e00' }, ink: { light: '#a84400', dark: '#ff9955' } },
  ensemble: { fill: { light: '#009e73', dark: '#009e73' }, ink: { light: '#006b4e', dark: '#35cda1' } },
  'prefix-tuning': { fill: { light: '#cc79a7', dark: '#cc79a7' }, ink: { light: '#9a3d74', dark: '#e8a8cb' } },
  warp: { fill: { light: '#e69f00', dark: '#e69f00' }, ink: { light: '#855700', dark: '#f3bb3f' } },
  'prompt-design': { fill: { light: '#56b4e9', dark: '#56b4e9' }, ink: { light: '#1f6a9c', dark: '#93cff5' } },
  'pre-trained-prompt': { fill: { light: '#b8860b', dark: '#b8860b' }, ink: { light: '#775700', dark: '#deb04a' } },
  reference: { fill: { light: '#9aa2ad', dark: '#6d7683' }, ink: { light: '#59616c', dark: '#a2abb8' } },
  other: { fill: { light: '#8b7fc7', dark: '#8b7fc7' }, ink: { light: '#5b4ba3', dark: '#b9aef0' } },
} as const satisfies Readonly<Record<string, FamilyColours>>;

export type Family = keyof typeof families;

/** The family of a training method's id; unknown methods share one colour and differ by their second sign. */
export function familyOf(method: string): Family {
  if (Object.hasOwn(families, method)) return method as Family;
  return relatives.get(method) ?? 'other';
}

const relatives: ReadonlyMap<string, Family> = new Map([
  ['model-tuning', 'full-tuning'],
  ['multitask-tuning', 'full-tuning'],
  ['prefix', 'prefix-tuning'],
  ['few-shot', 'prompt-design'],
  ['zero-shot', 'reference'],
  ['majority', 'reference'],
  ['hybrid-prompt-tuning', 'prompt-tuning'],
  ['pre-trained-prompt-tuning', 'pre-trained-prompt'],
  ['unified-prompt-tuning', 'pre-trained-prompt'],
] as const);

/** `property:light;property:var(--name)`: a renderer without custom properties keeps the first. */
function themed(property: string, name: string, shades: Shades): string {
  return `${property}:${shades.light};${property}:var(--${name})`;
}

function neutral(property: string, name: keyof typeof neutrals): string {
  return themed(property, name, neutrals[name]);
}

function everyShade(): { readonly name: string; readonly shades: Shades }[] {
  return [
    ...Object.entries(neutrals).map(([name, shades]) => ({ name, shades })),
    ...Object.entries(families).flatMap(([name, { fill, ink }]) => [
      { name: `${name}-fill`, shades: fill },
      { name: `${name}-ink`, shades: ink },
    ]),
  ];
}

function declarations(scheme: keyof Shades): string {
  return everyShade()
    .map(({ name, shades }) => `--${name}:${shades[scheme]}`)
    .join(';');
}

function customProperties(): string {
  // Paper is white whatever the screen is.
  return `:root{color-scheme:light dark;${declarations('light')}}\n@media screen and (prefers-color-scheme:dark){:root{${declarations('dark')}}}`;
}

export const typeface = 'system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif';

/** What a chart's classes mean; a page states it once, a picture on its own carries it. */
export const chartStyle = [
  customProperties(),
  `svg{font-family:${typeface};font-variant-numeric:tabular-nums}`,
  `svg text{${neutral('fill', 'text')};font-size:11px}`,
  `svg text.quiet{${neutral('fill', 'quiet')}}`,
  'svg text.strong{font-weight:600}',
  'svg text.small{font-size:10px}',
  `.surface{${neutral('fill', 'surface')}}`,
  `.grid{${neutral('stroke', 'rule')};stroke-width:1;fill:none}`,
  `.axis{${neutral('stroke', 'axis')};stroke-width:1;fill:none}`,
  `.mark{${neutral('stroke', 'text')};stroke-width:1.25;fill:none}`,
  `.filled{${neutral('fill', 'text')}}`,
  `.heat{${neutral('fill', 'accent')}}`,
  `.reference-line{${themed('stroke', 'reference-ink', families.reference.ink)};stroke-width:1.25;fill:none}`,
  '.thin{stroke-width:1;opacity:.4}',
  '.thick{stroke-width:1.75}',
  ...Object.entries(families).flatMap(([name, { fill, ink }]) => [
    `.area-${name}{${themed('fill', `${name}-fill`, fill)}}`,
    `.ink-${name}{${themed('fill', `${name}-ink`, ink)}}`,
    `.line-${name}{${themed('stroke', `${name}-ink`, ink)};fill:none;stroke-linejoin:round}`,
    `.dot-${name}{${themed('stroke', `${name}-ink`, ink)};${neutral('fill', 'surface')};stroke-width:1.25}`,
  ]),
].join('\n');
