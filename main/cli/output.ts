/**
 * What a command prints. With --json exactly one JSON object on one line of standard output, whatever happens; without, text for people.
 * Progress, warnings and errors for people go to standard error.
 */
import { Problem } from '../contract/problem.ts';

const exitCodes: Record<Problem['kind'], number> = { input: 2, failure: 1, cancelled: 130 };

export class Output {
  readonly isJson: boolean;
  /** Of a command that ended without an error. */
  exitCode = 0;
  #isLossTold = false;
  #parserText = '';
  readonly #failures = new Map<NodeJS.WriteStream, NodeJS.ErrnoException>();

  constructor({ isJson }: { isJson: boolean }) {
    this.isJson = isJson;
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('error', (error) => this.#failures.set(stream, error));
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

  /**
   * Waits until everything is written: leaving the process earlier would cut a long answer in a pipe.
   * @throws {Problem} `output-not-written` for an answer that its file did not take (a full disk); once.
   */
  async flush(): Promise<void> {
    for (const stream of [process.stdout, process.stderr]) {
      if (this.#failures.has(stream) || stream.destroyed) continue;
      await new Promise<void>((resolve) => {
        stream.once('error', () => resolve());
        stream.write('', () => resolve());
      });
    }
    const failure = this.#failures.get(process.stdout);
    // A reader that had enough (`| head`) is no error of ours.
    if (failure === undefined || failure.code === 'EPIPE' || this.#isLossTold) return;
    this.#isLossTold = true;
    throw notWritten(failure);
  }
}

function notWritten(cause: NodeJS.ErrnoException): Problem {
  return new Problem({
    code: 'output-not-written',
    kind: 'failure',
    found: cause.code === 'ENOSPC' ? 'a full disk under standard output' : `a standard output that takes nothing (${cause.code ?? cause.message})`,
    expected: 'one that takes the answer',
    action: 'The command itself is done; only its answer was lost. Free some space, or write the answer elsewhere.',
    cause,
  });
}

/** JSON has no NaN: a diverged loss is null. */
function toJsonLine(value: object): string {
  return JSON.stringify(value);
}
