import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../main/contract/problem.ts';
import { zipFiles } from '../../main/pack/write-pack.ts';
import { createGenerator, type Generator } from '../../main/train/random.ts';
import { makeFolder, makeZip, rawSafetensors, type ZipMember } from '../model/make-files.ts';
import { makeComposed, readContent } from './make-pack.ts';

const packs = 10_000;
const good = makeComposed(2).files;
const goodZip = await zipFiles(good);

type Mutation = (random: Generator) => Uint8Array;

function pick<Item>(random: Generator, items: readonly Item[]): Item {
  return items[random.integerBelow(items.length)] as Item;
}

function randomBytes(random: Generator, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.integerBelow(256)));
}

function flipped(random: Generator, source: Uint8Array, times: number): Buffer {
  const bytes = Buffer.from(source);
  for (let i = 0; i < times; i += 1) {
    const at = random.integerBelow(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integerBelow(8));
  }
  return bytes;
}

function members(): ZipMember[] {
  return good.map(({ name, bytes }) => ({ name, bytes }));
}

const names = ['../../escaped', '/tmp/escaped', 'C:\\escaped', 'prompt-1/../escaped', 'manifest.json/', 'prompt-1', 'a'.repeat(60_000), '\u202eescaped', 'prompt-0/adapter_config.json', '', '.', 'manifest.json '];
const numbers = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff];

