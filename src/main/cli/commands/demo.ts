/** anneal demo */
import { writeFileSync } from 'node:fs';
import { AnnealError } from '../../../shared/errors.ts';
import type { Demo } from '../../../shared/schema/entities.ts';
import { formatDuration, formatValue } from '../../../shared/units.ts';
import { connectionCount } from '../../supervise/network-guard.ts';
import type { Command } from '../command.ts';
import { progress } from '../progress.ts';
import { withHost } from '../session.ts';
import { table } from '../table.ts';

const STAGE: Record<Demo['status'], string> = { base: 'scoring the base model', training: 'fine-tuning', tuned: 'scoring the tuned model', done: 'done', failed: 'failed', cancelled: 'cancelled' };
const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;

export const demo: Command = {
  name: 'demo', takes: '', positionals: [0, 0], summary: 'Fine-tunes the embedded model and compares it with its base on held-out rows.',
  options: { json: { type: 'string', value: 'file', help: 'write scores and timings to this file' }, quiet: { type: 'boolean', help: 'no progress' } },
  run: (call) => withHost(call.home, async ({ host, api }) => {
    const { store } = host.context, bar = progress(call.io, 'demo'), file = call.text('json');
    let id = '';
    const stop = (): void => { if (id !== '') host.context.demo.cancel(id); };
    process.once('SIGINT', stop);
    try {
      ({ id } = await api.demo.start());
      const ended = await new Promise<Demo>((resolve) => {
        const look = (): void => {
          const d = store.demos.get(id), run = d.run_id === null ? undefined : store.runs.find(d.run_id);
          if (!call.flag('quiet')) bar.update(d.progress, [STAGE[d.status], ...(run && d.status === 'training' ? [`step ${run.step}/${run.total_steps}`, ...(run.last['loss'] === undefined ? [] : [`loss ${formatValue(run.last['loss'])}`])] : [])], d.status === 'training' ? run?.seconds_left ?? null : null);
          if (d.ended_at !== null) { off(); resolve(d); }
        };
        const off = store.onChange((c) => { if (c.topic === 'demo' || c.topic === 'run') look(); });
        look();
      });
      bar.end();
      if (ended.status !== 'done') throw ended.error ? AnnealError.from(ended.error) : new AnnealError('cancelled', 'The demo was cancelled.');
      const seconds = ((ended.ended_at ?? 0) - ended.started_at) / 1000, run = ended.run_id === null ? null : store.runs.get(ended.run_id);
      await host.context.engines.poll();
      const connections = host.context.engines.status().connections + connectionCount();
      if (file !== undefined) writeFileSync(file, `${JSON.stringify({ ...ended, seconds, training_seconds: run?.seconds ?? null, steps: run?.step ?? null, connections, system: await api.system.info() }, null, 2)}\n`);
      call.io.out(`${report(ended)}\n\nTotal time ${formatDuration(seconds)}${run ? `, of which training ${formatDuration(run.seconds)} (${run.step} steps)` : ''}; run ${ended.run_id ?? ''}.\n`);
      return 0;
    } finally { process.off('SIGINT', stop); }
  }),
};

function report({ scores, difference }: Demo): string {
  const rows = scores.map((s) => [s.task, String(s.n), percent(s.base), `${percent(s.base_low)} to ${percent(s.base_high)}`, percent(s.tuned), `${percent(s.tuned_low)} to ${percent(s.tuned_high)}`]);
  const text = table(['task', 'rows', 'base', '95 % interval', 'tuned', '95 % interval'], rows, [1, 2, 3, 4, 5]);
  if (!difference) return text;
  const decided = difference.low > 0 ? 'better' : difference.high < 0 ? 'worse' : 'undecided';
  return `Exact match on held-out rows\n\n${text}\n\nDifference ${percent(difference.mean)} (95 % interval ${percent(difference.low)} to ${percent(difference.high)}; McNemar p ${difference.p < 1e-4 ? difference.p.toExponential(1) : difference.p.toFixed(4)}): ${decided}.`;
}
