/** Something a person started: calls the core, and tells what came of it. */
import type { Client } from '../connection/connection.ts';
import { core } from './core.svelte.ts';
import { readProblem } from './problem.ts';
import { notices } from './notices.svelte.ts';

export interface ActOptions<Result> {
  /** Said when it is done; without one nothing is said. */
  done?: (result: Result) => string;
  /** Offers to take it back. */
  undo?: { label: string; action: (client: Client, result: Result) => Promise<unknown> };
}

/** @returns null when it failed; the person has been told why. */
export async function act<Result>(action: (client: Client) => Promise<Result>, { done, undo }: ActOptions<Result> = {}): Promise<Result | null> {
  try {
    const client = await core.call;
    const result = await action(client);
    if (done !== undefined) {
      notices.tell(done(result), undo === undefined ? null : { label: undo.label, run: () => void act((again) => undo.action(again, result)) });
    }
    return result;
  } catch (thrown) {
    notices.warn(readProblem(thrown));
    return null;
  }
}
