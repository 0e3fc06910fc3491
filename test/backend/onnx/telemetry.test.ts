import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const session = join(import.meta.dirname, '../../../main/backend/onnx/session.ts');
const graph = join(import.meta.dirname, '../../../main/graph/index.ts');

/** Run in a process with no environment but a home and a folder for temporary files. */
const script = `
  const { createOnnxBackend } = await import(process.argv[1]);
  const { GraphBuilder } = await import(process.argv[2]);
  const g = new GraphBuilder();
  const y = g.exp(g.input('x', { dtype: 'f32', shape: [1] }));
  const program = await createOnnxBackend({ provider: 'cpu', threads: 1 }).compile({ name: 'exp', outputs: { y }, frozen: null });
  console.log((await program.run({ x: Float32Array.of(0) })).y.data[0]);`;

test('onnxruntime makes no device id, no event queue and no log: nothing is reported to its maker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-telemetry-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const home = join(folder, 'home');
  mkdirSync(home);
  const environment = { HOME: home, USERPROFILE: home, TMPDIR: folder, TEMP: folder, TMP: folder };
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script, session, graph], { env: environment, encoding: 'utf8' });
  expect(output.trim()).toBe('1');
  expect(readdirSync(folder, { recursive: true })).toEqual(['home']);
});