const mutations: Record<string, Mutation> = {
  'flipped bits': (random) => flipped(random, goodZip, 1 + random.integerBelow(8)),
  'flipped bits in the directory': (random) => {
    const directory = goodZip.readUInt32LE(goodZip.length - 6);
    return Buffer.concat([goodZip.subarray(0, directory), flipped(random, goodZip.subarray(directory), 1 + random.integerBelow(4))]);
  },
  'cut': (random) => goodZip.subarray(0, random.integerBelow(goodZip.length)),
  'cut out of the middle': (random) => {
    const at = random.integerBelow(goodZip.length);
    return Buffer.concat([goodZip.subarray(0, at), goodZip.subarray(at + random.integerBelow(200))]);
  },
  'a number replaced': (random) => {
    const bytes = Buffer.from(goodZip);
    bytes.writeUInt32LE(pick(random, numbers), random.integerBelow(bytes.length - 4));
    return bytes;
  },
  'a number of the end record replaced': (random) => {
    const bytes = Buffer.from(goodZip);
    bytes.writeUInt16LE(pick(random, numbers) & 0xffff, bytes.length - 22 + random.integerBelow(21));
    return bytes;
  },
  'renamed': (random) => {
    const list = members();
    const at = random.integerBelow(list.length);
    list[at] = { ...list[at] as ZipMember, name: pick(random, names) };
    return makeZip(list);
  },
  'repeated': (random) => makeZip([...members(), { ...pick(random, members()), deflate: random.integerBelow(2) === 0 }]),
  'many': (random) => makeZip(Array.from({ length: 250 + random.integerBelow(200) }, (_, i) => ({ name: `prompt-${i}/adapter_config.json`, bytes: new Uint8Array() }))),
  'a bomb': (random) => makeZip([...members(), { name: 'prompt-3/adapter_model.safetensors', bytes: new Uint8Array(1 << (17 + random.integerBelow(3))), deflate: true }]),
  'claimed sizes': (random) => makeZip(members().map((member) => (random.integerBelow(3) === 0 ? { ...member, deflate: true, claimedSize: pick(random, numbers) } : member))),
  'a header bomb': (random) => {
    const header = pick(random, [
      `{"prompt_embeddings":{"dtype":"F32","shape":[${pick(random, numbers)},${pick(random, numbers)}],"data_offsets":[0,${pick(random, numbers)}]}}`,
      `{"a":${'['.repeat(random.integerBelow(100_000))}`, `{${'"a":1,'.repeat(random.integerBelow(20_000))}`, '{}',
    ]);
    return withWeights(rawSafetensors(header, randomBytes(random, 64), pick(random, [undefined, 1n << 62n, 0n, 0xffffffffn]) as bigint | undefined));
  },
  'random weights': (random) => withWeights(flipped(random, good[2]?.bytes ?? new Uint8Array(), 1 + random.integerBelow(16))),
  'numbers that are none': (random) => {
    const weights = Buffer.from(good[2]?.bytes ?? []);
    weights.writeUInt32LE(0x7f800000 + random.integerBelow(2), weights.length - 4 - 4 * random.integerBelow(20));
    return withWeights(weights);
  },
  'files under another hash': (random) => makeZip(members().map((member) => ({ ...member, bytes: flipped(random, member.bytes, random.integerBelow(2)), deflate: random.integerBelow(2) === 0 }))),
  'a manifest of other values': (random) => {
    const text = Buffer.from(good[0]?.bytes ?? []).toString();
    const values = ['null', '1e400', '-1', '"x"', '[]', '{}', '99999999999999999999', 'true', `"${'x'.repeat(random.integerBelow(3000))}"`];
    return makeZip([{ name: 'manifest.json', bytes: Buffer.from(text.replaceAll(/: ("[^"]*"|[\d.]+)/g, (whole) => (random.integerBelow(20) === 0 ? `: ${pick(random, values)}` : whole))) }, ...members().slice(1)]);
  },
  'rubbish': (random) => Buffer.concat([Buffer.from(pick(random, ['PK\x03\x04', '\x93NUMPY\x01\x00', '\x80\x02', '{', '']), 'latin1'), randomBytes(random, random.integerBelow(400))]),
};

/** The manifest's hashes fit, so that what is inside gets read. */
function withWeights(weights: Uint8Array): Uint8Array {
  const files = good.map((file, i) => (i === 2 ? { name: file.name, bytes: weights } : file));
  const manifest = JSON.parse(Buffer.from(good[0]?.bytes ?? []).toString()) as { entries: { bytes: number; sha256: string }[] };
  const entry = manifest.entries[1];
  if (entry !== undefined) Object.assign(entry, { bytes: weights.length, sha256: hashOf(weights) });
  return makeZip(files.map(({ name, bytes }, i) => ({ name, bytes: i === 0 ? Buffer.from(JSON.stringify(manifest)) : bytes })));
}

describe('ten thousand broken packs', () => {
  it('read in one process end in words or in a whole prompt, write nothing but the staged files, and take little memory', async () => {
    const outer = makeFolder();
    const [source, target] = [join(outer, 'source.promptpack'), join(outer, 'target')];
    const random = createGenerator(20_261_124, 'sampling');
    const kinds = Object.keys(mutations);
    const ends = new Map<string, number>();
    const before = process.memoryUsage().rss;
    let peak = before;
    for (let i = 0; i < packs; i += 1) {
      const kind = kinds[i % kinds.length] ?? '';
      writeFileSync(source, mutations[kind]?.(random) ?? '');
      mkdirSync(target);
      const staged: string[] = [];
      const code = await readContent(source, (name, bytes) => {
        expect(name).toMatch(/^\d+-(?:config\.json|adapter\.safetensors|trained\.safetensors)$/);
        staged.push(name);
        writeFileSync(join(target, name), bytes);
      }).then(({ staged: whole }) => {
        expect(whole.length).toBeGreaterThan(0);
        return 'read';
      }, (thrown: unknown) => {
        if (!(thrown instanceof Problem)) throw new Error(`${kind}, pack ${i}: ${String(thrown)}`, { cause: thrown });
        // A defect of ours and a person's bad file are different things.
        expect(thrown.code, `${kind}, pack ${i}: ${thrown.message}`).not.toBe('unexpected');
        expect(thrown.message.length).toBeLessThan(2000);
        return thrown.code;
      });
      ends.set(code, (ends.get(code) ?? 0) + 1);
      expect(readdirSync(target).sort()).toEqual(staged.sort());
      expect(readdirSync(outer).sort()).toEqual(['source.promptpack', 'target']);
      rmSync(target, { recursive: true });
      if (i % 100 === 0) {
        await breathe();
        peak = Math.max(peak, process.memoryUsage().rss);
      }
    }
    expect(peak - before).toBeLessThan(200_000_000);
    // What was broken was broken in many ways, and the checks behind the first were reached.
    expect(ends.size).toBeGreaterThan(20);
    for (const code of ['read', 'pack-hash', 'pack-entry-name', 'pack-entry-repeated', 'pack-zip-damaged', 'pack-manifest', 'pack-entries', 'prompt-not-finite', 'safetensors-offsets', 'json-too-deep', 'pack-ratio']) expect([...ends.keys()]).toContain(code);
    expect(readFileSync(source).length).toBeGreaterThan(0);
  }, 300_000);
});

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
