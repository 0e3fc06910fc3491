/**
 * The training loop, of one run or of several that share every pass. Repeats bit for bit from the seeds, and from any saved states:
 * everything that a run's step depends on is in its `Progress`, its parameters and its moments.
 */
import { Problem } from '../contract/problem.ts';
import type { CheckpointRecord, Evaluation } from '../contract/worker-protocol.ts';
import type { TrainingSettings } from '../method/part/training-settings.ts';
import { splitIntoMicroBatches } from './batch.ts';
import { bestOf, evaluateCheckpoints, testBest } from './checkpoint.ts';
import type { TrainingGroup } from './group.ts';
import { Member, type StepReport } from './member.ts';
import type { Progress } from './training-state.ts';

export interface LoopResult {
  readonly progress: Progress;
  readonly best: CheckpointRecord;
  readonly test: Evaluation | null;
  readonly paddingShare: number;
}

/** How a run ended. */
export type MemberEnd =
  | { readonly kind: 'trained'; readonly result: LoopResult }
  /** `loss-not-finite`, `gradient-not-finite`; earlier states and checkpoints stay. */
  | { readonly kind: 'failed'; readonly problem: Problem };

/** What comes next, and for whom. */
interface Action {
  readonly kind: 'evaluate' | 'step';
  readonly members: readonly Member[];
}

/**
 * Trains every run from its progress to its last step, or until it is stopped, evaluates, and looks at the test split once with its best checkpoint. Runs that
 * are behind the others go first, until all share their passes; one that fails does not stop the others.
 * @returns how each run ended, in their order; null when cancelled: the states are saved then.
 */
export async function trainToEnd(group: TrainingGroup): Promise<readonly MemberEnd[] | null> {
  const { settings, hooks } = group;
  const members = group.members.map((parts) => new Member(parts, group.train.length));
  const failed = new Map<Member, Problem>();
  const going = (): Member[] => members.filter((member) => !failed.has(member));
  for (;;) {
    if (hooks.isCancelled()) {
      save(group, going());
      return null;
    }
    const action = hooks.isStopped() ? lastEvaluation(going()) : nextAction(settings, going());
    if (action === null) break;
    const startedSeconds = hooks.nowSeconds();
    const isDone = action.kind === 'step' ? await takeStep(group, action.members, failed) : await judge(group, action.members);
    share(hooks.nowSeconds() - startedSeconds, action.members);
    if (!isDone) {
      save(group, going());
      return null;
    }
    if (action.kind === 'step') save(group, action.members.filter((member) => !failed.has(member) && member.progress.step % settings.checkpointEvery === 0));
  }
  return finish(group, members, failed);
}

/** The run that is furthest behind, and those that are where it is. */
function nextAction(settings: TrainingSettings, members: readonly Member[]): Action | null {
  // Two phases a step: evaluate what it made where that is due, then take the next.
  const phaseOf = ({ progress }: Member): number => 2 * progress.step + (isEvaluationDue(settings, progress) ? 0 : 1);
  const first = Math.min(...members.map(phaseOf));
  if (members.length === 0 || first === 2 * settings.steps + 1) return null;
  return { kind: first % 2 === 0 ? 'evaluate' : 'step', members: members.filter((member) => phaseOf(member) === first) };
}

/** What is left to do for runs that were stopped: to judge what they have come to, where that has not been done. */
function lastEvaluation(members: readonly Member[]): Action | null {
  const unjudged = members.filter(({ progress: { step, checkpoints } }) => checkpoints.every((checkpoint) => checkpoint.step !== step));
  return unjudged.length === 0 ? null : { kind: 'evaluate', members: unjudged };
}

function isEvaluationDue({ steps, evaluateEvery }: TrainingSettings, { step, checkpoints }: Progress): boolean {
  const isMilestone = step === steps || (step > 0 && step % evaluateEvery === 0);
  return isMilestone && checkpoints.every((checkpoint) => checkpoint.step !== step);
}

/** Pools the runs' examples by length, sums losses and gradients over the passes, always in the same order, and updates each run. */
async function takeStep({ runner, settings, train, hooks }: TrainingGroup, members: readonly Member[], failed: Map<Member, Problem>): Promise<true> {
  const examples = members.flatMap((member) => member.takeBatch(train, { size: settings.batchSize, runner }));
  const sums = { gradients: gradientsFor(runner.parameters.length, members), losses: new Float64Array(runner.prompts) };
  const byIndex = new Map(members.map((member) => [member.index, member.progress.sourceTokens]));
  for (const micro of splitIntoMicroBatches(examples, { microBatch: settings.microBatch, promptRows: runner.promptRows })) {
    await runner.accumulateStep(micro, sums);
    for (const { prompt = 0, source } of micro.examples) {
      const tokens = byIndex.get(prompt);
      if (tokens === undefined) continue;
      tokens.all += micro.shape.source;
      tokens.padded += micro.shape.source - source.length;
    }
  }
  const reports: StepReport[] = [];
  for (const member of members) {
    try {
      reports.push(member.finishStep(sums.losses[member.index] ?? Number.NaN, settings));
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      failed.set(member, thrown);
    }
  }
  if (reports.length > 0) hooks.onStep(reports);
  return true;
}

/** In the order of the runner's parameters; those of a run that takes no part go nowhere. */
function gradientsFor(parameterCount: number, members: readonly Member[]): readonly Float32Array[] {
  const [first] = members;
  if (first !== undefined && first.gradients.length === parameterCount) return first.gradients;
  const own = new Map(members.map((member) => [member.index, member.gradients[0]]));
  return Array.from({ length: parameterCount }, (_, index) => own.get(index) ?? new Float32Array(first?.gradients[0]?.length ?? 0));
}

/** @returns false when cancelled. */
async function judge(group: TrainingGroup, members: readonly Member[]): Promise<boolean> {
  const evaluated = await evaluateCheckpoints(group, members);
  if (evaluated === null) return false;
  save(group, members);
  for (const { member, record, superseded } of evaluated) {
    // After the states that no longer name them: a run killed in between must not resume from files that are gone.
    for (const file of superseded) group.hooks.dropTrained(file);
    group.hooks.onCheckpoint(member, record);
  }
  return true;
}

/** Shared passes cost each run its share. */
function share(seconds: number, members: readonly Member[]): void {
  for (const { progress } of members) progress.seconds += seconds / members.length;
}

function save({ hooks }: TrainingGroup, members: readonly Member[]): void {
  if (members.length > 0) hooks.saveStates(members.map((member) => ({ member: member.index, bytes: member.encodeState() })));
}

async function finish(group: TrainingGroup, members: readonly Member[], failed: ReadonlyMap<Member, Problem>): Promise<readonly MemberEnd[] | null> {
  const trained = members.filter((member) => !failed.has(member));
  const tests = await testBest(group, trained);
  if (tests === null) return null;
  return members.map((member): MemberEnd => {
    const problem = failed.get(member);
    if (problem !== undefined) return { kind: 'failed', problem };
    const { progress } = member;
    const { padded, all } = progress.sourceTokens;
    const result = { progress, best: bestOf(progress.checkpoints), test: tests[trained.indexOf(member)] ?? null, paddingShare: all === 0 ? 0 : padded / all };
    return { kind: 'trained', result };
  });
}
