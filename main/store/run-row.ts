/** A run as the other parts see it, and its row. */
import { z } from 'zod';
import type { ProblemRecord } from '../contract/problem.ts';
import { problemRecordSchema } from '../contract/worker-protocol.ts';
import { parseModelName, runIdOf, type ModelName, type RunId } from './identifiers.ts';
import { jsonColumn, jsonObject, metricValues, parseRow, type JsonObject, type MetricValues } from './json-column.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { runStatuses, type RunStatus } from './run-status.ts';

export interface Run {
  id: RunId;
  status: RunStatus;
  method: string;
  model: ModelName;
  /** Of the model on the day of the run. */
  modelFingerprint: string;
  task: string;
  config: JsonObject;
  seed: number;
  /** The argument list that started it. */
  command: readonly string[];
  /** Program → version: souffleur, node, onnxruntime, … */
  versions: Readonly<Record<string, string>>;
  /** Null until it first ran. */
  device: string | null;
  createdAtMs: number;
  /** First start. */
  startedAtMs: number | null;
  /** Last end; null while it may go on. */
  endedAtMs: number | null;
  /** Why it failed; null unless `failed`. */
  problem: ProblemRecord | null;
  /** The process that works on it, or did; null until one was started. */
  worker: ProcessIdentity | null;
  /** Counts starts, so that a message of an earlier worker is recognised. */
  generation: number;
  /** Step of the best checkpoint by dev metric; null until there is one. */
  bestStep: number | null;
  finalMetrics: MetricValues | null;
  /** The run that this one continues or varies. */
  parent: RunId | null;
  /** The first of the runs that are trained together; null for a run of its own. */
  group: RunId | null;
  /** Null unless in the trash. */
  trashedAtMs: number | null;
}

const runId = z.int().positive().transform(runIdOf);

const runRow = z
  .object({
    id: runId,
    status: z.enum(runStatuses),
    method: z.string(),
    model: z.string().transform(parseModelName),
    modelFingerprint: z.string(),
    task: z.string(),
    config: jsonColumn(jsonObject),
    seed: z.int(),
    command: jsonColumn(z.array(z.string())),
    versions: jsonColumn(z.record(z.string(), z.string())),
    device: z.string().nullable(),
    createdAtMs: z.int(),
    startedAtMs: z.int().nullable(),
    endedAtMs: z.int().nullable(),
    problem: jsonColumn(problemRecordSchema).nullable(),
    workerProcess: z.int().nullable(),
    workerStart: z.string().nullable(),
    workerHost: z.string().nullable(),
    generation: z.int(),
    bestStep: z.int().nullable(),
    finalMetrics: jsonColumn(metricValues).nullable(),
    parent: runId.nullable(),
    group: runId.nullable(),
    trashedAtMs: z.int().nullable(),
  })
  .transform(({ workerProcess, workerStart, workerHost, ...rest }) => ({
    ...rest,
    worker: workerProcess === null ? null : { processId: workerProcess, startToken: workerStart, host: workerHost ?? '' },
  }));

export const runColumns = `runs.number AS id, status, method, model, model_fingerprint AS modelFingerprint, task, config, seed, command, versions,
  device, created_at AS createdAtMs, started_at AS startedAtMs, ended_at AS endedAtMs, problem,
  worker_process AS workerProcess, worker_start AS workerStart, worker_host AS workerHost, generation,
  (SELECT step FROM checkpoints WHERE run = runs.number AND is_best = 1) AS bestStep,
  final_metrics AS finalMetrics, parent, group_leader AS "group", trashed_at AS trashedAtMs`;

/** @throws {Problem} `workspace-row-invalid` */
export function parseRun(row: unknown): Run {
  return parseRow(runRow, row, 'runs');
}
