import { drawReview, sentence, starsOf, type Random, type Review } from '../../world/index.ts';
import { standardSizes, type Item, type LibraryTask } from '../library-task.ts';

export const sst2: LibraryTask = {
  id: 'sst2',
  title: 'SST-2: is the review positive or negative?',
  format: 'sst2',
  file: 'tsv',
  labels: ['0', '1'],
  sizes: standardSizes,
  card: 'Reviews of one to three clauses with praise and blame of two strengths, a fifth of it denied; the sum decides. Ties are left out.',
  draw: (random, label) => drawUntil(random, label, ({ sum }) => (sum === 0 ? null : sum > 0 ? '1' : '0')),
};

export const sst5: LibraryTask = {
  id: 'sst5',
  title: 'SST-5: how positive is the review?',
  format: 'sst5',
  file: 'tsv',
  labels: ['0', '1', '2', '3', '4'],
  sizes: standardSizes,
  card: 'The same kind of reviews in five classes by their mean strength; what lies between two classes is left out.',
  draw: (random, label) => drawUntil(random, label, (review) => starsOf(review)?.toString() ?? null),
};

function drawUntil(random: Random, label: string, classOf: (review: Review) => string | null): Item {
  for (;;) {
    const review = drawReview(random);
    if (classOf(review) !== label) continue;
    const text = sentence(review.text);
    return { label, fields: { sentence: text }, row: () => ({ sentence: text, label }) };
  }
}
