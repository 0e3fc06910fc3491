/** The study that comes with the program: begun, gone on with and stopped from here. */
import { act } from '../../state/act.ts';
import { route } from '../../state/route.svelte.ts';
import { homeText } from '../../text/home.ts';

export async function startDemo(size: 'short' | 'full'): Promise<void> {
  const started = await act(async (client) => {
    const { name } = await client.studies.create({ source: { kind: 'demo', size } });
    await client.studies.start({ name });
    return name;
  }, { done: () => homeText().demoStarted });
  if (started !== null) route.go('studies', [started]);
}
