/** The micro-world: one import for the library's tasks and the backbone's texts. */
export * from './events.ts';
export * from './facts.ts';
export * from './lexicon.ts';
export * from './opinions.ts';
export * from './random.ts';
export * from './senses.ts';
