/** The router of reproductions. */
import type { ReproductionReport } from '../../contract/api/reproductions.ts';
import { parseRunId } from '../../store/identifiers.ts';
import { requireIdle } from '../idle.ts';
import { createReproduction, executeReproduction, reportReproduction } from '../reproduction.ts';
import { publishJobEvents } from '../run-events.ts';
import { tellJobProgress } from '../work-registry.ts';
import { service } from './base.ts';

export const reproductionsRouter = service.reproductions.router({
  start: service.reproductions.start.handler(async ({ input, context: { core } }) => {
    requireIdle(core);
    const run = await createReproduction(core.workspace, { run: parseRunId(input.run), threads: input.threads });
    core.events.publish({ kind: 'changed', subject: 'runs', id: run.id });
    const { id } = core.work.start({
      label: `Run ${input.run} again`,
      subject: 'runs',
      run: async ({ signal, tell }) => {
        const [told, published] = [tellJobProgress(tell), publishJobEvents(core.events, [run.id])];
        const execution = executeReproduction(core.workspace, run, {
          onEvent(event) {
            told(event);
            published(event);
          },
        });
        signal.addEventListener('abort', () => execution.cancel(), { once: true });
        if (signal.aborted) execution.cancel();
        return execution.finished;
      },
    });
    return { task: id, run: run.id };
  }),
  outcome: service.reproductions.outcome.handler(({ input, context }) => context.core.work.resultOf(input.task, 'runs') as ReproductionReport | null),
  compare: service.reproductions.compare.handler(({ input, context }) =>
    reportReproduction(context.core.workspace, { original: parseRunId(input.original), reproduction: parseRunId(input.reproduction) })),
});
