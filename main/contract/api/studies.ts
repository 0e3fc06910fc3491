/** Studies: methods on tasks with seeds, made of a study file. */
import { z } from 'zod';
import { procedure } from './procedure.ts';
import { publishedResultSchema } from './published.ts';
import { exportedTextSchema, exportFormatSchema, latexFormSchema } from './scores.ts';
import { studyReportSchema } from './study-report.ts';
import { startedWorkSchema } from './work.ts';

export const studyListingSchema = z.object({
  name: z.string(),
  edition: z.number(),
  file: z.string(),
  model: z.string(),
  methods: z.array(z.string()),
  tasks: z.array(z.string()),
  cells: z.number(),
  finished: z.number(),
  createdAt: z.iso.datetime(),
});

/** A study's name, or `name@2` for an edition of it. */
const name = z.string();

export const studiesContract = {
  list: procedure.output(z.array(studyListingSchema)),
  /** What it found so far; works while it runs. `published` are results of papers for its tasks and methods. */
  show: procedure.input(z.object({ name })).output(z.object({
    study: studyListingSchema,
    /** Its work, while it runs. */
    task: z.string().nullable(),
    report: studyReportSchema,
    published: z.array(publishedResultSchema),
  })),
  /**
   * Makes a study of a file, or of the text of one (its data files by absolute paths); running it is another call. The same definition
   * again is the same study.
   */
  create: procedure.input(z.object({
    source: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('file'), file: z.string() }),
      z.object({ kind: z.literal('text'), text: z.string().max(1024 * 1024) }),
      /** The study that comes with the program; one of another version of the program begins a new edition. */
      z.object({ kind: z.literal('demo'), size: z.enum(['short', 'full']) }),
    ]),
    /** `always` begins anew under a name that is taken. */
    again: z.enum(['never', 'always']).default('never'),
  })).output(studyListingSchema),
  /** Runs what it still lacks. Refused while other runs are at work. */
  start: procedure.input(z.object({
    name,
    /** Null takes the settings'. */
    threads: z.int().min(1).max(1024).nullable().default(null),
    provider: z.enum(['cpu', 'cuda', 'webgpu', 'dml', 'coreml']).default('cpu'),
  })).output(startedWorkSchema),
  /** Saves the state of the run at work and stops; starting it again goes on. @returns whether it was at work */
  stop: procedure.input(z.object({ name })).output(z.object({ wasRunning: z.boolean() })),
  export: procedure.input(z.object({ name, format: z.enum([...exportFormatSchema.options, 'html']), latex: latexFormSchema.default('document') })).output(exportedTextSchema),
};
