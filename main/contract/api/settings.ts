/** Settings of a workspace: a closed list, each with a default. */
import { z } from 'zod';
import { procedure } from './procedure.ts';

export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark', 'high-contrast']),
  /** Of the window, BCP 47. */
  language: z.enum(['en', 'de', 'ru']),
  /** Processor threads of a run that names none; null takes all. */
  defaultThreads: z.int().min(1).max(1024).nullable(),
  /** Where models and data sets are downloaded from: the hub itself or a mirror of it. */
  hubEndpoint: z.url({ protocol: /^https?$/ }),
  /** Nothing is ever sent anywhere; the setting says so where people look for it. */
  telemetry: z.literal('none'),
});
export type Settings = z.infer<typeof settingsSchema>;
export const settingKeySchema = settingsSchema.keyof();
export type SettingKey = z.infer<typeof settingKeySchema>;

export const settingsContract = {
  get: procedure.output(settingsSchema),
  /** @returns all settings as they are now. */
  set: procedure.input(settingsSchema.partial()).output(settingsSchema),
  /** Null resets all. */
  reset: procedure.input(z.object({ key: settingKeySchema.nullable() })).output(settingsSchema),
};
