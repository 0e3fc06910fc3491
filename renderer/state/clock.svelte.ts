/** The time, for "3 minutes ago": one timer for the whole page, at rest while it is hidden. */
class Clock {
  nowMs = $state(Date.now());

  constructor() {
    const tick = (): void => {
      if (!document.hidden) this.nowMs = Date.now();
    };
    setInterval(tick, 30_000);
    document.addEventListener('visibilitychange', tick);
  }
}

export const clock = new Clock();
