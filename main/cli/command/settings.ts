/** `souffleur settings …` */
import type { Command } from 'commander';
import type { Settings } from '../../contract/api/settings.ts';
import type { CommandContext } from '../context.ts';
import { formatFields } from '../table.ts';
import { reading, writing } from '../workspace-access.ts';

export function addSettingsCommands(program: Command, context: CommandContext): void {
  const settings = program.command('settings').description('what the workspace does unless it is told otherwise');
  settings.command('get [key]').description('show all settings, or one').action((key: string | undefined) => get(key, context));
  settings.command('set <key> <value>').description('change a setting').action((key: string, value: string) => set(key, value, context));
  settings.command('reset [key]').description('bring a setting back to its default; without a key all of them').action((key: string | undefined) => reset(key, context));
}

async function get(text: string | undefined, context: CommandContext): Promise<void> {
  const { parseSettingKey, readSettings } = await import('../../service/settings.ts');
  const key = text === undefined ? null : parseSettingKey(text);
  const settings = await reading(context, readSettings);
  const shown = key === null ? settings : { [key]: settings[key] };
  context.output.result({ settings: shown }, () => describe(shown));
}

async function set(text: string, value: string, context: CommandContext): Promise<void> {
  const { changeSettings, parseSettingKey, parseSettingValue } = await import('../../service/settings.ts');
  const change = parseSettingValue(parseSettingKey(text), value);
  const settings = await writing(context, { create: 'if-missing' }, async (workspace) => changeSettings(workspace, change));
  context.output.result({ settings }, () => describe(settings));
}

async function reset(text: string | undefined, context: CommandContext): Promise<void> {
  const { parseSettingKey, resetSettings } = await import('../../service/settings.ts');
  const key = text === undefined ? null : parseSettingKey(text);
  const settings = await writing(context, { create: 'never' }, async (workspace) => resetSettings(workspace, key));
  context.output.result({ settings }, () => describe(settings));
}

function describe(settings: Partial<Settings>): string {
  return formatFields(Object.entries(settings).map(([key, value]) => [key, String(value)] as const));
}
