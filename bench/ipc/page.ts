/** The page's half: pulls the events into buffers and writes to the document at most once a frame, as the app does. Exposes one function to the benchmark. */
import '../../src/renderer/src/platform/zod-setup.ts';
import '../../src/renderer/src/platform/trusted-types.ts';
import { connect } from '../../src/renderer/src/platform/connect.ts';
import { createClient } from '../../src/shared/rpc/client.ts';
import { ipcContract } from './contract.ts';

export interface Measured { ms: number; received: number; commits: number; frames: number; ping_p50_ms: number; ping_p99_ms: number }

async function measure(total: number, batch: number): Promise<Measured> {
  const { api } = createClient(ipcContract, await connect()), out = document.getElementById('root') as HTMLElement;
  const pings: number[] = [];
  for (let i = 0; i < 200; i++) { const t = performance.now(); await api.ping({ n: i }); pings.push(performance.now() - t); }
  pings.sort((a, b) => a - b);

  const loss = new Float64Array(total);
  let received = 0, shown = 0, commits = 0, frames = 0, running = true;
  const done = new Promise<void>((resolve) => {
    const frame = (): void => {
      frames++;
      if (received > shown) { shown = received; commits++; out.textContent = `step ${shown}, loss ${loss[shown - 1]?.toFixed(4) ?? ''}`; }
      if (shown === total || !running) resolve(); else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  const started = performance.now();
  for await (const events of api.events({ total, batch })) for (const e of events) loss[received++] = e.values['loss'] ?? NaN;
  running = received === total;
  await done;
  return { ms: performance.now() - started, received, commits, frames, ping_p50_ms: pings[100] ?? NaN, ping_p99_ms: pings[198] ?? NaN };
}
Object.assign(window, { measure });
