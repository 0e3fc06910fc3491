/** The comparisons router. */
import { exportComparison } from '../../report/export/comparison.ts';
import { dataKeyOf, pageExamples, readComparison, summariseComparison } from '../comparison-view.ts';
import { listMarks, markExample } from '../example-marks.ts';
import { findPublishedFor } from '../published.ts';
import { service } from './base.ts';

const mediaTypes = { tex: 'application/x-tex', md: 'text/markdown', csv: 'text/csv', json: 'application/json' } as const;

export const comparisonsRouter = service.comparisons.router({
  compare: service.comparisons.compare.handler(async ({ input, context: { core: { workspace } } }) => {
    const report = await readComparison(workspace, input);
    return {
      data: dataKeyOf(workspace, input),
      summary: summariseComparison(report),
      published: findPublishedFor({ formats: [report.task], methods: report.runs.map(({ method }) => method) }),
    };
  }),
  report: service.comparisons.report.handler(({ input, context }) => readComparison(context.core.workspace, input)),
  examples: service.comparisons.examples.handler(({ input, context }) => pageExamples(context.core.workspace, input)),
  export: service.comparisons.export.handler(async ({ input: { format, latex, table, shown, ...question }, context }) => {
    const report = await readComparison(context.core.workspace, question);
    const runs = report.runs.map(({ id }) => id).join('-');
    return { fileName: `comparison-${runs}.${format}`, mediaType: mediaTypes[format], text: exportComparison(report, format, { latex, table, shown }) };
  }),
  mark: service.comparisons.mark.handler(({ input: { data, example, ...change }, context: { core } }) => {
    const mark = markExample(core.workspace, { data, example }, change);
    core.events.publish({ kind: 'changed', subject: 'comparisons', id: example });
    return mark;
  }),
  marks: service.comparisons.marks.handler(({ input, context }) => listMarks(context.core.workspace, input.data)),
});
