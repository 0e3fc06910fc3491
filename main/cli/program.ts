/** The whole command line: its commands, their options, their help. */
import { Command } from 'commander';
import { readOwnVersion } from '../service/versions.ts';
import { addCheckpointsCommands } from './command/checkpoints.ts';
import { addCompareCommand } from './command/compare.ts';
import { addDataCommands } from './command/data.ts';
import { addDatasetsCommands } from './command/datasets.ts';
import { addDemoCommand } from './command/demo.ts';
import { addDevicesCommand } from './command/devices.ts';
import { addDoctorCommand } from './command/doctor.ts';
import { addEnsembleCommands } from './command/ensemble.ts';
import { addEvalCommand } from './command/eval.ts';
import { addModelCommands } from './command/model.ts';
import { addPublishedCommands } from './command/published.ts';
import { addPacksCommands } from './command/packs.ts';
import { addQueueCommands } from './command/queue.ts';
import { addRunsCommands } from './command/runs.ts';
import { addServeCommand } from './command/serve.ts';
import { addSettingsCommands } from './command/settings.ts';
import { addStudyCommands } from './command/study.ts';
import { addTasksCommands } from './command/tasks.ts';
import { addTokensCommand } from './command/tokens.ts';
import { addTuneCommand } from './command/tune.ts';
import type { CommandContext } from './context.ts';
import { defaultWorkspaceDirectory } from '../service/workspace-directory.ts';

const examples = `
Examples:
  souffleur model add ./t5-base-lm-adapt --name base
  souffleur tune --model base --task rte --train train.jsonl --dev val.jsonl --method prompt-tuning --set steps=1000
  souffleur tune --resume r0001
  souffleur eval --run r0001 --data val.jsonl
  souffleur compare r0001 r0002 --export table.tex
  souffleur runs list --json

Exit codes: 0 done, 1 failed, 2 wrong input, 130 stopped by Ctrl-C.`;

/** Parsing errors and requests for help end in a CommanderError. */
export function createProgram(parts: Omit<CommandContext, 'workspaceDirectory'>): Command {
  const program = new Command('souffleur');
  const context: CommandContext = { ...parts, workspaceDirectory: () => program.opts<{ workspace?: string }>().workspace ?? defaultWorkspaceDirectory() };
  // Before any command is made: commands inherit these.
  program
    .exitOverride()
    .configureOutput({ writeOut: (text) => parts.output.collect(text), writeErr: (text) => parts.output.collect(text), outputError: () => {} })
    .configureHelp({ showGlobalOptions: true });
  program
    .description('Tune soft prompts for frozen T5 models, and keep, evaluate and compare them.')
    .option('--workspace <dir>', `folder for models, runs and results (default: SOUFFLEUR_WORKSPACE or ${defaultWorkspaceDirectory()})`)
    .option('--json', 'print one JSON object on one line of standard output')
    .version(readOwnVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', examples);
  for (const add of [addModelCommands, addTokensCommand, addDataCommands, addTasksCommands, addDatasetsCommands, addTuneCommand, addEvalCommand, addCompareCommand, addEnsembleCommands, addPacksCommands, addRunsCommands, addQueueCommands, addCheckpointsCommands, addStudyCommands, addDemoCommand, addPublishedCommands, addSettingsCommands, addServeCommand, addDevicesCommand, addDoctorCommand]) {
    add(program, context);
  }
  return program;
}
