/** Imported prompt packs: part of schema version 4. */
export const packsTables = '';
