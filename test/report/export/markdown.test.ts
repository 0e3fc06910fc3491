import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeMarkdown, writeMarkdown } from '../../../main/report/export/markdown.ts';
import { textCell } from '../../../main/report/export/table.ts';
import { hostileText, hostileTexts } from './hostile.ts';

/** What a reader of the rendered page sees, as far as escapes go. */
function rendered(markdown: string): string {
  return markdown.replaceAll(/\\([\\`*_{}[\]~|$#:.])/g, '$1').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

describe('Markdown', () => {
  it.each(hostileTexts)('shows %j as it is written and leaves no mark alive', (text) => {
    const escaped = escapeMarkdown(text);
    expect(rendered(escaped)).toBe(text.toWellFormed().replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' '));
    expect(escaped.replaceAll(/\\./g, '')).not.toMatch(/[`*_[\]~|$<>]|:\/\/|www\./);
  });

  it('keeps a table’s rows and columns whatever its cells hold', () => {
    fc.assert(fc.property(fc.array(fc.tuple(hostileText, hostileText), { minLength: 1, maxLength: 4 }), (rows) => {
      const text = writeMarkdown('t', [{
        caption: 'c', columns: [{ title: 'a', align: 'left' }, { title: 'b', align: 'right' }], rows: rows.map((row) => ({ cells: row.map(textCell) })), notes: [],
      }]);
      const lines = text.trimEnd().split('\n').slice(4);
      expect(lines).toHaveLength(rows.length + 2);
      for (const line of lines) expect(line.replaceAll(/\\./g, '').match(/\|/g)).toHaveLength(3);
    }));
  });

  it('marks the best and its stars, and says how columns stand', () => {
    const text = writeMarkdown('Title', [{
      caption: 'Scores',
      columns: [{ title: 'method', align: 'left' }, { title: 'rte', align: 'right' }],
      rows: [
        { cells: [textCell('PT'), { kind: 'spread', mean: 0.7321, standardDeviation: 0.014, count: 5, mark: '**' }] },
        { cells: [textCell('FT'), { kind: 'spread', mean: 0.8, standardDeviation: null, count: 1, isBest: true }] },
      ],
      notes: ['Best is bold.'],
    }]);
    expect(text).toBe('# Title\n\n## Scores\n\n| method | rte |\n| :--- | ---: |\n| PT | 73.2 ± 1.4 (5)\\*\\* |\n| FT | **80.0** |\n\nBest is bold.\n');
  });
});
