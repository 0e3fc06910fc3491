import { ambiguousWords, names, pick, sayInSense, sentence } from '../../world/index.ts';
import { standardSizes, type LibraryTask } from '../library-task.ts';

export const wic: LibraryTask = {
  id: 'wic',
  title: 'WiC: the same word in the same meaning?',
  format: 'wic',
  file: 'jsonl',
  labels: ['false', 'true'],
  sizes: standardSizes,
  card: 'Twenty-four words with two meanings each; a sentence shows its meaning by the words around.',
  draw(random, label) {
    const entry = pick(random, ambiguousWords);
    const [first, second] = random.next() < 0.5 ? entry.senses : [entry.senses[1], entry.senses[0]];
    const senses = [first, label === 'true' ? first : second];
    const [sentence1, sentence2] = senses.map((sense) => sentence(sayInSense(entry, sense, pick(random, names), random))) as [string, string];
    const { word } = entry;
    const [start1, start2] = [wordStart(sentence1, word), wordStart(sentence2, word)];
    const row = (idx: number): Record<string, unknown> => ({
      word, sentence1, sentence2, idx, label: label === 'true', start1, start2, end1: start1 + word.length, end2: start2 + word.length, version: 1.1,
    });
    return { label, fields: { sentence1, sentence2, word }, row };
  },
};

function wordStart(text: string, word: string): number {
  return new RegExp(`\\b${word}\\b`).exec(text)?.index ?? 0;
}
