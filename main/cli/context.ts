/** What is the same for every command. */
import type { Interruption } from './interruption.ts';
import type { Output } from './output.ts';

export interface CommandContext {
  output: Output;
  interruption: Interruption;
  /** As typed, for the record of a run. */
  argumentList: readonly string[];
  /** Absolute or relative to here; asked when the command runs. */
  workspaceDirectory(): string;
}
