/** The queue router. */
import { service } from './base.ts';

export const queueRouter = service.queue.router({
  list: service.queue.list.handler(({ context }) => context.core.queue.list()),
  add: service.queue.add.handler(({ input, context }) => context.core.queue.add(input.runs, input)),
  move: service.queue.move.handler(({ input, context }) => context.core.queue.move(input.entry, input)),
  pause: service.queue.pause.handler(({ input, context }) => context.core.queue.pause(input.entry)),
  resume: service.queue.resume.handler(({ input, context }) => context.core.queue.resume(input.entry)),
  cancel: service.queue.cancel.handler(({ input, context }) => context.core.queue.cancel(input.entry)),
  stopAndKeepBest: service.queue.stopAndKeepBest.handler(({ input, context }) => context.core.queue.stopAndKeepBest(input.entry)),
  pauseQueue: service.queue.pauseQueue.handler(({ context }) => context.core.queue.pauseQueue()),
  resumeQueue: service.queue.resumeQueue.handler(({ context }) => context.core.queue.resumeQueue()),
  putBack: service.queue.putBack.handler(({ context }) => context.core.queue.putBack()),
  settings: service.queue.settings.handler(({ context }) => context.core.queue.settings()),
  changeSettings: service.queue.changeSettings.handler(({ input, context }) => context.core.queue.changeSettings(input)),
});
