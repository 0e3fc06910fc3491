/** `souffleur checkpoints derive`: tuning that begins with another run's prompt. */
import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { describeRuns } from '../run-text.ts';
import { writing } from '../workspace-access.ts';
import { parseSeeds, performRuns } from './tune.ts';

interface DeriveOptions {
  task?: string;
  pvp?: string;
  train: string;
  dev?: string;
  test?: string;
  model?: string;
  labels?: string[];
  set: string[];
  seed: number[];
}

const help = `
The new run takes the source run’s model and settings, unless said otherwise, and records where it began. A longer prompt gives its first
rows; where the source is shorter, the rest is sampled from the vocabulary. The same with every setting by hand:
  souffleur tune … --set init=checkpoint:r0001/300`;

export function addDeriveCommand(checkpoints: Command, context: CommandContext): void {
  checkpoints
    .command('derive <checkpoint>')
    .description('tune a prompt for another task, beginning with this one')
    .option('--task <format>', 'the task format of the files')
    .option('--pvp <pvp>', 'how rows become text: a JSON file, or TASK/PVP[@version] of the task library (default: the source’s, for a task of its format)')
    .requiredOption('--train <file>', 'examples to train on')
    .option('--dev <file>', 'examples that choose the best checkpoint')
    .option('--test <file>', 'examples looked at once, with the best checkpoint')
    .option('--model <name>', 'another model of the same width')
    .option('--labels <labels>', 'classes of a task for any classes: a,b or value=word,value=word', (text: string) => text.split(','))
    .option('--set <key=value>', 'a setting of the method; may be repeated', (value: string, earlier: string[]) => [...earlier, value], [])
    .option('--seed <seeds>', 'one seed or several: 1,2,3 (default: 0)', parseSeeds, [0])
    .addHelpText('after', help)
    .action((checkpoint: string, options: DeriveOptions) => derive(checkpoint, options, context));
}

async function derive(checkpoint: string, options: DeriveOptions, context: CommandContext): Promise<void> {
  const { makeDeriveRequest } = await import('../../service/checkpoint/derive.ts');
  const { createRunGroup } = await import('../../service/run-group.ts');
  const { planRun } = await import('../../service/runs.ts');
  const { task, pvp, train, dev, test, model, labels, set, seed: seeds } = options;
  const runs = await writing(context, { create: 'never' }, async (workspace) => {
    const request = await makeDeriveRequest(workspace, {
      checkpoint, format: task ?? null, pvp: pvp === undefined ? null : { text: pvp, folder: '.' }, settings: set, labels: labels ?? null, model: model ?? null, fewShot: null, runtime: null,
      files: { train, dev: dev ?? null, test: test ?? null },
      command: ['souffleur', ...context.argumentList],
    });
    const plan = await planRun(workspace, request);
    const reports = [];
    for (const seed of seeds) reports.push(...await performRuns(workspace, createRunGroup(workspace, plan, { seeds: [seed] }), { resume: false, context }));
    return reports;
  });
  context.output.result({ runs }, () => [describeRuns(runs), ...runs.map(({ id, promptFile }) => `${id}: ${promptFile ?? 'no checkpoint'}`)].join('\n'));
}
