/** Starts a run that would take long, on a very small model with random weights, by asking the host; resolves when it has trained a step. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callHost } from './page-rpc.ts';
import { writeRealModel } from './real-model.ts';
import type { App } from './window.ts';

export interface StartedRun { id: string; status: () => Promise<{ status: string; step: number }> }

export async function startLongRun(app: App): Promise<StartedRun> {
  const given = join(app.home, 'given');
  mkdirSync(given, { recursive: true });
  const model = writeRealModel(join(given, 'model')), data = join(given, 'rows.jsonl');
  writeFileSync(data, Array.from({ length: 40 }, (_, i) => JSON.stringify({ messages: [{ role: 'user', content: `Say ${i}` }, { role: 'assistant', content: `Here is ${i}.` }] })).join('\n'));
  const recipe = { name: 'Long', method: 'sft', model, data: { train: data }, adapter: 'none', train: { max_steps: 100_000, per_device_train_batch_size: 2, max_length: 64, learning_rate: 1e-4 } };
  const { id } = await callHost(app, 'runs.create', { recipe }, 60_000) as { id: string };
  const status = async (): Promise<{ status: string; step: number }> => await callHost(app, 'runs.get', { id }) as { status: string; step: number };
  const limit = Date.now() + 60_000;
  for (;;) {
    const now = await status();
    if (now.step > 2) return { id, status };
    if (['failed', 'done', 'finished'].includes(now.status) || Date.now() > limit) throw new Error(`The run did not begin: ${JSON.stringify(now)}`);
    await new Promise((r) => { setTimeout(r, 200); });
  }
}
