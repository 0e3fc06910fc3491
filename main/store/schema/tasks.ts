/** The task library: part of schema version 4. */
export const tasksTables = '';
