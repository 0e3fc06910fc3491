/**
 * What a client may send over a WebSocket or a MessagePort, checked before oRPC's decoder sees it: that decoder rejects where nobody
 * listens, which ends a process (@orpc/server 1.16, adapters/ws and adapters/message-port).
 */
import { z } from 'zod';

/** Characters of one message: settings, patterns and pasted texts are small, files never come this way. */
export const longestMessage = 8 << 20;

const peerMessageSchema = z.union([
  /** A call: its id, the procedure's path, and the input as JSON. Forms, files and other hosts are not for us. */
  z.strictObject({
    i: z.string().max(64),
    t: z.literal(1).exactOptional(),
    p: z.strictObject({ u: z.string().max(200).regex(/^\/[A-Za-z/]+$/), b: z.unknown().exactOptional(), h: z.strictObject({}).exactOptional(), m: z.literal('POST').exactOptional() }),
  }),
  /** The end of a call that the client gave up. */
  z.strictObject({ i: z.string().max(64), t: z.literal(4), p: z.unknown().exactOptional() }),
]);

export function isPeerMessage(text: string): boolean {
  if (text.length > longestMessage) return false;
  try {
    return peerMessageSchema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
