/** Which providers work on this machine, found out by running one node on each. Native code, as session.ts. */
import { Problem } from '../../contract/problem.ts';
import { GraphBuilder } from '../../graph/index.ts';
import { providers, type Provider } from '../backend.ts';
import { createOnnxBackend } from './session.ts';

export interface ProviderProbe {
  readonly provider: Provider;
  readonly available: boolean;
  /** Why not, in the runtime's own words; null where the provider works. */
  readonly reason: string | null;
  /** To make a session and run it once, successful or not. */
  readonly milliseconds: number;
}

/**
 * Lists of what a build contains say nothing of drivers and libraries: a provider that is listed may still fail, so each
 * is tried. A missing one throws within milliseconds (measured with onnxruntime-node 1.30.0 on Linux without a GPU).
 * @returns one entry per provider, in the order of `providers`; never throws.
 */
export async function probeProviders(): Promise<ProviderProbe[]> {
  const probes: ProviderProbe[] = [];
  // One after the other: two providers that set up a device at once would spoil each other's time.
  for (const provider of providers) {
    const start = performance.now();
    const reason = await reasonAgainst(provider);
    probes.push({ provider, available: reason === null, reason, milliseconds: performance.now() - start });
  }
  return probes;
}

async function reasonAgainst(provider: Provider): Promise<string | null> {
  try {
    const g = new GraphBuilder();
    const x = g.input('x', { dtype: 'f32', shape: [2] });
    const program = await createOnnxBackend({ provider, threads: 1 }).compile({ name: 'probe', outputs: { y: g.add(x, x) }, frozen: null });
    const { y } = await program.run({ x: Float32Array.of(1, 2) });
    await program.close();
    return y?.data[0] === 2 && y.data[1] === 4 ? null : `computed 1 + 1 = ${y?.data[0]} and 2 + 2 = ${y?.data[1]}`;
  } catch (error) {
    return cleanReason(error instanceof Problem ? error.cause : error);
  }
}

/** @returns what a person can use of the runtime's message: its first line, without source files, signatures and conditions. */
export function cleanReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split('\n').map((text) => text.trim()).find((text) => text !== '') ?? 'no reason given';
  return line
    .replace(/^no available backend found\. ERR: /, '')
    .replace(/^\[ONNXRuntimeError\] : \d+ : \w+ : /, '')
    // `/path/file.cc:136 signature(…) condition was false. What a person can read`
    .replace(/^\S+\.(?:cc|cpp|h):\d+ .*? was false\. /, '')
    .replace(/^OrtSessionOptionsAppendExecutionProvider_\w+: /, '')
    .replace(/\.$/, '');
}
