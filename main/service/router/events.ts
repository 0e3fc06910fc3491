/** The events router. */
import { service } from './base.ts';

export const eventsRouter = service.events.router({
  watch: service.events.watch.handler(async function* ({ input, context, signal }) {
    yield* context.core.events.watch(input.after, signal);
  }),
  position: service.events.position.handler(({ context }) => context.core.events.position()),
});
