/** The ensembles router. */
import { parseRunId } from '../../store/identifiers.ts';
import { datasetPrefix } from '../dataset/dataset-name.ts';
import { resolveDataFile } from '../dataset/datasets.ts';
import { voteOnData, voteOnSplit, type EnsembleReport } from '../ensembles.ts';
import { tellJobProgress } from '../work-registry.ts';
import { listVotes, pageVotes } from '../vote-pages.ts';
import { service } from './base.ts';

export const ensemblesRouter = service.ensembles.router({
  list: service.ensembles.list.handler(({ context }) => listVotes(context.core.workspace)),
  voteOnSplit: service.ensembles.voteOnSplit.handler(async ({ input, context: { core } }) => {
    const report = await voteOnSplit(core.workspace, { runs: input.runs.map(parseRunId), split: input.split });
    core.events.publish({ kind: 'changed', subject: 'ensembles', id: report.votesObject });
    return report;
  }),
  voteOnData: service.ensembles.voteOnData.handler(({ input, context: { core, paths } }) => {
    const runs = input.runs.map(parseRunId);
    const dataFile = input.dataFile.startsWith(datasetPrefix) ? resolveDataFile(core.workspace, input.dataFile) : core.files.resolve(input.dataFile, paths);
    const { id } = core.work.start({
      label: `Vote of ${runs.length} prompts`,
      subject: 'ensembles',
      run: ({ signal, tell }) => voteOnData(core.workspace, { runs, dataFile, signal, onEvent: tellJobProgress(tell) }),
    });
    return { task: id };
  }),
  outcome: service.ensembles.outcome.handler(({ input, context }) => context.core.work.resultOf(input.task, 'ensembles') as EnsembleReport | null),
  examples: service.ensembles.examples.handler(({ input, context }) => pageVotes(context.core.workspace, input)),
});
