import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../main/contract/problem.ts';
import { findMethod, trainingMethods } from '../../main/method/index.ts';
import { findCloseMatch } from '../../main/service/close-match.ts';
import { defaultSettings, parseSettings, resolveFileSettings } from '../../main/service/method-settings.ts';

const method = findMethod('prompt-tuning');

function problemOf(...assignments: string[]): Problem {
  try {
    parseSettings(method, assignments);
  } catch (thrown) {
    return thrown as Problem;
  }
  throw new Error('nothing was thrown');
}

describe('settings of a method', () => {
  it('are its defaults where nothing is set, for every method', () => {
    for (const each of trainingMethods) expect(parseSettings(each, [])).toEqual(each.schema.parse({}));
  });

  it('take text as the number, switch or word that is meant, the last of a repeated key', () => {
    const settings = parseSettings(method, ['steps=10', 'learningRate=3e-1', 'parameterScale=true', 'microBatch=4', 'init=string', 'initText=a = b', 'steps=20']);
    expect(settings).toMatchObject({ steps: 20, learningRate: 0.3, parameterScale: true, microBatch: 4, init: 'string', initText: 'a = b' });
  });

  it('name every key with its default, and the closest one, for an unknown key', () => {
    const problem = problemOf('promtLength=5');
    expect(problem).toMatchObject({ code: 'setting-unknown', kind: 'input', action: 'Did you mean promptLength?' });
    for (const [key, value] of Object.entries(defaultSettings(method))) expect(problem.expected).toContain(`${key}=${value === '' ? '""' : String(value)}`);
  });

  it('take no key from the prototype of objects', () => {
    expect(problemOf('constructor=1').code).toBe('setting-unknown');
    expect(problemOf('__proto__=1').code).toBe('setting-unknown');
  });

  it.each([
    ['steps=abc', 'steps to be a whole number from 1 to 10000000'],
    ['steps=1.5', 'steps to be a whole number from 1 to 10000000'],
    ['steps=', 'steps to be a whole number from 1 to 10000000'],
    ['weightDecay= ', 'weightDecay to be a number of at least 0 and below 1'],
    ['warmupSteps=-1', 'warmupSteps to be a whole number of at least 0'],
    ['microBatch=few', 'microBatch to be “auto” or a whole number of at least 1'],
    ['parameterScale=maybe', 'parameterScale to be true or false'],
    ['schedule=cosine', 'schedule to be one of constant, linear, inverse-square-root'],
    ['optimizer=sgd', 'optimizer to be adafactor or adamw'],
  ])('refuse %s and say what is allowed', (assignment, expected) => {
    expect(problemOf(assignment)).toMatchObject({ code: 'setting-value', kind: 'input', expected });
    expect(problemOf(assignment).found).toContain(assignment.split('=')[0]);
  });

  it.each(['steps', '=5', ''])('refuse “%s”, which is no key=value', (assignment) => {
    expect(problemOf(assignment).code).toBe('setting-form');
  });

  it('end in settings or a Problem whatever is typed', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.tuple(fc.constantFrom(...Object.keys(defaultSettings(method))), fc.string()).map(([key, value]) => `${key}=${value}`))), (assignments) => {
      try {
        expect(Object.keys(parseSettings(method, assignments)).sort()).toEqual(Object.keys(defaultSettings(method)).sort());
      } catch (thrown) {
        expect((thrown as Problem).code).toMatch(/^setting-/);
      }
    }));
  });

  it('name files absolutely, so that a resume from another folder finds them', () => {
    expect(resolveFileSettings({ initFile: 'prompt.npy', initText: 'prompt.npy' })).toEqual({ initFile: `${process.cwd()}/prompt.npy`, initText: 'prompt.npy' });
    expect(resolveFileSettings({ initFile: '' })).toEqual({ initFile: '' });
  });
});

describe('a close match', () => {
  it.each([['stpes', 'steps'], ['STEPS', 'steps'], ['batchsize', 'batchSize'], ['optimiser', 'optimizer']])('of %s is %s', (word, expected) => {
    expect(findCloseMatch(word, Object.keys(defaultSettings(method)))).toBe(expected);
  });

  it('is nothing for a word that is like none', () => {
    expect(findCloseMatch('xyzzy', ['steps', 'batchSize'])).toBeNull();
    expect(findCloseMatch('', ['steps'])).toBeNull();
  });
});
