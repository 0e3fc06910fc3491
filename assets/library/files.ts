/** The library's files as texts. */
import type { Item, LibraryTask } from './library-task.ts';
import { scoreSingleFields } from './shortcuts.ts';
import { drawSplits, splitNames, type SplitName, type Splits } from './split.ts';
import { libraryTasks } from './task/index.ts';

const seed = 20_261_124;
const fileNames: Readonly<Record<SplitName, string>> = { train: 'train', dev: 'val', test: 'test' };

/** @returns text by path below assets/library. */
export function libraryFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const [number, task] of libraryTasks.entries()) {
    const splits = drawSplits(task, seed + number);
    for (const split of splitNames) files.set(splitPath(task, split), rowsText(task, splits[split]));
    files.set(`${task.id}/README.md`, dataCard(task, splits));
  }
  const tasks = libraryTasks.map((task) => ({
    id: task.id, title: task.title, format: task.format, files: Object.fromEntries(splitNames.map((split) => [split, splitPath(task, split)])),
  }));
  files.set('library.json', `${JSON.stringify({ version: 1, tasks }, null, 2)}\n`);
  return files;
}

function splitPath({ id, file }: LibraryTask, split: SplitName): string {
  return `${id}/${fileNames[split]}.${file}`;
}

function rowsText({ file }: LibraryTask, items: readonly Item[]): string {
  const rows = items.map((item, i) => item.row(i));
  if (file === 'jsonl') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const header = Object.keys(rows[0] ?? {});
  return [header, ...rows.map((row) => header.map((name) => String(row[name])))].map((cells) => `${cells.join('\t')}\n`).join('');
}

function dataCard(task: LibraryTask, splits: Splits): string {
  const { train, dev, test } = splits;
  const shares = task.labels.length < 2 ? 'The answers are open or several to a row; there is no class to balance.'
    : `Classes are balanced: ${task.labels.map((label) => `${label} ${test.filter((item) => item.label === label).length}`).join(', ')} in test.`;
  const alone = task.labels.length < 2 ? '' : `
## What one field alone gives away

Accuracy on test of a naive Bayes classifier that sees the words of one field only (majority ${percent(1 / task.labels.length)}):

| field | accuracy |
|---|---|
${Object.entries(scoreSingleFields(train, test)).map(([field, accuracy]) => `| ${field} | ${percent(accuracy)} |`).join('\n')}
${Object.keys(train[0]?.fields ?? {}).length === 1 ? '\nIt has one field, so this is the bag of words of the whole input.\n' : ''}`;
  return `# ${task.title}

${task.card}

Made by \`npm run library\` from the micro-world in \`assets/world\`, seed ${seed}; no text was written by a person for this file and none is taken from a published
data set. Format: ${task.format}, as main/task/format reads it.

| split | rows |
|---|---|
| train | ${train.length} |
| dev (${fileNames.dev}) | ${dev.length} |
| test | ${test.length} |

${shares} No two rows of the three splits are alike once people and towns are masked.
${alone}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
