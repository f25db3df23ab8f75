/** anneal demo */
import { writeFileSync } from 'node:fs';
import { AnnealError } from '../../../shared/errors.ts';
import type { Demo, Run } from '../../../shared/schema/entities.ts';
import { formatDuration, formatValue } from '../../../shared/units.ts';
import { alignmentReport } from '../demo-report.ts';
import { connectionCount } from '../../supervise/network-guard.ts';
import type { Command } from '../command.ts';
import { progress } from '../progress.ts';
import { withHost } from '../session.ts';
import { table } from '../table.ts';

const STAGE: Record<Demo['status'], string> = { base: 'scoring the base model', training: 'fine-tuning', tuned: 'scoring the tuned model', aligning: 'aligning with pairs', aligned: 'scoring the aligned model', done: 'done', failed: 'failed', cancelled: 'cancelled' };
const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;

export const demo: Command = {
  name: 'demo', takes: '', positionals: [0, 0], summary: 'Fine-tunes the embedded model, aligns it with pairs, and compares each with what it came from on held-out rows.',
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
          const d = store.demos.get(id), run = runOf(d, store), training = d.status === 'training' || (d.status === 'aligning' && run !== undefined);
          if (!call.flag('quiet')) bar.update(d.progress, [STAGE[d.status], ...(run && training ? [`step ${run.step}/${run.total_steps}`, ...(run.last['loss'] === undefined ? [] : [`loss ${formatValue(run.last['loss'])}`])] : [])], training ? run?.seconds_left ?? null : null);
          if (d.ended_at !== null) { off(); resolve(d); }
        };
        const off = store.onChange((c) => { if (c.topic === 'demo' || c.topic === 'run') look(); });
        look();
      });
      bar.end();
      if (ended.status !== 'done') throw ended.error ? AnnealError.from(ended.error) : new AnnealError('cancelled', 'The demo was cancelled.');
      const seconds = ((ended.ended_at ?? 0) - ended.started_at) / 1000, run = ended.run_id === null ? null : store.runs.get(ended.run_id), second = ended.alignment ? store.runs.get(ended.alignment.run_id) : null;
      await host.context.engines.poll();
      const connections = host.context.engines.status().connections + connectionCount();
      if (file !== undefined) writeFileSync(file, `${JSON.stringify({ ...ended, seconds, training_seconds: run?.seconds ?? null, steps: run?.step ?? null, align_seconds: second?.seconds ?? null, align_steps: second?.step ?? null, connections, system: await api.system.info() }, null, 2)}\n`);
      call.io.out(`${report(ended)}${ended.alignment ? `\n\n${alignmentReport(ended.alignment)}` : ''}\n\nTotal time ${formatDuration(seconds)}${run ? `, of which training ${formatDuration(run.seconds)} (${run.step} steps)${second ? ` and alignment ${formatDuration(second.seconds)} (${second.step} steps)` : ''}` : ''}; ${second ? `runs ${ended.run_id ?? ''} and ${second.id}` : `run ${ended.run_id ?? ''}`}.\n`);
      return 0;
    } finally { process.off('SIGINT', stop); }
  }),
};

/** The run that works now. */
/** The run that the demo waits for: fine-tuning first, then alignment. */
const runOf = (d: Demo, store: { runs: { find: (id: string) => Run | undefined } }): Run | undefined => { const id = d.status === 'aligning' ? d.align_run_id : d.run_id; return id === null || id === undefined ? undefined : store.runs.find(id); };

function report({ scores, difference }: Demo): string {
  const rows = scores.map((s) => [s.task, String(s.n), percent(s.base), `${percent(s.base_low)} to ${percent(s.base_high)}`, percent(s.tuned), `${percent(s.tuned_low)} to ${percent(s.tuned_high)}`]);
  const text = table(['task', 'rows', 'base', '95 % interval', 'tuned', '95 % interval'], rows, [1, 2, 3, 4, 5]);
  if (!difference) return text;
  const decided = difference.low > 0 ? 'better' : difference.high < 0 ? 'worse' : 'undecided';
  return `Exact match on held-out rows\n\n${text}\n\nDifference ${percent(difference.mean)} (95 % interval ${percent(difference.low)} to ${percent(difference.high)}; McNemar p ${difference.p < 1e-4 ? difference.p.toExponential(1) : difference.p.toFixed(4)}): ${decided}.`;
}
