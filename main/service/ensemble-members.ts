/** Which runs may be voted on together. Every refusal names two runs and what differs. */
import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../contract/problem.ts';
import { findMethod } from '../method/index.ts';
import type { ObjectHash } from '../store/identifiers.ts';
import type { Run } from '../store/run-row.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import { readRunConfig } from './run-config.ts';

/** @throws {Problem} `runs-not-alike` */
export function requireSameModelAndTask(runs: readonly Run[]): void {
  requireSame(runs, 'model', ({ modelFingerprint }) => modelFingerprint, ({ model }) => `model ${model}`);
  requireSame(runs, 'task format', ({ task }) => task, ({ task }) => `task ${task}`);
  requireSame(runs, 'labels', (run) => readRunConfig(run).labels, (run) => `labels ${readRunConfig(run).labels?.map(({ word }) => word).join(', ') ?? 'of the task'}`);
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
  requireSame(runs, 'method', ({ method }) => method, ({ method }) => method);
  requireSame(runs, 'tokenizer', (run) => readRunConfig(run).tokenizerSha256, (run) => `tokenizer ${readRunConfig(run).tokenizerSha256.slice(0, 12)}`);
  for (const name of passSettings) {
    requireSame(runs, name, (run) => readRunConfig(run).settings[name], (run) => `${name} ${String(readRunConfig(run).settings[name])}`);
  }
}

function requireSame(runs: readonly Run[], what: string, valueOf: (run: Run) => unknown, describe: (run: Run) => string): void {
  const [first, ...others] = runs;
  if (first === undefined) return;
  const differing = others.find((run) => !isDeepStrictEqual(valueOf(run), valueOf(first)));
  if (differing === undefined) return;
  throw new Problem({
    code: 'runs-not-alike',
    found: `runs ${first.id} (${describe(first)}) and ${differing.id} (${describe(differing)})`,
    expected: `runs with the same ${what}`,
    action: 'Choose runs that agree in it; see: souffleur runs list',
  });
}
