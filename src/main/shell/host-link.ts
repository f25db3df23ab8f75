/** The host process as the shell sees it: kept alive, asked about its work, and connected to the page port by port. */
import type { MessagePortMain } from 'electron';
import { contract } from '../../shared/contract.ts';
import { hostControlContract } from '../../shared/process-contract.ts';
import { joinChannels } from '../../shared/rpc/channel.ts';
import { createClient } from '../../shared/rpc/client.ts';
import type { RpcClient } from '../../shared/rpc/client.ts';
import { electronPortChannel } from '../../shared/rpc/port-channel.ts';
import { nodeSpawner } from '../supervise/spawn-node.ts';
import { refusal } from '../../shared/rpc/protocol.ts';
import type { SpawnedChild } from '../supervise/spawner.ts';
import { Supervisor } from '../supervise/supervisor.ts';
import { serveBroker } from './broker.ts';
import { portOf, utilitySpawner, utilityWorks } from './spawn-utility.ts';
import type { UtilityChild } from './spawn-utility.ts';

/** Of the time for stopping, what is left for the answer. */
const ANSWER_MS = 2000;

export interface ActiveRun { id: string; name: string }

export class HostLink {
  readonly supervisor: Supervisor;
  readonly kind: 'node' | 'utility';
  #runs: ActiveRun[] = [];
  #control: RpcClient<typeof hostControlContract> | undefined;
  readonly #activityListeners = new Set<(runs: ActiveRun[]) => void>();

  constructor() {
    const named = process.env['ANNEAL_ENGINE_NODE'];
    if (named === undefined && !utilityWorks()) throw new Error('This Electron is too old to run Anneal by itself: set ANNEAL_ENGINE_NODE to a Node 24 binary (npm start does).');
    // A named Node wins: it is what the tests run, and its memory is not limited by Electron's pointer compression.
    const utility = utilitySpawner(), spawner = named === undefined ? utility : nodeSpawner({ execPath: named });
    this.kind = named === undefined ? 'utility' : 'node';
    this.supervisor = new Supervisor(spawner, { entry: 'host', name: 'host', env: { ANNEAL_FACE: 'desktop', ANNEAL_ELECTRON: process.versions['electron'] ?? '' } }, {
      ready: (child) => {
        child.onLine((line) => { console.error(`[host] ${line}`); });
        if (this.kind === 'utility') serveBroker(child as UtilityChild, utility);
        const probe = createClient(contract, child.open('app'));
        return probe.hello.then(() => { probe.close(); void this.#follow(child); });
      },
    });
    this.supervisor.onState((s) => { if (s.at !== 'ready' && s.at !== 'running') this.#setRuns([]); });
    this.supervisor.onExit((exit) => { if (exit.reason !== 'clean') console.error(`The host process ended (${exit.reason}).`); });
  }

  get runs(): readonly ActiveRun[] { return this.#runs; }
  onActivity(fn: (runs: ActiveRun[]) => void): void { this.#activityListeners.add(fn); }

  /** Gives a page's port to the host, now or once it answers. A host that has given up says why and closes it. */
  async attach(port: MessagePortMain): Promise<void> {
    try {
      const child = await this.supervisor.whenReady();
      if (this.kind === 'utility') (child as UtilityChild).hand('app', port);
      else joinChannels(electronPortChannel(portOf(port)), child.open('app'));
    } catch (e) {
      const channel = electronPortChannel(portOf(port));
      channel.send(refusal({ code: 'unavailable', message: e instanceof Error ? e.message : String(e) }));
      channel.close();
    }
  }

  /** The person picked this path in the system's own dialog: the host may read it. */
  async allow(path: string): Promise<void> {
    await this.#control?.api.allow({ path });
  }

  /** Stops all runs safely; false when the host does not answer in time. */
  async stopAll(withinMs: number): Promise<boolean> {
    if (!this.#control) return false;
    try { await this.#control.api.stopAll({ within_ms: Math.max(500, withinMs - ANSWER_MS) }, { signal: AbortSignal.timeout(withinMs) }); return true; } catch { return false; }
  }

  async #follow(child: SpawnedChild): Promise<void> {
    const control = createClient(hostControlContract, child.open('control'));
    this.#control = control;
    try {
      for await (const { runs } of control.api.activity()) this.#setRuns(runs);
    } catch { /* the host has gone; supervision sees it */ }
    if (this.#control === control) this.#control = undefined;
    this.#setRuns([]);
  }

  #setRuns(runs: ActiveRun[]): void {
    this.#runs = runs;
    for (const fn of this.#activityListeners) fn(runs);
  }
}
