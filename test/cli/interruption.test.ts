import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const stubborn = fileURLToPath(new URL('./fixture/stubborn.ts', import.meta.url));

describe('Ctrl-C', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('asks a command to stop the first time and kills its work the second time (%s)', async (signal) => {
    const child = spawn(process.execPath, [stubborn], { stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (text.includes('ready') || text.includes('cancel')) child.kill(signal);
    });
    await new Promise((resolve) => {
      child.once('close', resolve);
    });
    expect(output).toBe('ready\ncancel\nkilled\n');
  });
});
