import type { Client } from '../../connection/connection.ts';

/** An example as the list has it, with its star and note. */
export type ExampleRow = Awaited<ReturnType<Client['comparisons']['examples']>>['rows'][number];
