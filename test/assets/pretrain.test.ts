import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createMuon } from '../../assets/backbone/muon.ts';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import { encodeSafetensors, readSafetensorsHeader } from '../../main/model/safetensors.ts';

const script = join(import.meta.dirname, '../../assets/backbone/pretrain.ts');
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function pretrain(folder: string, ...more: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [
    script, '--folder', folder, '--span-steps', '4', '--lm-steps', '2', '--examples', '8', '--passes', '2', '--save-every', '1', '--probe-every', '100', '--probe-questions', '8', '--threads', '1', ...more,
  ], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-pretrain-'));
  folders.push(folder);
  return folder;
}

describe('pre-training', () => {
  it('goes on where it stopped, in both stages, and ends with the same bytes', () => {
    const [whole, cut] = [freshFolder(), freshFolder()];
    pretrain(whole);
    pretrain(cut, '--stop-after', '3');
    pretrain(cut, '--stop-after', '2');
    pretrain(cut);
    for (const file of ['span-corruption.safetensors', 'lm-adaptation.safetensors', 'curve.csv']) {
      expect(readFileSync(join(cut, file)).equals(readFileSync(join(whole, file))), file).toBe(true);
    }
  }, 240_000);

  it.each([
    [['--span-steps', 'many'], '--span-steps many'],
    [['--spam-steps', '4'], '--spam-steps'],
    [['--examples', '5', '--passes', '2'], 'passes of one size'],
  ])('refuses %j with a sentence, before it writes anything', (args, said) => {
    const folder = join(freshFolder(), 'never');
    const { status, stderr } = spawnSync(process.execPath, [script, '--folder', folder, ...args], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(folder)).toBe(false);
  });

  it('asked to stop, saves the step in hand', async () => {
    const folder = freshFolder();
    const trainer = spawn(process.execPath, [script, '--folder', folder, '--examples', '8', '--save-every', '100000', '--threads', '1'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(trainer, 'exit');
    let said = '';
    trainer.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await vi.waitUntil(() => said.includes('span-corruption 1/'), { timeout: 60_000 });
    trainer.kill('SIGINT');
    expect((await ended)[0]).toBe(0);
    const { metadata } = await readSafetensorsHeader(join(folder, 'state.safetensors'));
    expect((JSON.parse(metadata['state'] ?? '') as { step: number }).step).toBeGreaterThanOrEqual(1);
  }, 120_000);

  it('names a state that is none', () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'state.safetensors'), encodeSafetensors([], { state: '{"step":-1}' }));
    const { status, stderr } = spawnSync(process.execPath, [script, '--folder', folder], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('no state of a pre-training');
  });
});

describe('Muon', () => {
  it('steps as far in every direction of a matrix, whatever the gradient’s scale', async () => {
    const shape = [24, 40];
    const values = new Float32Array(24 * 40);
    const muon = await createMuon(createOnnxBackend({ provider: 'cpu', threads: 1 }), [{ name: 'encoder.block.0.layer.0.SelfAttention.q.weight', shape, values }]);
    // Singular values from 1 to 0.1 along the axes.
    const gradient = new Float32Array(24 * 40);
    for (let i = 0; i < 24; i += 1) gradient[i * 40 + i] = 1e-3 * (1 - (0.9 * i) / 23);
    await muon.step([gradient], 1);
    await muon.close();
    const unit = 0.2 * Math.sqrt(40);
    for (let i = 0; i < 24; i += 1) {
      const along = -(values[i * 40 + i] ?? 0) / unit;
      // Five iterations bring singular values near one, not to it (Jordan et al. 2024: 0.7 to 1.2).
      expect(along).toBeGreaterThan(0.6);
      expect(along).toBeLessThan(1.3);
    }
  });
});
