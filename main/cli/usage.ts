/** A mistake in the command line itself, as the error that every other mistake is. */
import type { Command, CommanderError } from 'commander';
import { Problem } from '../contract/problem.ts';

/** @returns the command that the words lead to: `runs` for `runs shwo --json`. */
export function findNamedCommand(program: Command, argumentList: readonly string[]): Command {
  let command = program;
  for (const word of argumentList) {
    command = command.commands.find((candidate) => candidate.name() === word) ?? command;
  }
  return command;
}

/** @returns `command-unknown`, `command-missing`, or `usage` with commander's own sentence. */
export function describeUsage(error: CommanderError, command: Command): Problem {
  const [sentence = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const path = pathOf(command);
  const seeHelp = `See the help: ${path} --help`;
  const action = suggestion?.replace(/^\(|\)$/g, '') ?? seeHelp;
  const subcommands = command.commands.map((candidate) => candidate.name()).join(', ');
  switch (error.code) {
    case 'commander.unknownCommand':
      return new Problem({ code: 'command-unknown', found: sentence, expected: `one of ${subcommands}`, action });
    case 'commander.help':
      return new Problem({ code: 'command-missing', found: `only “${path}”`, expected: `it to go on with one of ${subcommands}`, action: seeHelp });
    default:
      return new Problem({ code: 'usage', found: sentence, expected: `the form “${path} ${command.usage()}”`, action });
  }
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
