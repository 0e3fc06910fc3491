/** What a person does with single checkpoints: part of schema version 4. */
export const checkpointsTables = '';
