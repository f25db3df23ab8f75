/** Lets a chart draw at most so often, and not at all while nobody can see it. The last request is never lost: it runs when the time has come or the chart is seen again. */

export interface RedrawGate { request: () => void; setVisible: (visible: boolean) => void; setInterval: (ms: number) => void; dispose: () => void }
export const CALM_MS = 250, FOCUSED_MS = 100;

export interface GateClock { now: () => number; set: (fn: () => void, ms: number) => number; clear: (handle: number) => void }
const browserClock: GateClock = { now: () => performance.now(), set: (fn, ms) => window.setTimeout(fn, ms), clear: (h) => { window.clearTimeout(h); } };

export function redrawGate(draw: () => void, clock: GateClock = browserClock): RedrawGate {
  let interval = CALM_MS, visible = true, wanted = false, last = -Infinity, timer: number | null = null, dead = false;
  const run = (): void => {
    timer = null;
    if (!wanted || !visible || dead) return;
    wanted = false;
    last = clock.now();
    draw();
  };
  const plan = (): void => {
    if (!wanted || !visible || timer !== null || dead) return;
    const wait = last + interval - clock.now();
    if (wait <= 0) run();
    else timer = clock.set(run, wait);
  };
  const cancel = (): void => { if (timer !== null) { clock.clear(timer); timer = null; } };
  return {
    request: () => { wanted = true; plan(); },
    setVisible: (v) => { visible = v; if (v) plan(); else cancel(); },
    setInterval: (ms) => { if (ms === interval) return; interval = ms; cancel(); plan(); },
    dispose: () => { dead = true; cancel(); },
  };
}
