/** Runs the command line as a person does: a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';

const main = join(import.meta.dirname, '..', '..', 'main', 'cli', 'main.ts');

export interface Ended {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface Invocation {
  input?: string | Uint8Array;
  /** Stops reading its output at once, as `| head` may. */
  closeOutput?: boolean;
  /** Looks at the process while it runs. */
  watch?: (child: ChildProcess, stderr: string) => void;
}

export async function souffleur(argumentList: readonly string[], { input = '', closeOutput = false, watch }: Invocation = {}): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...argumentList], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ended.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    ended.stderr += text;
    watch?.(child, ended.stderr);
  });
  if (closeOutput) child.stdout.destroy();
  // A command that never reads its input closes it.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const exitCode = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return { exitCode, ...ended };
}

/** The one JSON object of a `--json` command; fails for anything else on standard output. */
export function parseAnswer<Answer = Record<string, unknown>>({ stdout }: Ended): Answer {
  expect(stdout).toMatch(/^\{[^\n]*\}\n$/);
  return JSON.parse(stdout) as Answer;
}

export interface ErrorAnswer {
  error: { code: string; kind: string; message: string; found: string; expected: string; action: string; place: object };
}
