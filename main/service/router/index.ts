/** The whole router: what every transport serves. */
import { createRouterClient, type RouterClient } from '@orpc/server';
import type { Core } from '../core.ts';
import { service } from './base.ts';
import { eventsRouter } from './events.ts';
import { checkpointsRouter } from './checkpoints.ts';
import { commandsRouter } from './commands.ts';
import { reproductionsRouter } from './reproductions.ts';
import { comparisonsRouter } from './comparisons.ts';
import { datasetsRouter } from './datasets.ts';
import { devicesRouter } from './devices.ts';
import { ensemblesRouter } from './ensembles.ts';
import { queueRouter } from './queue.ts';
import { runsRouter } from './runs.ts';
import { packsRouter } from './packs.ts';
import { publishedRouter } from './published.ts';
import { settingsRouter } from './settings.ts';
import { studiesRouter } from './studies.ts';
import { tasksRouter } from './tasks.ts';
import { workRouter } from './work.ts';
import { modelsRouter } from './models.ts';

export const router = service.router({
  events: eventsRouter,
  models: modelsRouter,
  datasets: datasetsRouter,
  checkpoints: checkpointsRouter,
  commands: commandsRouter,
  reproductions: reproductionsRouter,
  comparisons: comparisonsRouter,
  devices: devicesRouter,
  ensembles: ensemblesRouter,
  packs: packsRouter,
  published: publishedRouter,
  queue: queueRouter,
  runs: runsRouter,
  settings: settingsRouter,
  studies: studiesRouter,
  tasks: tasksRouter,
  work: workRouter,
});

/** The contract as plain calls in this process: what the command line uses. */
export function createLocalClient(core: Core): RouterClient<typeof router> {
  return createRouterClient(router, { context: { core, paths: 'any' } });
}
