/** Child process of the kill test: writes records and metrics as fast as it can, and prints each number after its commit. */
import { openStore } from '../../src/main/store/open.ts';
import { testModel, testRun } from './records.ts';

const [home = '', firstText = '1'] = process.argv.slice(2);
const store = openStore(home);
if (!store.runs.find('r')) store.durable(() => { store.runs.put(testRun('r')); store.runs.addAttempt('r', { attempt: 1, from_step: 0, started_at: 0 }); });
for (let n = Number(firstText); ; n++) {
  store.transaction(() => {
    store.models.put(testModel(`m${n % 50}`, { name: String(n) }));
    store.metrics.append('r', 1, [{ step: n, tokens: n, epoch: n, seconds: n, values: { loss: n } }]);
    store.logs.add('r', 'info', String(n));
  });
  process.stdout.write(`${n}\n`);
}
