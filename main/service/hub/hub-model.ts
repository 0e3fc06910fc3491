/** A model on the hub: which of its files a T5 needs, and what they are to be. */
import { z } from 'zod';
import { Problem } from '../../contract/problem.ts';
import type { FileHash } from './file-download.ts';
import { refusal, stopped, unreachable } from './hub-problem.ts';

export interface HubModel {
  /** `owner/model`, or a bare name of the early days. */
  id: string;
  /** A branch, a tag or a commit. */
  revision: string;
}

export interface HubFile {
  name: string;
  url: string;
  bytes: number;
  hash: FileHash;
}

export interface HubListing {
  /** The commit that the revision stands for today; files are asked of it, so that they belong together. */
  commit: string;
  files: HubFile[];
}

const blobSchema = z.object({
  rfilename: z.string(),
  size: z.int().min(0).optional(),
  blobId: z.string().regex(/^[0-9a-f]{40}$/).optional(),
  lfs: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().min(0) }).nullish(),
});
const listingSchema = z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/), siblings: z.array(blobSchema) });

const answerMs = 30_000;
/** A listing of thousands of files; models have dozens. */
const largestListingBytes = 8 * 1024 * 1024;

/** @throws {Problem} `hub-id-invalid` */
export function parseHubModel(id: string, revision: string): HubModel {
  const trimmed = id.trim().replace(/^https?:\/\/[^/]+\//, '');
  const part = /^[A-Za-z0-9](?:[\w.-]{0,94}[\w])?$/;
  const isId = trimmed.split('/').length <= 2 && trimmed.split('/').every((text) => part.test(text));
  if (isId && /^[\w][\w./-]{0,99}$/.test(revision) && !revision.includes('..')) return { id: trimmed, revision };
  throw new Problem({
    code: 'hub-id-invalid',
    found: `${JSON.stringify(id.slice(0, 120))} at revision ${JSON.stringify(revision.slice(0, 80))}`,
    expected: 'the id of a model, such as google/t5-base-lm-adapt, and a branch, tag or commit',
    action: 'Copy the id from the top of the model’s page.',
  });
}

/** @throws {Problem} `hub-unreachable`, `hub-interrupted`, `hub-not-found`, `hub-refused`, `hub-listing-invalid`, `hub-no-model` */
export async function listHubModel({ id, revision }: HubModel, { endpoint, signal }: { endpoint: string; signal: AbortSignal }): Promise<HubListing> {
  const base = endpoint.replace(/\/+$/, '');
  const url = `${base}/api/models/${id}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const parsed = listingSchema.safeParse(await readJson(url, signal));
  if (!parsed.success) throw invalidListing(url, parsed.error.issues[0]?.path.join('.') ?? '');
  const { sha, siblings } = parsed.data;
  const byName = new Map(siblings.map((sibling) => [sibling.rfilename, sibling]));
  return {
    commit: sha,
    files: chooseFiles([...byName.keys()], url).map((name): HubFile => {
      const { lfs, size, blobId } = byName.get(name) as z.infer<typeof blobSchema>;
      const at = `${base}/${id}/resolve/${sha}/${encodeURIComponent(name)}`;
      if (lfs !== undefined && lfs !== null) return { name, url: at, bytes: lfs.size, hash: { algorithm: 'sha256', value: lfs.sha256 } };
      if (size === undefined || blobId === undefined) throw invalidListing(url, name);
      return { name, url: at, bytes: size, hash: { algorithm: 'git-blob', value: blobId } };
    }),
  };
}

const besideWeights = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'spiece.model'];
const weightForms = [
  { whole: /^model\.safetensors$/, index: 'model.safetensors.index.json', shard: /^model-\d{5}-of-\d{5}\.safetensors$/ },
  { whole: /^pytorch_model\.bin$/, index: 'pytorch_model.bin.index.json', shard: /^pytorch_model-\d{5}-of-\d{5}\.bin$/ },
] as const;

/** Small files first: what is wrong with them is known before gigabytes have come. Names outside these lists are never written. */
function chooseFiles(names: readonly string[], url: string): string[] {
  const small = besideWeights.filter((name) => names.includes(name));
  for (const { whole, index, shard } of weightForms) {
    const found = names.find((name) => whole.test(name));
    if (found !== undefined) return requireConfig([...small, found], url);
    const shards = names.filter((name) => shard.test(name)).toSorted();
    if (names.includes(index) && shards.length > 0) return requireConfig([...small, index, ...shards], url);
  }
  throw noModel(url, 'no weights as safetensors or PyTorch files');
}

function requireConfig(files: string[], url: string): string[] {
  if (!files.includes('config.json')) throw noModel(url, 'no config.json');
  return files;
}

async function readJson(url: string, signal: AbortSignal): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { accept: 'application/json' }, signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]) });
  } catch (thrown) {
    throw signal.aborted ? stopped() : unreachable(url, thrown);
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw refusal(url, response);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > largestListingBytes) throw invalidListing(url, `more than ${largestListingBytes} bytes`);
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (thrown) {
    if (signal.aborted) throw stopped();
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown instanceof Problem ? thrown : unreachable(url, thrown);
  }
}

function invalidListing(url: string, what: string): Problem {
  return new Problem({
    code: 'hub-listing-invalid',
    kind: 'failure',
    found: `an answer that is no listing of a model${what === '' ? '' : ` (${what.slice(0, 80)})`}`,
    expected: 'what a hub answers: files with their sizes and hashes',
    action: 'Check the setting hubEndpoint.',
    place: { file: url },
  });
}

function noModel(url: string, found: string): Problem {
  return new Problem({
    code: 'hub-no-model', found: `a model with ${found}`, expected: 'config.json and weights of a T5', action: 'Choose another model, or another revision of it.', place: { file: url },
  });
}
