import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeCsv } from '../../../main/report/export/csv.ts';
import { numberCell, textCell, type ExportTable, type PlainCell } from '../../../main/report/export/table.ts';
import { hostileText } from './hostile.ts';

function table(rows: PlainCell[][]): ExportTable<PlainCell> {
  return { caption: '', columns: [{ title: 'x', align: 'left' }, { title: 'y', align: 'left' }], rows: rows.map((cells) => ({ cells })), notes: [] };
}

describe('CSV', () => {
  it('gives every text back to a strict reader, with an apostrophe in front where a spreadsheet would run it', () => {
    fc.assert(fc.property(fc.array(fc.tuple(hostileText, hostileText), { minLength: 1, maxLength: 5 }), (rows) => {
      const text = writeCsv(table(rows.map((row) => row.map(textCell))));
      const [, ...read] = parse(text, { record_delimiter: '\r\n' }) as string[][];
      const whole = rows.flat().map((field) => field.replaceAll('\0', '\uFFFD').toWellFormed());
      expect(read.flat()).toEqual(whole.map((field) => (/^\s*[=+\-@＝＋－＠\t\r]/.test(field) ? `'${field}` : field)));
    }));
  });

  it('ends every line with CR LF, doubles quotes and leaves numbers bare, with all their digits and nothing for none', () => {
    const rows = [[textCell('a "b"'), numberCell(-0.1234567890123, 'share')], [textCell('c\nd'), numberCell(null, 'count')]];
    expect(writeCsv(table(rows))).toBe('"x","y"\r\n"a ""b""",-0.1234567890123\r\n"c\nd",\r\n');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('has nothing where a number is %f', (value) => {
    expect(writeCsv(table([[textCell('a'), numberCell(value, 'share')]]))).toBe('"x","y"\r\n"a",\r\n');
  });
});
