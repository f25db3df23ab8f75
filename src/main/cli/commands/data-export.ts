/** anneal data export */
import { existsSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import { FORMAT_IDS } from '../../../shared/formats.ts';
import { formatBytes } from '../../../shared/units.ts';
import type { Command } from '../command.ts';
import { withHost } from '../session.ts';

export const dataExport: Command = {
  name: 'data export', takes: '<dataset>', positionals: [1, 1], summary: 'Writes a dataset as a file of one of the formats.',
  details: 'The ending of the file says what it is: .jsonl or .csv. A file that exists is never overwritten.',
  options: {
    out: { type: 'string', short: 'o', value: 'file', help: 'the new file (required)' },
    format: { type: 'string', value: 'format', help: `${FORMAT_IDS.join(', ')}; default: as it was imported` },
    json: { type: 'boolean', help: 'print what was written as JSON' },
  },
  run: (call) => withHost(call.home, async ({ host }) => {
    const { resolver, datasets, embedded } = host.context, out = call.text('out'), format = call.text('format');
    if (out === undefined || out === '') throw new AnnealError('bad-request', 'data export needs --out <file>: see data export --help.');
    if (format !== undefined && !FORMAT_IDS.some((f) => f === format)) throw new AnnealError('bad-request', `--format must be ${FORMAT_IDS.join(', ')}, not "${format}".`);
    const path = resolve(out), file = ({ '.jsonl': 'jsonl', '.csv': 'csv' } as const)[extname(path).toLowerCase() as '.jsonl' | '.csv'];
    if (file === undefined) throw new AnnealError('bad-request', `The file "${basename(path)}" must end in .jsonl or .csv.`);
    if (existsSync(path)) throw new AnnealError('conflict', `"${basename(path)}" exists already, and nothing is overwritten: choose another name.`);
    if (!existsSync(resolve(path, '..'))) throw new AnnealError('file-not-found', `The folder for "${basename(path)}" does not exist: make it first.`);
    await embedded.ready;
    const record = await resolver.dataset(call.positionals[0] ?? '');
    const written = await datasets.exportTo(record.id, path, format ?? record.format, file);
    call.io.out(call.flag('json') ? `${JSON.stringify({ path, ...written })}\n` : `${written.rows} rows of ${record.name} as ${format ?? record.format}, ${formatBytes(written.bytes)}: ${path}\n`);
    return 0;
  }),
};
