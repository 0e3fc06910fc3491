/** The order of queued runs: part of schema version 4. */
export const queueTables = '';
