/** Which runs may be voted on together. Every refusal names two runs and what differs. */
import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../contract/problem.ts';
import { findMethod } from '../method/index.ts';
import type { ObjectHash } from '../store/identifiers.ts';
import type { Run } from '../store/run-row.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import { readRunConfig } from './run-config.ts';
import { classesOf } from './run-task.ts';

/** @throws {Problem} `runs-not-alike` */
export function requireSameModelAndTask(runs: readonly Run[]): void {
  requireSame(runs, 'model', ({ modelFingerprint }) => modelFingerprint, ({ model }) => `model ${model}`);
  requireSame(runs, 'task format', ({ task }) => task, ({ task }) => `task ${task}`);
  // A verbalizer may say the same classes in other words.
  requireSame(runs, 'labels', classesOf, (run) => `labels ${readRunConfig(run).labels?.map(({ word }) => word).join(', ') ?? 'of the task'}`);
}

/**
 * @returns the hash of the file that all were evaluated on.
 * @throws {Problem} `examples-differ`, `predictions-missing` for a run without such a file
 */
export function requireSameExamples(workspace: ReadableWorkspace, runs: readonly Run[], split: 'dev' | 'test'): ObjectHash {
  const files = runs.map((run) => ({ run, input: workspace.runInputs.list(run.id).find(({ role }) => role === split) }));
  const [first] = files;
  for (const { run, input } of files) {
    if (input === undefined) {
      throw new Problem({
        code: 'predictions-missing',
        found: `run ${run.id} without a ${split} file`,
        expected: `runs with the same ${split} file`,
        action: 'Vote on the other split, or on a file of your own: souffleur ensemble run RUN RUN --data FILE',
      });
    }
    if (first?.input !== undefined && input.sha256 !== first.input.sha256) {
      throw new Problem({
        code: 'examples-differ',
        found: `runs ${first.run.id} and ${run.id}, whose ${split} files differ (${first.input.path} and ${input.path})`,
        expected: 'runs that answered the same examples',
        action: 'Let them answer one file: souffleur ensemble run RUN RUN --data FILE',
      });
    }
  }
  return first?.input?.sha256 as ObjectHash;
}

/** What one pass over several prompts needs to be equal. */
const passSettings = ['promptLength', 'maxSourceTokens', 'maxTargetTokens'] as const;

/** @throws {Problem} `method-without-prompt`, `runs-not-alike` */
export function requireSamePass(runs: readonly Run[]): void {
  const other = runs.find(({ method }) => findMethod(method).trains !== 'prompt');
  if (other !== undefined) {
    throw new Problem({
      code: 'method-without-prompt',
      found: `run ${other.id} of ${other.method}`,
      expected: 'runs that trained a prompt and left the model frozen: only then can one pass serve them all',
      action: 'Evaluate the runs one by one, or vote on their own splits: souffleur ensemble vote RUN RUN',
    });
  }
  const action = 'Choose runs that agree in it, or vote on what each answered on its own split: souffleur ensemble vote RUN RUN';
  const requireAlike = (what: string, valueOf: (run: Run) => unknown, describe: (run: Run) => string): void => requireSame(runs, what, valueOf, describe, action);
  requireAlike('method', ({ method }) => method, ({ method }) => method);
  requireAlike('tokenizer', (run) => readRunConfig(run).tokenizerSha256, (run) => `tokenizer ${readRunConfig(run).tokenizerSha256.slice(0, 12)}`);
  // One pass has one text for all of its prompts, with their rows in the same places.
  requireAlike('pattern and words', (run) => spokenBy(run), describeSpoken);
  for (const name of passSettings) {
    requireAlike(name, (run) => readRunConfig(run).settings[name], (run) => `${name} ${String(readRunConfig(run).settings[name])}`);
  }
}

function spokenBy(run: Run): unknown {
  const { pvp, labels } = readRunConfig(run);
  return [pvp?.pvp.pattern.template ?? null, pvp?.pvp.verbalizer ?? null, labels];
}

function describeSpoken(run: Run): string {
  const { pvp, settings } = readRunConfig(run);
  return pvp === null ? 'the task’s own text' : `pattern ${pvp.pvp.id}, ${String(settings['promptLength'])} rows`;
}

function requireSame(
  runs: readonly Run[], what: string, valueOf: (run: Run) => unknown, describe: (run: Run) => string,
  action = 'Choose runs that agree in it; see: souffleur runs list',
): void {
  const [first, ...others] = runs;
  if (first === undefined) return;
  const differing = others.find((run) => !isDeepStrictEqual(valueOf(run), valueOf(first)));
  if (differing === undefined) return;
  throw new Problem({
    code: 'runs-not-alike',
    found: `runs ${first.id} (${describe(first)}) and ${differing.id} (${describe(differing)})`,
    expected: `runs with the same ${what}`,
    action,
  });
}
