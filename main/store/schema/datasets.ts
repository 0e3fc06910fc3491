/** Imported data sets: part of schema version 4. */
export const datasetsTables = '';
