/** What the scripts of this folder share: a mistake ends with a sentence, not with a stack trace. */
import { Problem, toProblem } from '../main/contract/problem.ts';

export async function runScript(body: () => Promise<void> | void): Promise<void> {
  try {
    await body();
  } catch (thrown) {
    process.stderr.write(`\n${toProblem(thrown).message}\n`);
    process.exitCode = 1;
  }
}

/** @throws {Problem} `option-invalid` */
export function readNumber(name: string, text: string, { minimum, kind }: { minimum: number; kind: 'whole' | 'any' }): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= minimum && (kind === 'any' || Number.isSafeInteger(value))) return value;
  throw new Problem({
    code: 'option-invalid', found: `--${name} ${text.slice(0, 80)}`, expected: `a ${kind === 'whole' ? 'whole ' : ''}number of at least ${minimum}`, action: 'Correct it, or leave it out.',
  });
}
