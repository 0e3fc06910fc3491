/**
 * Every message of a page passes here: from the main frame of a window of ours, on our origin, in the form that was agreed. What comes
 * back on failure is a problem without stack or folders.
 */
import { basename } from 'node:path';
import { ipcMain, type IpcMainEvent, type IpcMainInvokeEvent, type WebContents } from 'electron';
import type { z } from 'zod';
import { Problem, toProblem, type ProblemRecord } from '../main/contract/problem.ts';
import type { Answer } from './bridge.ts';
import { isOwnOrigin } from './page-url.ts';

/** What a page's message needs to be believed. */
type Sender = Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>;

export interface IpcGate {
  /** Answers `ipcRenderer.invoke`. `schema` is of the list of arguments. */
  answer<Input>(channel: string, schema: z.ZodType<Input>, handler: (input: Input, contents: WebContents) => unknown): void;
  /** Takes `ipcRenderer.send`; what is not as agreed is dropped. */
  take<Input>(channel: string, schema: z.ZodType<Input>, handler: (input: Input, contents: WebContents) => void): void;
}

/** @param isKnown whether these contents belong to a window that the shell opened */
export function createIpcGate(isKnown: (contents: WebContents) => boolean): IpcGate {
  return {
    answer(channel, schema, handler) {
      ipcMain.handle(channel, async (event: IpcMainInvokeEvent, ...values: unknown[]): Promise<Answer<unknown>> => {
        try {
          requireOwnPage(event, isKnown);
          return { ok: true, value: await handler(parse(schema, values), event.sender) };
        } catch (thrown) {
          return { ok: false, problem: withoutFolders(toProblem(thrown).toRecord()) };
        }
      });
    },
    take(channel, schema, handler) {
      ipcMain.on(channel, (event: IpcMainEvent, ...values: unknown[]) => {
        try {
          requireOwnPage(event, isKnown);
          handler(parse(schema, values), event.sender);
        } catch (thrown) {
          console.error(`souffleur: dropped a message on ${channel}: ${toProblem(thrown).code}`);
        }
      });
    },
  };
}

function requireOwnPage({ sender, senderFrame }: Sender, isKnown: (contents: WebContents) => boolean): void {
  const isMainFrame = senderFrame !== null && senderFrame.parent === null && senderFrame === sender.mainFrame;
  if (isMainFrame && isKnown(sender) && isOwnOrigin(senderFrame.url)) return;
  throw new Problem({ code: 'sender-foreign', found: 'a message from another page', expected: 'one of the window’s own page', action: 'Close the window and open it again.' });
}

function parse<Input>(schema: z.ZodType<Input>, values: unknown[]): Input {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Problem({
    code: 'request-invalid',
    found: `a message whose ${issue?.path.slice(0, 4).join('.').slice(0, 80) || 'form'} is not as agreed`,
    expected: 'what the page and the shell agreed on',
    action: 'This is a defect of Souffleur; please report it.',
  });
}

function withoutFolders(record: ProblemRecord): ProblemRecord {
  const { file } = record.place;
  if (file === undefined) return record;
  const strip = (text: string): string => text.replaceAll(file, basename(file));
  return {
    ...record, message: strip(record.message), found: strip(record.found), expected: strip(record.expected), action: strip(record.action), place: { ...record.place, file: basename(file) },
  };
}
