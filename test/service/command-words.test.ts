import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandText, powerShellText } from '../../main/service/command-words.ts';

/** What survives a process's argument list: anything but NUL, and whole characters. */
const word = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed().replaceAll('\0', ''));
const hard = fc.constantFrom("it's", '', ' ', '$HOME', '`x`', '"q"', '\\', 'a\nb', '~', '=ls', '*', '!', '#', '-x.y', '@a', 'a,b', '{1..3}', '’', '%PATH%', '--set', 'steps=4');

const hasPowerShell = spawnSync('pwsh', ['-v']).status === 0;

describe('a command line to paste', () => {
  it.each(['/bin/sh', 'bash'])('reaches a program as the same words through %s', (shell) => {
    fc.assert(fc.property(fc.array(fc.oneof(word, hard), { minLength: 1, maxLength: 6 }), (words) => {
      const program = [process.execPath, '-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--', ...words];
      const { stdout } = spawnSync(shell, ['-c', commandText(program)], { encoding: 'utf8' });
      expect(JSON.parse(stdout)).toEqual(words);
    }), { numRuns: 15 });
  });

  it('is as short as it can be', () => {
    expect(commandText(['souffleur', 'tune', '--resume', 'r0001,r0002', '--set', 'steps=4', './a/b.jsonl'])).toBe('souffleur tune --resume r0001,r0002 --set steps=4 ./a/b.jsonl');
    expect(commandText(["it's", ''])).toBe(String.raw`'it'\''s' ''`);
  });

  it('for PowerShell quotes what that shell reads in its own way: commas, @, words that begin with - and have a dot, its many quotes', () => {
    expect(powerShellText(['souffleur', '--labels', 'a=b,c=d', '@x', '-a.b', 'it’s', String.raw`C:\data\x.csv`, 'steps=4', '$env:X', '']))
      .toBe(String.raw`souffleur --labels 'a=b,c=d' '@x' '-a.b' 'it’’s' C:\data\x.csv steps=4 '$env:X' ''`);
  });

  it.skipIf(!hasPowerShell)('reaches a program as the same words through PowerShell (needs pwsh)', () => {
    fc.assert(fc.property(fc.array(hard, { minLength: 1, maxLength: 6 }), (words) => {
      const program = [process.execPath, '-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--', ...words];
      const { stdout } = spawnSync('pwsh', ['-NoProfile', '-Command', `& ${powerShellText(program)}`], { encoding: 'utf8' });
      expect(JSON.parse(stdout)).toEqual(words);
    }), { numRuns: 10 });
  });
});
