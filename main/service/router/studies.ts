/** The studies router. */
import { findDemoFile } from '../demo.ts';
import { findPublishedFor } from '../published.ts';
import { createStudy, exportStudyText, listingOf, resolveStudyText } from '../study/study-view.ts';
import { findStudyWork, startStudy, stopStudy } from '../study/study-work.ts';
import { buildStudyReport } from '../study/study-report.ts';
import { listStudies, loadStudy } from '../study/studies.ts';
import { service } from './base.ts';

export const studiesRouter = service.studies.router({
  list: service.studies.list.handler(({ context }) => listStudies(context.core.workspace)),
  show: service.studies.show.handler(async ({ input, context: { core } }) => {
    const study = loadStudy(core.workspace, input.name);
    const report = await buildStudyReport(core.workspace, study);
    return {
      study: listingOf(core.workspace, study),
      task: findStudyWork(core, study),
      report,
      published: findPublishedFor({ formats: report.tasks.map(({ format }) => format), methods: report.methods.map(({ method }) => method) }),
    };
  }),
  create: service.studies.create.handler(async ({ input: { source, again }, context: { core, paths } }) => {
    const resolve = (text: string): string => core.files.resolve(text, paths);
    const listing = await createStudy(core.workspace, {
      source: source.kind === 'text' ? { kind: 'text', text: resolveStudyText(source.text, { resolve, mayName: paths === 'any' }) }
        : { kind: 'file', file: source.kind === 'demo' ? findDemoFile({ isFull: source.size === 'full' }) : resolve(source.file) },
      again: source.kind === 'demo' && again === 'never' ? 'if-changed' : again,
    });
    core.events.publish({ kind: 'changed', subject: 'studies', id: listing.name });
    return listing;
  }),
  start: service.studies.start.handler(({ input, context }) => ({ task: startStudy(context.core, input) })),
  stop: service.studies.stop.handler(({ input, context }) => ({ wasRunning: stopStudy(context.core, input.name) })),
  export: service.studies.export.handler(({ input, context }) => exportStudyText(context.core.workspace, input)),
});
