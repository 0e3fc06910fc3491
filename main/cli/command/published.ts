/** `souffleur published …` */
import type { Command } from 'commander';
import type { PublishedTable } from '../../contract/api/published.ts';
import type { CommandContext } from '../context.ts';
import { publishedValueText } from '../published-text.ts';
import { formatTable } from '../table.ts';

export function addPublishedCommands(program: Command, context: CommandContext): void {
  const published = program.command('published').description('results that papers print, to hold one’s own beside; needs no workspace');
  published.command('list').description('list the tables').action(() => list(context));
  published.command('show <table>').description('show a table with its source and protocol').action((id: string) => show(id, context));
}

async function list(context: CommandContext): Promise<void> {
  const { readPublishedTables } = await import('../../service/published.ts');
  const tables = readPublishedTables().map(({ results, ...table }) => ({ ...table, cells: results.length, lost: results.filter(({ status }) => status === 'lost-in-deck').length }));
  context.output.result({ tables }, () => formatTable([
    ['table', 'cells', 'lost', 'paper', 'place', 'title'],
    ...tables.map(({ id, title, source, cells, lost }) => [id, String(cells), String(lost), source.paper, source.place, title]),
  ]));
}

async function show(id: string, context: CommandContext): Promise<void> {
  const { getPublishedTable } = await import('../../service/published.ts');
  const table = getPublishedTable(id);
  context.output.result({ table }, () => describe(table));
}

function describe({ title, source, protocol, results }: PublishedTable): string {
  const notes = [...new Set(results.flatMap(({ note, status }) => (note === null ? [] : [status === 'lost-in-deck' ? `lost: ${note}` : note])))];
  const slide = source.slide === null ? '' : `; slide “${source.slide}”`;
  return [title, `${source.paper}, ${source.title}, ${source.place}${slide}\n${source.url}`, protocol, describeCells(results), notes.map((note) => `Note: ${note}`).join('\n')]
    .filter((text) => text !== '').join('\n\n');
}

type Results = PublishedTable['results'];

/** As papers print it: methods down, tasks across; turned where that would be too wide for a terminal. */
function describeCells(results: Results): string {
  const methods = [...new Set(results.map(methodOf))];
  const columns = [...new Set(results.map(columnOf))];
  const cellText = (method: string, column: string): string => {
    const cell = results.find((candidate) => methodOf(candidate) === method && columnOf(candidate) === column);
    return cell === undefined ? '' : publishedValueText(cell);
  };
  return columns.length > 10
    ? formatTable([['', ...methods], ...columns.map((column) => [column, ...methods.map((method) => cellText(method, column))])])
    : formatTable([['', ...columns], ...methods.map((method) => [method, ...columns.map((column) => cellText(method, column))])]);
}

function methodOf({ method, model }: Results[number]): string {
  return `${method}, ${model}`;
}

function columnOf({ task, metricAsPrinted }: Results[number]): string {
  return [task, metricAsPrinted].filter((text) => text !== null).join(', ');
}
