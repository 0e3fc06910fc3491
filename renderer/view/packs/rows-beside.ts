/** The rows of a data set beside the answers to them, where every row is one example; else there is nothing to show beside. */
import type { Client } from '../../connection/connection.ts';

export async function rowsBeside(client: Client, { reference, examples, offset, limit }: { reference: string; examples: number; offset: number; limit: number }): Promise<readonly string[] | null> {
  const [, name, version, split] = /^dataset:([^@/]+)@(\d+)\/(.+)$/.exec(reference) ?? [];
  if (name === undefined || split === undefined) return null;
  const { total, rows } = await client.datasets.rows({ name, version: Number(version), split, from: offset, limit });
  return total === examples ? rows.map(({ cells }) => cells.filter((cell) => cell !== null).join(' · ')) : null;
}
