/** What `npm run pretrain -- …` takes. The defaults are those of the backbone that ships. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Problem } from '../../main/contract/problem.ts';
import { readNumber } from '../script.ts';

/** Number options: default, least value, whether a fraction will do. */
const numbers = {
  'span-steps': { default: 1700, minimum: 1, kind: 'whole' },
  'lm-steps': { default: 1700, minimum: 1, kind: 'whole' },
  'learning-rate': { default: 0.003, minimum: 0, kind: 'any' },
  examples: { default: 64, minimum: 1, kind: 'whole' },
  passes: { default: 2, minimum: 1, kind: 'whole' },
  'save-every': { default: 250, minimum: 1, kind: 'whole' },
  'probe-every': { default: 400, minimum: 1, kind: 'whole' },
  'probe-questions': { default: 1024, minimum: 1, kind: 'whole' },
  /** Steps of this start; 0 goes to the end. */
  'stop-after': { default: 0, minimum: 0, kind: 'whole' },
  seed: { default: 1, minimum: 0, kind: 'whole' },
  threads: { default: availableParallelism(), minimum: 1, kind: 'whole' },
} as const;

export type PretrainingOptions = Readonly<Record<keyof typeof numbers, number>> & {
  /** Where state, curve and finished stages lie. */
  readonly folder: string;
};

/** @throws {Problem} `option-invalid` */
export function readPretrainingOptions(args: readonly string[]): PretrainingOptions {
  const names = Object.keys(numbers) as (keyof typeof numbers)[];
  const given = parse(args, names);
  const values = names.map((name) => {
    const { default: fallback, ...rule } = numbers[name];
    const text = given[name];
    return [name, text === undefined ? fallback : readNumber(name, text, rule)] as const;
  });
  const options = { ...Object.fromEntries(values) as Record<keyof typeof numbers, number>, folder: given['folder'] ?? 'pretraining' };
  if (options.examples % options.passes === 0) return options;
  throw new Problem({
    code: 'option-invalid', found: `--examples ${options.examples} in --passes ${options.passes}`, expected: 'passes of one size', action: 'Choose a number of examples that the passes divide.',
  });
}

function parse(args: readonly string[], names: readonly string[]): Partial<Record<string, string>> {
  try {
    return parseArgs({ args: [...args], options: Object.fromEntries(['folder', ...names].map((name) => [name, { type: 'string' as const }])) }).values;
  } catch (thrown) {
    throw new Problem({
      code: 'option-invalid', found: thrown instanceof Error ? thrown.message.split('. ')[0] ?? '' : String(thrown),
      expected: `--folder or --${names.join(', --')}, each with a value`, action: 'Correct it, or leave it out.', cause: thrown,
    });
  }
}
