/** anneal model download */
import type { Download } from '../../../shared/schema/hub.ts';
import { AnnealError } from '../../../shared/errors.ts';
import { formatBytes } from '../../../shared/units.ts';
import type { Command } from '../command.ts';
import { progress } from '../progress.ts';
import { withHost } from '../session.ts';

export const modelDownload: Command = {
  name: 'model download', takes: '<owner/name[@revision]>', positionals: [1, 1], summary: 'Downloads a model from the Hugging Face hub and registers it.',
  details: 'Asks HF_ENDPOINT where it is set, with HF_TOKEN for gated models. Shows licence and size first; Ctrl+C pauses, and the same command continues.',
  options: {
    file: { type: 'string', value: 'path', help: 'one GGUF file of the repository' }, name: { type: 'string', value: 'name', help: 'default: the model\'s name' },
    'dry-run': { type: 'boolean', help: 'only show what would be downloaded' }, quiet: { type: 'boolean', help: 'no progress' }, json: { type: 'boolean', help: 'print the record as JSON' },
  },
  run: (call) => withHost(call.home, async ({ host, api }) => {
    const model = call.positionals[0] ?? '', file = call.text('file'), { hub } = host.context;
    const p = await api.hub.inspect({ model, file });
    call.io.err(`${p.model} at ${p.commit.slice(0, 12)} from ${p.endpoint}\nlicence: ${p.license ?? 'the card names none'}${p.license_link === null ? '' : ` (${p.license_link})`}\n${p.files.length} files, ${formatBytes(p.bytes)}; ${formatBytes(p.disk_free)} free\n`);
    for (const problem of p.problems) call.io.err(`${problem}\n`);
    if (call.flag('dry-run')) {
      call.io.out(call.flag('json') ? `${JSON.stringify(p)}\n` : `${p.files.map((f) => `${f.path}  ${formatBytes(f.bytes)}`).join('\n')}\n`);
      return p.problems.length === 0 ? 0 : 1;
    }
    const started = await api.hub.download({ model, file, name: call.text('name') }), bar = progress(call.io, 'download');
    const pause = (): void => { hub.pause(started.id); };
    process.once('SIGINT', pause);
    try {
      const ended = await new Promise<Download>((resolve) => {
        const look = (): void => {
          const d = hub.list().find((x) => x.id === started.id);
          if (!d) return;
          if (!call.flag('quiet')) bar.update(d.bytes === 0 ? 0 : d.bytes_done / d.bytes, [d.file ?? d.status, ...(d.bytes_per_second === null ? [] : [`${formatBytes(d.bytes_per_second)}/s`])], d.seconds_left);
          if (['done', 'failed', 'paused', 'cancelled'].includes(d.status)) { off(); resolve(d); }
        };
        const off = hub.onChange(look);
        look();
      });
      bar.end();
      if (ended.status === 'failed' && ended.error) throw AnnealError.from(ended.error);
      if (ended.status !== 'done' || ended.model_id === null) throw new AnnealError('cancelled', `The download of "${ended.model}" is ${ended.status} at ${formatBytes(ended.bytes_done)} of ${formatBytes(ended.bytes)}: the same command continues it.`);
      const record = host.context.store.models.get(ended.model_id);
      call.io.out(call.flag('json') ? `${JSON.stringify(record)}\n` : `model ${record.id}\n${record.name}: ${record.family}, ${formatBytes(record.bytes)}, licence ${record.license ?? 'not named'}, in ${ended.folder ?? ''}\n`);
      return 0;
    } finally { process.off('SIGINT', pause); }
  }),
};
