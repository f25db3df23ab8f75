/** Opens the store of a data folder: takes the lock, opens the database, migrates it, loads the records. */
import type { Change } from '../../shared/contract.ts';
import type { Dataset, Demo, Model } from '../../shared/schema/entities.ts';
import type { ExportRecord } from '../../shared/schema/export.ts';
import type { RewardCard } from '../../shared/schema/reward.ts';
import { Checkpoints } from './checkpoints.ts';
import type { Collection } from './collection.ts';
import { Connection, storeError } from './connection.ts';
import { datasets } from './datasets.ts';
import { demos } from './demos.ts';
import { exportRecords } from './exports.ts';
import { createHome } from './home.ts';
import type { Home } from './home.ts';
import { acquireLock } from './lock.ts';
import { Logs } from './logs.ts';
import { Metrics } from './metrics.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import { models } from './models.ts';
import { rewardCards } from './reward-cards.ts';
import { Runs } from './runs.ts';
import { Samples } from './samples.ts';
import { SettingsRecord } from './settings.ts';

export interface Store {
  readonly home: Home;
  readonly models: Collection<Model>;
  readonly datasets: Collection<Dataset>;
  readonly runs: Runs;
  readonly checkpoints: Checkpoints;
  readonly samples: Samples;
  readonly logs: Logs;
  readonly metrics: Metrics;
  readonly settings: SettingsRecord;
  readonly demos: Collection<Demo>;
  readonly exports: Collection<ExportRecord>;
  readonly rewardCards: Collection<RewardCard>;
  /** All or nothing; safe against the death of the process. */
  transaction<T>(work: () => T): T;
  /** As `transaction`, and safe against power loss. */
  durable<T>(work: () => T): T;
  /** Told of every changed record after its commit. Returns the way to stop. */
  onChange(listener: (change: Change) => void): () => void;
  close(): void;
}

export function openStore(root: string, migrations: readonly Migration[] = MIGRATIONS): Store {
  const home = createHome(root);
  const lock = acquireLock(home.lock);
  let connection: Connection | undefined;
  try {
    connection = new Connection(home.database);
    migrate(connection, migrations, home.backups);
    return assemble(home, connection, () => { connection?.close(); lock.release(); });
  } catch (e) {
    connection?.close();
    lock.release();
    throw storeError(e);
  }
}

function assemble(home: Home, connection: Connection, close: () => void): Store {
  const runs = new Runs(connection);
  return {
    home, models: models(connection), datasets: datasets(connection), runs, checkpoints: new Checkpoints(connection), samples: new Samples(connection, runs), logs: new Logs(connection),
    metrics: new Metrics(connection, runs), settings: new SettingsRecord(connection), demos: demos(connection), exports: exportRecords(connection), rewardCards: rewardCards(connection),
    transaction: (work) => connection.transaction(work), durable: (work) => connection.durable(work), onChange: (listener) => connection.onChange(listener), close,
  };
}
