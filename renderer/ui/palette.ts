/** Finding an action by what is typed: words in any order, beginnings before middles, then the shorter title. Pure. */
export interface PaletteAction {
  id: string;
  title: string;
  /** Where it belongs: a view's name, "Run r0001". */
  group: string;
  keys?: string;
  run: () => void;
}

export function rankActions(actions: readonly PaletteAction[], text: string): readonly PaletteAction[] {
  const words = text.toLocaleLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return actions;
  return actions
    .map((action) => ({ action, score: scoreOf(`${action.title} ${action.group}`.toLocaleLowerCase(), words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.action.title.length - b.action.title.length)
    .map(({ action }) => action);
}

function scoreOf(title: string, words: readonly string[]): number {
  let score = 0;
  for (const word of words) {
    const at = title.indexOf(word);
    if (at === -1) return 0;
    score += at === 0 ? 4 : /\s/.test(title[at - 1] ?? '') ? 3 : 1;
  }
  return score;
}
