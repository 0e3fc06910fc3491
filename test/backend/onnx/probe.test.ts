import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { providers } from '../../../main/backend/backend.ts';
import { cleanReason, probeProviders, type ProviderProbe } from '../../../main/backend/onnx/probe.ts';

test('every provider is tried: the CPU works, the others work or say why not', async () => {
  const probes = await probeProviders();
  expect(probes.map(({ provider }) => provider)).toEqual([...providers]);
  expect(probes[0]).toMatchObject({ provider: 'cpu', available: true, reason: null });
  for (const { available, reason, milliseconds } of probes) {
    expect(reason === null).toBe(available);
    expect(reason ?? 'works').toMatch(/^\S.*[^.\s]$/);
    expect(milliseconds).toBeGreaterThan(0);
  }
});

test.skipIf(process.platform === 'win32')('DirectML is not in the build for this system', async () => {
  const probes = await probeProviders();
  expect(probes.find(({ provider }) => provider === 'dml')).toMatchObject({ available: false, reason: '[dml] backend not found' });
});

test('a process that probes three times ends by itself, its output clean', async () => {
  const script = `
    import { probeProviders } from ${JSON.stringify(join(import.meta.dirname, '../../../main/backend/onnx/probe.ts'))};
    const counts = [];
    for (let i = 0; i < 3; i += 1) counts.push((await probeProviders()).length);
    console.log(JSON.stringify(counts));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '--eval', script], { timeout: 60_000 });
  expect(JSON.parse(stdout)).toEqual([providers.length, providers.length, providers.length]);
});

test.each([
  ['no available backend found. ERR: [dml] backend not found.', '[dml] backend not found'],
  ['OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library', 'Failed to load shared library'],
  [
    '/src/core/providers/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::Initialize(const Config&)::<lambda()> adapter_result.status == Success was false. Failed to get a WebGPU adapter: No supported adapters',
    'Failed to get a WebGPU adapter: No supported adapters',
  ],
  ['[ONNXRuntimeError] : 1 : FAIL : CUDA failure 35\n  at line 3', 'CUDA failure 35'],
  ['\n\n  second line first ', 'second line first'],
  ['', 'no reason given'],
])('the reason of %j is %j', (message: string, reason: ProviderProbe['reason']) => {
  expect(cleanReason(new Error(message))).toBe(reason);
});
