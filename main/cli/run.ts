/** One command line from arguments to exit code. */
import { CommanderError, type Command } from 'commander';
import { toProblem } from '../contract/problem.ts';
import { Interruption } from './interruption.ts';
import { Output } from './output.ts';
import { createProgram } from './program.ts';
import { describeUsage, findNamedCommand } from './usage.ts';

/** @returns 0, 2 for bad input, 1 for a failure, 130 for a command that was stopped on request. */
export async function runCommandLine(argumentList: readonly string[]): Promise<number> {
  // Known before parsing, because an error in parsing must already be told in the right form.
  const output = new Output({ isJson: asksForJson(argumentList) });
  const interruption = new Interruption(output);
  const program = createProgram({ output, interruption, argumentList });
  try {
    await program.parseAsync([...argumentList], { from: 'user' });
    await output.flush();
    return output.exitCode;
  } catch (thrown) {
    const exitCode = thrown instanceof CommanderError ? endOfParsing(thrown, { output, command: findNamedCommand(program, argumentList) }) : output.problem(toProblem(thrown));
    await output.flush().catch(() => {
      // Standard error has the first problem, and its exit code counts.
    });
    return exitCode;
  } finally {
    interruption.release();
  }
}

function asksForJson(argumentList: readonly string[]): boolean {
  const end = argumentList.indexOf('--');
  return argumentList.slice(0, end === -1 ? undefined : end).includes('--json');
}

function endOfParsing(error: CommanderError, { output, command }: { output: Output; command: Command }): number {
  if (error.exitCode === 0) return output.parsed(error.code);
  return output.usageProblem(describeUsage(error, command), command.helpInformation());
}
