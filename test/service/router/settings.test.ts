import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalClient } from '../../../main/service/router/index.ts';
import { defaultSettings, parseSettingValue, settingKeys } from '../../../main/service/settings.ts';
import { makeBench, type Bench } from '../fixture/workspace.ts';

let bench: Bench;
beforeEach(() => {
  bench = makeBench();
});
afterEach(() => bench.remove());

const client = () => createLocalClient(bench.core);

describe('settings', () => {
  it('are the defaults until they are set, stay through a restart, and go back one by one or together', async () => {
    expect(await client().settings.get()).toEqual(defaultSettings);
    expect(await client().settings.set({ theme: 'dark', defaultThreads: 2 })).toEqual({ ...defaultSettings, theme: 'dark', defaultThreads: 2 });
    bench.reopen();
    expect(await client().settings.reset({ key: 'theme' })).toEqual({ ...defaultSettings, defaultThreads: 2 });
    expect(await client().settings.reset({ key: null })).toEqual(defaultSettings);
  });

  it('are all set or none, and tell whoever watches', async () => {
    await expect(client().settings.set({ theme: 'dark', hubEndpoint: 'ftp://x' })).rejects.toThrow();
    await expect(client().settings.set({ telemetry: 'all' } as never)).rejects.toThrow();
    await expect(client().settings.set({ colour: 'red' } as never)).rejects.toThrow();
    expect(await client().settings.get()).toEqual(defaultSettings);
    const before = bench.core.events.position();
    await client().settings.set({ language: 'ru' });
    expect(bench.core.events.position().sequence).toBe(before.sequence + 1);
  });

  it('that another version wrote do not keep this one from starting', () => {
    bench.workspace.settings.set({ theme: 'sepia', invented: 3, defaultThreads: 4 });
    return expect(client().settings.get()).resolves.toEqual({ ...defaultSettings, defaultThreads: 4 });
  });

  it('can be typed: every default comes back from its own text', () => {
    for (const key of settingKeys) {
      const value = defaultSettings[key];
      expect(parseSettingValue(key, value === null ? 'null' : String(value))).toEqual({ [key]: value });
    }
    expect(() => parseSettingValue('defaultThreads', 'many')).toThrow(expect.objectContaining({ code: 'setting-invalid' }));
  });
});
