/** `npm run -s bench -- step …`: benchmarks, reported and never asserted. */
import { spawnSync } from 'node:child_process';
import { Command, Option } from 'commander';
import { workerEnvironment } from '../../main/service/worker-environment.ts';
import { measureEnsemble, measureInProcess, peakMemoryOf, type EnsembleOptions } from './ensemble.ts';
import { importForms, makeImportFile, measureImport, type ImportOptions } from './import.ts';
import { measureStep, type StepOptions } from './step.ts';
import { sizeNames } from './sizes.ts';

const whole = (text: string): number => Number.parseInt(text, 10);

const roundedFigures = (figures: object): Record<string, number> =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(Number(value).toPrecision(5))]));

const program = new Command('bench').description('Benchmarks on random models of published sizes.');
program
  .command('step')
  .description('One prompt-tuning step, optimizer included: median wall and CPU time, peak memory, matrix rate.')
  .addOption(new Option('--size <name>').choices(sizeNames).default('v1_1-small'))
  .option('--batch <n>', 'examples a step', whole, 16)
  .option('--source <n>', 'source tokens', whole, 64)
  .option('--target <n>', 'target tokens', whole, 8)
  .option('--prompt <n>', 'prompt rows', whole, 100)
  .option('--threads <n>', 'threads', whole, 2)
  .option('--steps <n>', 'measured steps', whole, 10)
  .addOption(new Option('--lengths <kind>', 'all sources as long as --source, or mixed up to it').choices(['full', 'mixed']).default('full'))
  .option('--micro-batch <n>', 'examples a pass, or auto', (text) => (text === 'auto' ? 'auto' : whole(text)), 'auto')
  .option('--profile-prefix <path>', 'write a trace of every kernel there')
  .option('--json', 'one JSON object on one line')
  .action(async (options: Omit<StepOptions, 'profilePrefix'> & { profilePrefix?: string; json?: true }) => {
    const figures = await measureStep({ ...options, profilePrefix: options.profilePrefix ?? null });
    const rounded = roundedFigures(figures);
    if (options.json === true) console.log(JSON.stringify(rounded));
    else console.table(rounded);
  });

const ensembleCommand = (name: string): Command => program
  .command(name, { hidden: name !== 'ensemble' })
  .addOption(new Option('--size <name>').choices(sizeNames).default('built-in'))
  .option('--members <n>', 'prompts', whole, 5)
  .option('--batch <n>', 'examples a step and prompt', whole, 8)
  .option('--source <n>', 'source tokens', whole, 48)
  .option('--target <n>', 'target tokens', whole, 4)
  .option('--prompt <n>', 'prompt rows', whole, 20)
  .option('--threads <n>', 'threads', whole, 2)
  .option('--steps <n>', 'measured steps', whole, 10)
  .option('--micro-batch <n>', 'examples a pass, or auto', (text) => (text === 'auto' ? 'auto' : whole(text)), 'auto');

ensembleCommand('ensemble')
  .description('Prompts trained in one pass beside the same prompts trained one after another: time, peak memory, equality. Prints JSON.')
  .action(async (options: EnsembleOptions) => {
    const { members: _members, ...others } = options;
    const given = Object.entries({ ...others, 'micro-batch': options.microBatch }).filter(([name]) => name !== 'microBatch').flatMap(([name, value]) => [`--${name}`, String(value)]);
    const figures = await measureEnsemble(options, (members) => measureInProcess(process.argv[1] ?? '', given, members));
    console.log(JSON.stringify(roundedFigures(figures)));
  });
ensembleCommand('ensemble-memory').action(async (options: EnsembleOptions) => console.log(await peakMemoryOf(options)));

const makeInProcess = (folder: string, { form, rows }: ImportOptions): void => {
  spawnSync(process.execPath, [process.argv[1] ?? '', 'import-file', '--form', form, '--rows', String(rows), '--folder', folder], { stdio: 'inherit' });
};

const importCommand = (name: string): Command => program
  .command(name, { hidden: name !== 'import' })
  .addOption(new Option('--form <form>').choices(importForms).default('jsonl'))
  .option('--rows <n>', 'rows of some 200 characters', whole, 100_000);

importCommand('import')
  .description('A generated file imported as a data set, report and all: time, rows a second, peak memory. Prints JSON.')
  .action(async (options: ImportOptions) => {
    console.log(JSON.stringify(roundedFigures(await measureImport(options, makeInProcess))));
  });
importCommand('import-file').requiredOption('--folder <folder>').action(async ({ folder, ...options }: ImportOptions & { folder: string }) => makeImportFile(folder, options));

// Measured as a worker runs: in a process with a worker's environment.
const isWorkerLike = Object.entries(workerEnvironment).every(([name, value]) => process.env[name] === value);
if (isWorkerLike) {
  await program.parseAsync();
} else {
  const { status } = spawnSync(process.execPath, process.argv.slice(1), { stdio: 'inherit', env: { ...process.env, ...workerEnvironment } });
  process.exitCode = status ?? 1;
}
