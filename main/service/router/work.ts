/** The router of long work. */
import { service } from './base.ts';

export const workRouter = service.work.router({
  list: service.work.list.handler(({ context }) => context.core.work.list()),
  show: service.work.show.handler(({ input, context }) => context.core.work.get(input.task)),
  cancel: service.work.cancel.handler(({ input, context }) => context.core.work.cancel(input.task)),
});
