/** The end of the program: asks while runs are at work, lets them be finished without a window, or lets them save their state first. */
export type QuitChoice = 'later' | 'now' | 'cancel';

export interface QuitParts {
  runsAtWork(): number;
  ask(runs: number): Promise<QuitChoice>;
  hideWindows(): void;
  showWindows(): void;
  /** Resolves when nothing is at work and nothing waits. */
  whenIdle(): Promise<void>;
  /** Saves and closes everything. */
  close(): Promise<void>;
  exit(): void;
}

export interface Quitting {
  /** Whether the program may end now; false starts what has to come before. */
  request(): boolean;
  /** Ends without a question: everything at work saves its state. For Ctrl-C and the system's own end. */
  end(): void;
  /** The person came back while runs were being finished in the background. */
  comeBack(): void;
  readonly state: 'open' | 'asking' | 'background' | 'ending' | 'ended';
}

export function createQuitting(parts: QuitParts): Quitting {
  let state: Quitting['state'] = 'open';

  const end = (): void => {
    if (state === 'ending' || state === 'ended') return;
    state = 'ending';
    void parts.close().catch((thrown: unknown) => console.error(`souffleur: ${String(thrown)}`)).finally(() => {
      state = 'ended';
      parts.exit();
    });
  };

  const goOn = (): void => {
    state = 'background';
    parts.hideWindows();
    void endWhenIdle();
  };

  const endWhenIdle = async (): Promise<void> => {
    await parts.whenIdle();
    // Unless somebody came back meanwhile.
    if (state === 'background') end();
  };

  const ask = async (): Promise<void> => {
    state = 'asking';
    const choice = await parts.ask(parts.runsAtWork()).catch((): QuitChoice => 'cancel');
    if (state !== 'asking') return;
    switch (choice) {
      case 'later': return goOn();
      case 'now': return end();
      case 'cancel': {
        state = 'open';
        return;
      }
      default: return choice satisfies never;
    }
  };

  return {
    request() {
      if (state === 'ended') return true;
      if (state === 'open' || state === 'background') {
        if (parts.runsAtWork() > 0 && state === 'open') void ask();
        else end();
      }
      return false;
    },
    end,
    comeBack() {
      if (state !== 'background') return;
      state = 'open';
      parts.showWindows();
    },
    get state() {
      return state;
    },
  };
}
