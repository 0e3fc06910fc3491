/** `souffleur …`: reads the command line, runs one command, and says how it ended by its exit code. Everything heavy is imported by the command that needs it. */
import { runCommandLine } from './run.ts';

process.exit(await runCommandLine(process.argv.slice(2)));
