import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseModelName, parseObjectHash, parseRunId, runIdOf, runNumberOf } from '../../main/store/identifiers.ts';
import { problemOf } from './fixture.ts';

test('a run id is read as a person types it and keeps its number', () => {
  expect(['r0007', 'r7', 'R7', ' r07 '].map(parseRunId)).toEqual(['r0007', 'r0007', 'r0007', 'r0007']);
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e12 }), (number) => {
    expect(parseRunId(runIdOf(number))).toBe(runIdOf(number));
    expect(runNumberOf(runIdOf(number))).toBe(number);
  }));
});

test.each(['', 'r', 'r0', '7', 'r-1', 'r1.5', 'r1 r2', 'run7', 'r9999999999999999'])('%j is no run id', (text) => {
  expect(problemOf(() => parseRunId(text)).code).toBe('run-id-invalid');
});

test('model names may look like hub ids and be of any script', () => {
  for (const name of ['t5-small', 'google/t5-base-lm-adapt', 'модель_2', 'a']) expect(parseModelName(name)).toBe(name);
  // Decomposed and composed é are one name.
  expect(parseModelName('cafe\u0301')).toBe(parseModelName('caf\u00e9'));
});

test.each(['', ' ', 'a b', '../up', '/abs', 'end/', 'a\u0000b', '-rf', 'x'.repeat(101)])('%j is no model name', (name) => {
  expect(problemOf(() => parseModelName(name)).code).toBe('model-name-invalid');
});

test('only 64 lower-case hexadecimal digits are a hash', () => {
  expect(parseObjectHash('0a'.repeat(32))).toHaveLength(64);
  for (const text of ['0a'.repeat(31), '0A'.repeat(32), `${'0a'.repeat(32)}\n`, '../../etc/passwd']) {
    expect(problemOf(() => parseObjectHash(text)).code).toBe('object-hash-invalid');
  }
});
