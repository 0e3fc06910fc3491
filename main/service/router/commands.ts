/** The router of commands to copy. */
import { commandFor } from '../command-for.ts';
import { service } from './base.ts';

export const commandsRouter = service.commands.router({
  show: service.commands.show.handler(({ input, context: { core, paths } }) => {
    const subject = 'dataFile' in input ? { ...input, dataFile: core.files.resolve(input.dataFile, paths) } : input;
    return commandFor(core.workspace, subject);
  }),
});
