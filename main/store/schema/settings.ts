/** Settings of the workspace: part of schema version 4. */
export const settingsTables = '';
