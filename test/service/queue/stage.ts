/** A model of a few kilobytes and data of a few rows, on which a run takes a second. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../model/make-files.ts';
import { tinyFamilies, writeTinyT5 } from '../../model/tiny-t5.ts';

export interface Stage {
  model: string;
  files: { train: string; dev: string; test: string };
}

const words = ['a', 'no', 'this', 'the man', 'good', 'rain falls', 'one', 'two boats', 'it is', 'never', 'at sea', 'here'];

function rows(first: number, count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const text = Array.from({ length: 1 + ((first + i) * 7) % 9 }, (_unused, word) => words[(first + i * 5 + word * 3) % words.length]).join(' ');
    return `${JSON.stringify({ premise: text, hypothesis: words[(first + i) % words.length], label: (first + i) % 3 === 0 ? 'entailment' : 'not_entailment', idx: first + i })}\n`;
  }).join('');
}

/** What several workspaces may use, in the same places: configurations are then equal, too. */
export function makeStage(): Stage {
  const folder = makeFolder();
  const files = { train: join(folder, 'train.jsonl'), dev: join(folder, 'dev.jsonl'), test: join(folder, 'test.jsonl') };
  writeFileSync(files.train, rows(0, 13));
  writeFileSync(files.dev, rows(100, 6));
  writeFileSync(files.test, rows(200, 5));
  return { model: writeTinyT5({ config: { ...tinyFamilies['T5 1.1 (gated, untied)'], vocab_size: 352 }, tokenizer: 'fixture' }), files };
}
