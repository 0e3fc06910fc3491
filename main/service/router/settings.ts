/** The settings router. */
import type { Settings } from '../../contract/api/settings.ts';
import { changeSettings, readSettings, resetSettings } from '../settings.ts';
import type { RouterContext } from './base.ts';
import { service } from './base.ts';

export const settingsRouter = service.settings.router({
  get: service.settings.get.handler(({ context }) => readSettings(context.core.workspace)),
  set: service.settings.set.handler(({ input, context }) => {
    // A key that a client sends without a value is one that it leaves alone.
    const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Partial<Settings>;
    return tell(context, changeSettings(context.core.workspace, given));
  }),
  reset: service.settings.reset.handler(({ input, context }) => tell(context, resetSettings(context.core.workspace, input.key))),
});

function tell({ core }: RouterContext, settings: Settings): Settings {
  core.events.publish({ kind: 'changed', subject: 'settings', id: null });
  return settings;
}
