/**
 * What a command prints. With --json exactly one JSON object on one line of standard output, whatever happens; without, text for people.
 * Progress, warnings and errors for people go to standard error.
 */
import type { Problem } from '../contract/problem.ts';

const exitCodes: Record<Problem['kind'], number> = { input: 2, failure: 1, cancelled: 130 };

export class Output {
  readonly isJson: boolean;
  /** Of a command that ended without an error. */
  exitCode = 0;
  #parserText = '';
  #hasFailedToWrite = false;

  constructor({ isJson }: { isJson: boolean }) {
    this.isJson = isJson;
    for (const stream of [process.stdout, process.stderr]) {
      // A reader that had enough (`| head`) is no error of ours.
      stream.on('error', () => {
        this.#hasFailedToWrite = true;
      });
    }
  }

  /** The command's answer, once. @param text for people; made only when it is shown. */
  result(value: object, text: () => string): void {
    process.stdout.write(this.isJson ? `${toJsonLine(value)}\n` : `${text()}\n`);
  }

  /** For people only, and not the answer. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** Keeps what commander would print: help and version are an answer, so with --json they become part of an object. */
  collect(text: string): void {
    this.#parserText += text;
  }

  /** Ends a command line that asked for help or the version. @returns the exit code. */
  parsed(code: string): number {
    const text = this.#parserText.trimEnd();
    this.result(code === 'commander.version' ? { version: text } : { help: text }, () => text);
    return 0;
  }

  /** @returns the exit code. */
  problem(problem: Problem): number {
    if (this.isJson) process.stdout.write(`${toJsonLine({ error: problem.toRecord() })}\n`);
    process.stderr.write(`souffleur: ${problem.message}\n`);
    if (process.env['SOUFFLEUR_DEBUG'] === '1') console.error(problem.cause ?? problem);
    return exitCodes[problem.kind];
  }

  /** A mistake in the command line. @returns the exit code. */
  usageProblem(problem: Problem, help: string): number {
    if (problem.code === 'command-unknown' || problem.code === 'command-missing') this.note(help.trimEnd());
    this.problem(problem);
    return exitCodes.input;
  }

  /** Waits until everything is written: leaving the process earlier would cut a long answer in a pipe. */
  async flush(): Promise<void> {
    for (const stream of [process.stdout, process.stderr]) {
      if (this.#hasFailedToWrite || stream.destroyed) continue;
      await new Promise<void>((resolve) => {
        stream.once('error', () => resolve());
        stream.write('', () => resolve());
      });
    }
  }
}

/** JSON has no NaN: a diverged loss is null. */
function toJsonLine(value: object): string {
  return JSON.stringify(value);
}
