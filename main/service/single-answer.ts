/** Jobs with one answer: inspect a model, probe the devices, evaluate checkpoints. */
import { Problem } from '../contract/problem.ts';
import type { PackContent, WrittenPack } from '../contract/pack-job.ts';
import type { DeviceFacts, Evaluation, Job, JobEvent, ModelFacts } from '../contract/worker-protocol.ts';
import { startWorker, type WorkerRequest } from './worker-process.ts';

interface Answers {
  inspected: ModelFacts;
  probed: DeviceFacts;
  evaluated: readonly Evaluation[];
  answered: { examples: number };
  'pack-read': PackContent;
  'pack-written': WrittenPack;
  'facts-found': { factsFile: string };
}
export type AnswerKind = keyof Answers;

export interface AnswerRequest<Kind extends AnswerKind> extends WorkerRequest {
  job: Exclude<Job, { kind: 'train' }>;
  answer: Kind;
  onEvent?: (event: JobEvent) => void;
  /** Ends the job; the worker is killed when it does not end in time. */
  signal?: AbortSignal;
}

/**
 * Runs a job in a worker of its own and waits for its answer.
 * @throws {Problem} the worker's own, `job-cancelled`, and those of worker-process
 */
export async function askWorker<Kind extends AnswerKind>({ answer, onEvent, signal, ...request }: AnswerRequest<Kind>): Promise<Answers[Kind]> {
  const worker = startWorker(request);
  // Only what runs a model over examples looks up from its work; the others have nothing to save.
  const looksUp = request.job.kind === 'evaluate' || request.job.kind === 'answer' || request.job.kind === 'prompt-facts';
  const cancel = (): void => (looksUp ? worker.cancel() : worker.kill());
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted === true) cancel();
  let last: JobEvent | null = null;
  try {
    for await (const { event } of worker.events) {
      onEvent?.(event);
      last = event;
    }
  } catch (thrown) {
    throw signal?.aborted === true ? stopped() : thrown;
  } finally {
    signal?.removeEventListener('abort', cancel);
    if (last === null) worker.kill();
  }
  // The kind of the event is the key of its result's type.
  if (last?.kind === answer && 'result' in last) return last.result as Answers[Kind];
  throw endProblem(last);
}

function endProblem(last: JobEvent | null): Problem {
  if (last?.kind === 'failed') return Problem.fromRecord(last.problem);
  if (last?.kind === 'cancelled') return stopped();
  return new Problem({
    code: 'worker-protocol', kind: 'failure', found: `a worker that ended with “${last?.kind ?? 'nothing'}”`, expected: 'the answer to its job',
    action: 'This is a defect of Souffleur; please report it with the log.',
  });
}

function stopped(): Problem {
  return new Problem({ code: 'job-cancelled', kind: 'cancelled', found: 'a job stopped on request', expected: 'its answer', action: 'Run the command again.' });
}
