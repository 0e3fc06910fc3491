/** Data files before a run: that they can be read at all, how many rows they have, and what exactly they were. */
import { resolve } from 'node:path';
import { Problem, toProblem } from '../contract/problem.ts';
import { hashFile } from '../store/objects.ts';
import type { RunInput, Split } from '../store/run-inputs-table.ts';
import { discoverLabels } from '../task/dataset.ts';
import type { LabelWord, TaskFormat } from '../task/format.ts';
import { checkLabelWords, wordsFromValues } from '../task/label-words.ts';
import { openDataFile, readRows } from '../task/reading/data-file.ts';

/**
 * Reads a file through once to count its rows and once to hash it; memory stays constant.
 * @throws {Problem} of the file, with its line
 */
export async function describeInput(role: Split, path: string): Promise<RunInput> {
  const file = resolve(path);
  let rowCount = 0;
  for await (const row of readRows(await openDataFile(file), () => {})) rowCount = row.index + 1;
  return { role, path: file, sha256: await hashData(file), rowCount };
}

/**
 * The labels that a run is to know, settled before it starts so that a later evaluation uses the same.
 * @param given as the person named them, `word` or `value=word` each; null lets the training file decide.
 * @returns null for a task whose labels are its own, or open.
 * @throws {Problem} `labels-not-wanted`, `too-few-classes`, `too-many-classes`, `repeated-class`
 */
export async function settleLabels(format: TaskFormat, trainFile: string, given: readonly string[] | null): Promise<LabelWord[] | null> {
  if (format.anyClasses === undefined) {
    if (given === null) return null;
    throw new Problem({
      code: 'labels-not-wanted',
      found: `labels for the format ${format.id}`,
      expected: format.labels === null ? 'none: its answers are open' : `none: its labels are ${format.labels.join(', ')}`,
      action: 'Leave --labels out, or use --task classification.',
    });
  }
  const words = given === null ? wordsFromValues(await discoverLabels(await openDataFile(resolve(trainFile)), format)) : given.map(parseLabelWord);
  checkLabelWords(words);
  // A verbalizer has words of its own.
  const { labels } = format.anyClasses.forLabels(words);
  return words.map(({ value, word }, index) => ({ value, word: labels?.[index] ?? word }));
}

function parseLabelWord(text: string): LabelWord {
  const split = text.indexOf('=');
  const [value, word] = split === -1 ? [text, text] : [text.slice(0, split), text.slice(split + 1)];
  return { value: value.trim(), word: word.trim() };
}

/**
 * @throws {Problem} `data-changed`, with both hashes, for the first file that is no longer what the run was given
 */
export async function requireUnchanged(inputs: readonly RunInput[]): Promise<void> {
  for (const { role, path, sha256 } of inputs) {
    const found = await hashData(path);
    if (found === sha256) continue;
    throw new Problem({
      code: 'data-changed',
      found: `a ${role} file with SHA-256 ${found}`,
      expected: `${sha256}, the file that the run began with`,
      action: 'Put the original file back, or start a new run on the new one.',
      place: { file: path },
    });
  }
}

/** @throws {Problem} a system error with the path */
export async function hashData(path: string): Promise<RunInput['sha256']> {
  try {
    return await hashFile(path);
  } catch (thrown) {
    throw toProblem(thrown);
  }
}
