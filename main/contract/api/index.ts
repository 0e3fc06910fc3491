/** The whole contract: one router a service. The window, the browser and the terminal speak it over three transports. */
import { eventsContract } from './events.ts';
import { checkpointsContract } from './checkpoints.ts';
import { commandsContract } from './commands.ts';
import { reproductionsContract } from './reproductions.ts';
import { comparisonsContract } from './comparisons.ts';
import { datasetsContract } from './datasets.ts';
import { devicesContract } from './devices.ts';
import { ensemblesContract } from './ensembles.ts';
import { queueContract } from './queue.ts';
import { runsContract } from './runs.ts';
import { packsContract } from './packs.ts';
import { publishedContract } from './published.ts';
import { settingsContract } from './settings.ts';
import { studiesContract } from './studies.ts';
import { tasksContract } from './tasks.ts';
import { workContract } from './work.ts';
import { modelsContract } from './models.ts';

export const contract = {
  events: eventsContract,
  models: modelsContract,
  datasets: datasetsContract,
  checkpoints: checkpointsContract,
  commands: commandsContract,
  reproductions: reproductionsContract,
  comparisons: comparisonsContract,
  devices: devicesContract,
  ensembles: ensemblesContract,
  packs: packsContract,
  published: publishedContract,
  queue: queueContract,
  runs: runsContract,
  settings: settingsContract,
  studies: studiesContract,
  tasks: tasksContract,
  work: workContract,
};
