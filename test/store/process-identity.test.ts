import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { findProcessState, identifyProcess } from '../../main/store/process-identity.ts';

test('this process is alive, and one that has ended is gone', () => {
  expect(findProcessState(identifyProcess(process.pid))).toBe('alive');
  const { pid } = spawnSync(process.execPath, ['--version']);
  expect(findProcessState(identifyProcess(pid))).toBe('gone');
});

test('a process that reuses the id of another is not the other', (context) => {
  if (!existsSync('/proc/self/stat')) return context.skip('this system does not tell when a process started');
  const identity = identifyProcess(process.pid);
  expect(findProcessState({ ...identity, startToken: 'another boot:1' })).toBe('gone');
});

test('an ended process that nobody has asked about yet is gone', async (context) => {
  if (!existsSync('/proc/self/stat')) return context.skip('this system does not tell the state of a process');
  // The shell's child ends at once; the program that replaces the shell never asks how.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [output] = (await once(parent.stdout, 'data')) as [Buffer];
  const identity = identifyProcess(Number(output.toString()));
  await expect.poll(() => findProcessState({ ...identity, startToken: null })).toBe('gone');
});

test('a process of another host cannot be seen from here', () => {
  expect(findProcessState({ ...identifyProcess(process.pid), host: 'elsewhere.example' })).toBe('elsewhere');
});
