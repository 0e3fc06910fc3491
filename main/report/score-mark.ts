/** Marks that bars and zoomed dots share, so that they mean the same in both. */
import { line } from './chart.ts';
import { drawMarker, lookOf, type Look } from './look.ts';
import { coordinate, element, text, type Markup } from './markup.ts';
import { scoreText } from './number-text.ts';

/** A whisker with its caps, between two pixels. */
export function drawInterval(low: number, high: number, middle: number): Markup[] {
  return [
    line(low, middle, high, middle, 'mark whisker'),
    line(low, middle - 3, low, middle + 3, 'mark'),
    line(high, middle - 3, high, middle + 3, 'mark'),
  ];
}

/** A triangle that points down at the score of the run that dev chose; `y` is where its tip is. */
export function drawBest(best: number | null, { look, x, y }: { look: Look; x: (score: number) => number; y: number }): Markup[] {
  if (best === null || !Number.isFinite(best)) return [];
  return [
    element('path', { d: `M${coordinate(x(best))} ${coordinate(y)}l-3.5 -5h7z`, class: `ink-${look.family} best` }, [
      element('title', {}, [text(`chosen by dev: ${scoreText(best)}`)]),
    ]),
  ];
}

/** A diamond under the score of the vote; `y` is its upper tip. */
export function drawVote(vote: number | null, { x, y }: { x: (score: number) => number; y: number }): Markup[] {
  if (vote === null || !Number.isFinite(vote)) return [];
  return [drawMarker(lookOf('ensemble'), x(vote), y + 2, 3, text(`vote: ${scoreText(vote)}`))];
}
