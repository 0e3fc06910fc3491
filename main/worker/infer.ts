/** Process entry point: jobs that run a model or look at one, without training. */
import { runtimeVersion } from '../backend/onnx/session.ts';
import { probeProviders } from '../backend/onnx/probe.ts';
import type { EvaluateJob, Job, ModelFacts } from '../contract/worker-protocol.ts';
import { findMethod } from '../method/index.ts';
import { writeFileAtomicSync } from '../store/atomic-file.ts';
import { evaluateExamples, predictionLines, toEvaluation, type EvaluationResult } from '../train/evaluation.ts';
import { loadModelTokenizer, openModelSource } from '../train/model-source.ts';
import { answer } from './answer.ts';
import { evaluateDesigns } from './design-run.ts';
import { createJobRunner, openJobModel } from './job-model.ts';
import { serveOneJob, type JobChannel } from './job.ts';
import { ProgressReport } from './progress-report.ts';
import { performPromptFacts } from './prompt-facts.ts';
import { bindTask, loadExamples } from './task-data.ts';
import { loadMembers } from './trained-members.ts';

serveOneJob(async (job: Job, channel) => {
  switch (job.kind) {
    case 'inspect-model':
      channel.emit({ kind: 'inspected', result: await inspectModel(job.directory, job.cacheDirectory) });
      return;
    case 'probe-devices':
      channel.emit({ kind: 'probed', result: { providers: await probeProviders(), runtimeVersion } });
      return;
    case 'evaluate':
      await (findMethod(job.method).trains === 'nothing' ? evaluateDesigns : evaluate)(job, channel);
      return;
    case 'prompt-facts':
      await performPromptFacts(job, channel);
      return;
    case 'answer':
      await answer(job, channel);
      return;
    case 'train':
    case 'read-pack':
    case 'write-pack':
      throw new Error(`this worker runs models; it was given a job to ${job.kind}`);
  }
});

/** Reads and checks the whole model once, and prepares its weights for every later run. */
async function inspectModel(directory: string, cacheDirectory: string): Promise<ModelFacts> {
  const source = await openModelSource(directory, { cacheDirectory, fingerprint: null });
  const { folder, config, fingerprint } = source;
  // One that cannot be read, or belongs to another model, is said now and not at the first run.
  if (folder.tokenizerFile !== null) loadModelTokenizer(source);
  return {
    architecture: config.feedForward === 'relu' ? 'T5 1.0' : config.modelType === 'mt5' ? 'mT5' : 'T5 1.1',
    parameterCount: folder.parameterCount,
    weightKind: folder.weightKind,
    fingerprint,
    config: { ...config },
    hasTokenizer: folder.tokenizerFile !== null,
  };
}

async function evaluate(job: EvaluateJob, channel: JobChannel): Promise<void> {
  const model = await openJobModel(job);
  const { method, settings, source, rules } = model;
  const task = await bindTask(job.task, null);
  const examples = await loadExamples({ file: job.dataFile, format: task.format, use: 'evaluate' }, rules, channel);
  const isBare = job.members.every(({ checkpointFile }) => checkpointFile === null);
  const placement = isBare ? { promptRows: 0, trainables: [] } : method.place(settings, source.config);
  const parameters = isBare ? [] : (await loadMembers(job, placement)).flat();
  const runner = createJobRunner(job, model, { placement, parameters, dropoutRate: 0 });
  const report = new ProgressReport(channel, () => performance.now());
  const results = await evaluateExamples({
    runner, rules, format: task.format, examples, microBatch: settings.microBatch, prompts: job.members.map((_, prompt) => prompt),
    onProgress: (done) => report.update({ phase: 'evaluate', done, total: examples.length * job.members.length }),
    isCancelled: () => channel.isCancelled(),
  });
  await runner.close();
  if (results === null) return channel.emit({ kind: 'cancelled', step: 0 });
  const evaluations = job.members.map(({ predictionsFile }, i) => {
    const result = results[i] as EvaluationResult;
    writeFileAtomicSync(predictionsFile, predictionLines(result.predictions));
    return toEvaluation('other', result, predictionsFile);
  });
  channel.emit({ kind: 'evaluated', result: evaluations });
}
