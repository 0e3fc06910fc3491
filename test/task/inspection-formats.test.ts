/** What `data inspect` makes of the forms that newer formats come in. */
import { describe, expect, it } from 'vitest';
import { inspectFile } from '../../main/task/inspection.ts';
import { temporaryFiles } from './temporary.ts';

const write = temporaryFiles();

describe('inspecting a file of grades', () => {
  const sentences = Array.from({ length: 30 }, (_, row) => `film ${row} , slow , long`);

  it('recognises SST-5 with a TAB and tells the broken row', async () => {
    const file = write('grades.tsv', [...sentences.map((sentence, row) => `${sentence}\t${row % 5}`), 'odd\t7'].join('\n'));
    const { format, labels, rows, warnings } = await inspectFile(file);
    expect({ format, rows, labels }).toEqual({
      format: 'sst5', rows: 31, labels: { 'very negative': 6, negative: 6, neutral: 6, positive: 6, 'very positive': 6 },
    });
    expect(warnings).toEqual([expect.objectContaining({ code: 'label-not-allowed', line: 31 })]);
  });

  it('recognises the text form whose commas are the sentences’ own', async () => {
    const file = write('grades.txt', sentences.map((sentence, row) => `${row % 5} ${row % 2 === 0 ? sentence : 'plain'}`).join('\n'));
    expect(await inspectFile(file)).toMatchObject({ format: 'sst5', rows: 30, labels: { neutral: 6 } });
  });

  it('leaves a CSV whose first column happens to begin with a digit a CSV', async () => {
    const file = write('houses.csv', ['1 Mill Lane is warm,good', '2 Mill Lane is cold,bad', '3 Mill Lane is dry,good', '4 Mill Lane is damp,bad'].join('\n'));
    expect(await inspectFile(file)).toMatchObject({ format: 'classification', fields: ['column1', 'column2'], labels: { good: 2, bad: 2 } });
  });
});

describe('inspecting a file of four-way questions', () => {
  it('counts the answers of RACE’s own nested form, and tells a passage with lists of different lengths', async () => {
    const options = [['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd']];
    const rows = [
      { id: 'middle1.txt', article: 'T.', questions: ['Q?', 'R?'], options, answers: ['A', 'C'] },
      { id: 'middle2.txt', article: 'U.', questions: ['Q?', 'R?'], options, answers: ['B'] },
    ];
    const file = write('passages.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    const inspection = await inspectFile(file);
    expect(inspection).toMatchObject({ format: 'race', rows: 2, labels: { A: 1, C: 1 } });
    expect(inspection.warnings).toEqual([expect.objectContaining({ code: 'lists-differ', line: 2 })]);
  });

  it('reads one of RACE’s files, a single object, as it is', async () => {
    const passage = { answers: ['D'], options: [['a', 'b', 'c', 'd']], questions: ['Q?'], article: 'T.\nU.', id: 'high7.txt' };
    expect(await inspectFile(write('7.txt', JSON.stringify(passage)))).toMatchObject({ format: 'race', labels: { D: 1 }, warnings: [] });
  });
});
