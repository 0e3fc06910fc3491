/** The eleven tasks, in SuperGLUE's order and then the others. */
import type { LibraryTask } from '../library-task.ts';
import { boolq } from './boolq.ts';
import { cb } from './cb.ts';
import { copa } from './copa.ts';
import { multirc } from './multirc.ts';
import { race } from './race.ts';
import { record } from './record.ts';
import { rte } from './rte.ts';
import { sst2, sst5 } from './sentiment.ts';
import { wic } from './wic.ts';
import { wsc } from './wsc.ts';

export const libraryTasks: readonly LibraryTask[] = [boolq, cb, copa, multirc, record, rte, wic, wsc, sst2, sst5, race];
