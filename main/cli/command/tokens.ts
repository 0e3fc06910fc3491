/** `souffleur tokens` */
import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';

export function addTokensCommand(program: Command, context: CommandContext): void {
  program
    .command('tokens')
    .description('turn texts into a model’s tokens: one JSON string a line on standard input')
    .requiredOption('--model <model>', 'a model of the workspace, a model’s folder, or a tokenizer file')
    .addHelpText('after', '\nExample:\n  echo \'"The film is wonderful."\' | souffleur tokens --model ./t5-base --json')
    .action((options: { model: string }) => tokenize(options, context));
}

async function tokenize({ model }: { model: string }, context: CommandContext): Promise<void> {
  const { openTokenizerSync, tokenizeLines } = await import('../../service/tokens.ts');
  const tokenizer = openTokenizerSync(model, context.workspaceDirectory());
  if (process.stdin.isTTY) context.output.note('Type one JSON string a line, such as "Hello world"; end with Ctrl-D.');
  const tokenization = await tokenizeLines(tokenizer, process.stdin);
  const { ids, tokens } = tokenization;
  context.output.result(tokenization, () => ids.map((row, line) => `${row.join(' ')}\t${(tokens[line] ?? []).join(' ')}`).join('\n'));
}
