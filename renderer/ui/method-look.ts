/** How a method looks: its family's colour (a custom property in style/tokens.css), a marker, a dash and a hatch of its own. */
export const families = [
  'full-tuning', 'prompt-tuning', 'ensemble', 'prefix-tuning', 'warp', 'prompt-design', 'pre-trained-prompt', 'reference', 'other',
] as const;
export type Family = (typeof families)[number];

export interface MethodLook {
  family: Family;
  /** A marker of about ten pixels around the origin. */
  path: string;
  /** Of a line, in pixels; empty for an unbroken one. */
  dash: readonly number[];
  title: string;
}

const signs: Readonly<Record<Family, Omit<MethodLook, 'family' | 'title'>>> = {
  'full-tuning': { path: 'M-4 -4H4V4H-4Z', dash: [] },
  'prompt-tuning': { path: 'M4 0A4 4 0 1 1 -4 0A4 4 0 1 1 4 0Z', dash: [6, 3] },
  ensemble: { path: 'M0 -5L5 0L0 5L-5 0Z', dash: [8, 3, 2, 3] },
  'prefix-tuning': { path: 'M0 -4.5L4.5 3.5H-4.5Z', dash: [2, 2] },
  warp: { path: 'M0 4.5L4.5 -3.5H-4.5Z', dash: [1, 3] },
  'prompt-design': { path: 'M-5 0H5M0 -5V5', dash: [10, 4] },
  'pre-trained-prompt': { path: 'M-4 -4L4 4M4 -4L-4 4', dash: [4, 2, 1, 2] },
  reference: { path: 'M-5 0H5', dash: [3, 3] },
  other: { path: 'M-4 -2H4M-4 2H4', dash: [5, 5] },
};

const relatives: Readonly<Record<string, Family>> = {
  'model-tuning': 'full-tuning', 'multitask-tuning': 'full-tuning', prefix: 'prefix-tuning', 'few-shot': 'prompt-design', 'zero-shot': 'reference', majority: 'reference',
  'hybrid-prompt-tuning': 'prompt-tuning', 'pre-trained-prompt-tuning': 'pre-trained-prompt', 'unified-prompt-tuning': 'pre-trained-prompt', vote: 'ensemble',
};

export function familyOf(method: string): Family {
  return families.find((family) => family === method) ?? relatives[method] ?? 'other';
}

/** The papers' names are the same in every language; an unknown method shows its id. */
const titles: Readonly<Record<string, string>> = {
  'full-tuning': 'Model tuning', 'prompt-tuning': 'Prompt tuning', 'prompt-design': 'Prompt design', ensemble: 'Ensemble', 'prefix-tuning': 'Prefix tuning', warp: 'WARP',
  'pre-trained-prompt': 'PPT', 'zero-shot': 'Zero-shot', majority: 'Majority',
};

export function lookOf(method: string): MethodLook {
  const family = familyOf(method);
  return { family, ...signs[family], title: titles[method] ?? method };
}

/** A family's marker. */
export function signOf(family: Family): string {
  return signs[family].path;
}
