/** The address of what is on screen: `#/runs/r0001/checkpoints?sort=dev`. Back, forward, a reload and a link in a note all work. */
export const sections = ['home', 'models', 'library', 'datasets', 'runs', 'ensembles', 'compare', 'studies', 'packs', 'settings'] as const;
export type Section = (typeof sections)[number];

export interface Route {
  section: Section;
  /** What comes after the section, decoded. */
  path: readonly string[];
  query: Readonly<Record<string, string>>;
}

export function parseRoute(hash: string): Route {
  const [pathText = '', queryText = ''] = hash.replace(/^#\/?/, '').split('?');
  const [first = '', ...path] = pathText.split('/').map(decode).filter((part) => part !== '');
  const section = (sections as readonly string[]).includes(first) ? (first as Section) : 'home';
  return { section, path: section === first ? path : [], query: Object.fromEntries(new URLSearchParams(queryText)) };
}

export function routeText(section: Section, path: readonly string[] = [], query: Readonly<Record<string, string>> = {}): string {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  return `#/${[section, ...path].map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

class RouteState {
  current = $state.raw(parseRoute(location.hash));

  constructor() {
    window.addEventListener('hashchange', () => {
      this.current = parseRoute(location.hash);
    });
  }

  go(section: Section, path: readonly string[] = [], query: Readonly<Record<string, string>> = {}): void {
    location.hash = routeText(section, path, query);
  }

  /** Changes the query without a new entry in the history: filters and sorting are not places. */
  refine(changes: Readonly<Record<string, string>>): void {
    const { section, path, query } = this.current;
    history.replaceState(null, '', routeText(section, path, { ...query, ...changes }));
    this.current = parseRoute(location.hash);
  }
}

export const route = new RouteState();
