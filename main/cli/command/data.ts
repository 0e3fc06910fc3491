/** `souffleur data …` */
import type { Command } from 'commander';
import type { NamedInspection } from '../../service/data.ts';
import { countText } from '../number-text.ts';
import type { CommandContext } from '../context.ts';
import { formatFields } from '../table.ts';

export function addDataCommands(program: Command, context: CommandContext): void {
  program
    .command('data')
    .description('look at data files')
    .command('inspect <files...>')
    .description('say which task format a file fits, its rows and labels, and what is odd about it')
    .action((files: string[]) => inspect(files, context));
}

async function inspect(files: readonly string[], { output }: CommandContext): Promise<void> {
  const { inspectFiles } = await import('../../service/data.ts');
  const inspections = await inspectFiles(files);
  const [only] = inspections;
  output.result(only !== undefined && inspections.length === 1 ? withoutPath(only) : { files: inspections }, () => inspections.map(describe).join('\n\n'));
}

function withoutPath({ path: _path, ...inspection }: NamedInspection): Omit<NamedInspection, 'path'> {
  return inspection;
}

function describe({ path, format, encoding, rows, fields, labels, warnings }: NamedInspection): string {
  const labelList = Object.entries(labels).map(([label, count]) => `${label} (${countText(count)})`).join(', ');
  return [
    formatFields([
      ['file', path],
      ['format', format ?? 'none fits'],
      ['encoding', encoding],
      ['rows', countText(rows)],
      ['fields', fields.join(', ')],
      ...(labelList === '' ? [] : [['labels', labelList] as const]),
    ]),
    ...warnings.map(({ line, message }) => `warning${line === null ? '' : `, line ${line}`}: ${message}`),
  ].join('\n');
}
