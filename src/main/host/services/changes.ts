/** Handler of `changes`: a snapshot of every record, then what changes. A slow consumer gets the newest of each record, and never a gap. */
import type { Change, contract } from '../../../shared/contract.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { Store } from '../../store/open.ts';
import type { HostContext } from '../context.ts';
import { latest } from '../latest.ts';

export const changesService = ({ store }: HostContext): Service<typeof contract.changes> => ({
  watch: async function* (_input, { signal }) {
    const line = latest<Change>();
    const stop = store.onChange((change) => { line.push(`${change.topic}/${change.id}`, change); });
    try {
      for (const change of snapshot(store)) line.push(`${change.topic}/${change.id}`, change);
      yield* line.items(signal);
    } finally { stop(); }
  },
});

function* snapshot(store: Store): Generator<Change> {
  yield { topic: 'settings', id: 'settings', record: store.settings.get() };
  for (const record of store.models.list()) yield { topic: 'model', id: record.id, record };
  for (const record of store.datasets.list()) yield { topic: 'dataset', id: record.id, record };
  for (const record of store.runs.list()) yield { topic: 'run', id: record.id, record };
  for (const record of store.checkpoints.list()) yield { topic: 'checkpoint', id: record.id, record };
  for (const record of store.demos.list()) yield { topic: 'demo', id: record.id, record };
  for (const record of store.exports.list()) yield { topic: 'export', id: record.id, record };
}
