/** Settings of a workspace: what was set over the defaults. */
import { settingsSchema, type SettingKey, type Settings } from '../contract/api/settings.ts';
import { Problem } from '../contract/problem.ts';
import type { ReadableWorkspace, Workspace } from '../store/workspace.ts';
import { findCloseMatch } from './close-match.ts';

export const defaultSettings: Settings = {
  theme: 'system',
  language: 'en',
  defaultThreads: null,
  hubEndpoint: 'https://huggingface.co',
  telemetry: 'none',
};

export const settingKeys = settingsSchema.keyof().options;

/** A value that this version does not know (written by a later one) counts as not set. */
export function readSettings(workspace: ReadableWorkspace): Settings {
  const stored = workspace.settings.readAll();
  const known = settingKeys.flatMap((key): [string, unknown][] => {
    const parsed = settingsSchema.shape[key].safeParse(stored[key]);
    return key in stored && parsed.success ? [[key, parsed.data]] : [];
  });
  return settingsSchema.parse({ ...defaultSettings, ...Object.fromEntries(known) });
}

/** All of the changes or none. @throws {Problem} `setting-invalid` */
export function changeSettings(workspace: Workspace, changes: Partial<Settings>): Settings {
  const parsed = settingsSchema.partial().safeParse(changes);
  if (!parsed.success) {
    const key = String(parsed.error.issues[0]?.path[0] ?? '');
    throw invalid(key, changes[key as SettingKey], parsed.error.issues[0]?.message ?? '');
  }
  workspace.settings.set(Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined)));
  return readSettings(workspace);
}

/** @param key null resets all. */
export function resetSettings(workspace: Workspace, key: SettingKey | null): Settings {
  workspace.settings.reset(key);
  return readSettings(workspace);
}

/** @throws {Problem} `setting-unknown` */
export function parseSettingKey(text: string): SettingKey {
  const key = settingKeys.find((known) => known === text);
  if (key !== undefined) return key;
  const close = findCloseMatch(text, settingKeys);
  throw new Problem({
    code: 'setting-unknown',
    found: `the setting ${JSON.stringify(text.slice(0, 80))}`,
    expected: `one of ${settingKeys.join(', ')}`,
    action: close === null ? 'Choose one of these.' : `Did you mean ${close}?`,
  });
}

/** A value as a person types it: `null`, numbers, true and false as in JSON, anything else as text. @throws {Problem} `setting-invalid` */
export function parseSettingValue(key: SettingKey, text: string): Partial<Settings> {
  const schema = settingsSchema.shape[key];
  for (const value of [text, parseJson(text)]) {
    const parsed = schema.safeParse(value);
    if (parsed.success) return { [key]: parsed.data };
  }
  throw invalid(key, text, schema.safeParse(parseJson(text) ?? text).error?.issues[0]?.message ?? '');
}

function invalid(key: string, value: unknown, issue: string): Problem {
  return new Problem({
    code: 'setting-invalid',
    found: `${JSON.stringify(value)?.slice(0, 80) ?? 'nothing'} for ${key}`,
    expected: `a value that the setting takes (${issue})`,
    action: 'See: souffleur settings get',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
