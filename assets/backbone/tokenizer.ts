/**
 * The backbone's tokenizer.json: whole words of the world as Unigram pieces, single characters for everything else, and T5's hundred
 * sentinels behind them, `<extra_id_0>` last. Read by the `tokenizers` library as it is.
 */
import { libraryTasks } from '../library/task/index.ts';
import { createRandom } from '../world/index.ts';
import { drawPretrainingExample } from './mixture/index.ts';

const space = '\u2581';
/** Names of fields and answers that the tasks' formats write. */
const formatWords = [
  'passage:', 'question:', 'hypothesis:', 'premise:', 'choice1:', 'choice2:', 'paragraph:', 'answer:', 'query:', 'entities:', 'sentence1:', 'sentence2:', 'word:', 'sentence:', 'article:',
  'cause', 'effect', 'True', 'False', 'entailment', 'not_entailment', 'contradiction', 'neutral', 'choice1', 'choice2', 'negative', 'positive', 'very', '*it*', 'A:', 'B:', 'C:', 'D:',
  'terrible', 'bad', 'maybe', 'good', 'great', 'yes', 'no', '@placeholder',
];
const sampledTexts = 60_000;
const sentinelCount = 100;

export interface TokenizerFiles {
  readonly tokenizerJson: string;
  readonly vocabularySize: number;
}

export function buildTokenizer(): TokenizerFiles {
  const counts = countPieces();
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const words = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([piece, count]) => [piece, Math.log(count / total)] as const);
  const known = new Set(words.map(([piece]) => piece));
  const characters = [space, ...Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))].filter((character) => !known.has(character));
  // Below any word: a text of known words never falls apart.
  const floor = Math.log(1 / total) - 10;
  const vocabulary: [string, number][] = [
    ['<pad>', 0], ['</s>', 0], ['<unk>', 0], ...words.map(([piece, score]): [string, number] => [piece, round(score)]),
    ...characters.map((character): [string, number] => [character, round(floor)]),
  ];
  const sentinels = Array.from({ length: sentinelCount }, (_, i) => `<extra_id_${sentinelCount - 1 - i}>`);
  for (const token of sentinels) vocabulary.push([token, 0]);
  return { tokenizerJson: `${JSON.stringify(tokenizerOf(vocabulary), null, 1)}\n`, vocabularySize: vocabulary.length };
}

function countPieces(): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (text: string): void => {
    for (const piece of splitPieces(text)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  };
  for (const text of formatWords) count(text);
  const random = createRandom(0, 0);
  for (let i = 0; i < sampledTexts; i += 1) {
    const { source, target } = drawPretrainingExample(random, i % 2 === 0 ? 'span-corruption' : 'lm-adaptation', 1);
    count(source);
    count(target);
  }
  for (const task of libraryTasks) {
    for (let i = 0; i < 2000; i += 1) for (const text of Object.values(task.draw(random, task.labels[i % task.labels.length] ?? '').fields)) count(text);
  }
  return counts;
}

/** Words with the space before them, punctuation by itself. */
function splitPieces(text: string): string[] {
  const plain = text.replaceAll(/<extra_id_\d+>/g, ' ');
  return plain.split(' ').filter((word) => word !== '').flatMap((word) => (`${space}${word}`).match(/\u2581?@?[\w]+|\u2581?[^\w\u2581]|\u2581/g) ?? []);
}

function round(score: number): number {
  return Math.round(score * 1e4) / 1e4;
}

function tokenizerOf(vocabulary: readonly [string, number][]): object {
  const added = vocabulary.flatMap(([content], id) => (/^<.*>$/.test(content) && content.length > 2
    ? [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }] : []));
  const metaspace = { type: 'Metaspace', replacement: space, prepend_scheme: 'always', split: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: { type: 'Sequence', normalizers: [{ type: 'Strip', strip_left: false, strip_right: true }, { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' }] },
    pre_tokenizer: metaspace,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
      pair: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }, { Sequence: { id: 'B', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
      special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
    },
    decoder: metaspace,
    model: { type: 'Unigram', unk_id: 2, vocab: vocabulary, byte_fallback: false },
  };
}
