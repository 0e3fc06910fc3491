/** What was done in a window, as a command for a terminal or a script. */
import { z } from 'zod';
import { answerConventionSchema } from '../worker-protocol.ts';
import { procedure } from './procedure.ts';
import { splitSchema } from './scores.ts';

export const commandSubjectSchema = z.discriminatedUnion('kind', [
  /** The same run, made anew. */
  z.object({ kind: z.literal('run'), run: z.string() }),
  z.object({ kind: z.literal('resume'), run: z.string() }),
  z.object({ kind: z.literal('reproduce'), run: z.string() }),
  z.object({ kind: z.literal('evaluation'), run: z.string(), dataFile: z.string() }),
  z.object({ kind: z.literal('study'), name: z.string() }),
  z.object({ kind: z.literal('model'), name: z.string() }),
  z.object({ kind: z.literal('model-download'), id: z.string(), revision: z.string().default('main'), name: z.string().nullable().default(null), convention: answerConventionSchema.nullable().default(null) }),
  z.object({ kind: z.literal('comparison'), runs: z.array(z.string()).min(2), split: splitSchema.default('test'), scope: z.enum(['all', 'common']).default('all') }),
  z.object({ kind: z.literal('vote-on-split'), runs: z.array(z.string()).min(2), split: splitSchema.default('test') }),
  z.object({ kind: z.literal('vote-on-data'), runs: z.array(z.string()).min(2), dataFile: z.string() }),
]);
export type CommandSubject = z.infer<typeof commandSubjectSchema>;

export const commandTextSchema = z.object({
  /** Unquoted. */
  words: z.array(z.string()),
  /** For sh, bash and zsh. */
  posix: z.string(),
  /** For PowerShell on any system. */
  powershell: z.string(),
});

export const commandsContract = {
  show: procedure.input(commandSubjectSchema).output(commandTextSchema),
};
