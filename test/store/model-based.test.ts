/** Random commands against the store and against a plain map: after every command, and after reopening, both hold the same. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Change } from '../../src/shared/contract.ts';
import type { Model } from '../../src/shared/schema/entities.ts';
import { openStore } from '../../src/main/store/open.ts';
import type { Store } from '../../src/main/store/open.ts';
import { testModel } from '../support/records.ts';

interface World { home: string; store: Store; heard: Map<string, Model> }
type Truth = Map<string, Model>;

const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const listen = (store: Store, heard: Map<string, Model>): void => {
  store.onChange((c: Change) => { if (c.topic === 'model') { if (c.record) heard.set(c.id, c.record); else heard.delete(c.id); } });
};
const same = (truth: Truth, { store, heard }: World): void => {
  const byId = (x: Model[]): Model[] => x.toSorted((p, q) => p.id.localeCompare(q.id));
  expect(byId(store.models.list())).toEqual(byId([...truth.values()]));
  expect(byId([...heard.values()])).toEqual(byId([...truth.values()]));
};

class Put implements fc.Command<Truth, World> {
  readonly id: string; readonly name: string; readonly durable: boolean;
  constructor(which: string, name: string, durable: boolean) { this.id = which; this.name = name; this.durable = durable; }
  check(): boolean { return true; }
  run(truth: Truth, world: World): void {
    const record = testModel(this.id, { name: this.name }), put = (): void => { world.store.models.put(record); };
    if (this.durable) world.store.durable(put); else world.store.transaction(put);
    truth.set(this.id, record);
    same(truth, world);
  }
  toString(): string { return `put ${this.id} ${JSON.stringify(this.name)}`; }
}
class Remove implements fc.Command<Truth, World> {
  readonly id: string;
  constructor(which: string) { this.id = which; }
  check(): boolean { return true; }
  run(truth: Truth, world: World): void { world.store.models.remove(this.id); truth.delete(this.id); same(truth, world); }
  toString(): string { return `remove ${this.id}`; }
}
class Failing implements fc.Command<Truth, World> {
  readonly ids: string[];
  constructor(ids: string[]) { this.ids = ids; }
  check(): boolean { return true; }
  run(truth: Truth, world: World): void {
    expect(() => world.store.transaction(() => {
      for (const [k, which] of this.ids.entries()) if (k % 2 === 0) world.store.models.put(testModel(which, { name: 'never' })); else world.store.models.remove(which);
      throw new Error('taken back');
    })).toThrow('taken back');
    same(truth, world);
  }
  toString(): string { return `fail ${this.ids.join(',')}`; }
}
class Reopen implements fc.Command<Truth, World> {
  check(): boolean { return true; }
  run(truth: Truth, world: World): void {
    world.store.close();
    world.store = openStore(world.home);
    listen(world.store, world.heard);
    same(truth, world);
  }
  toString(): string { return 'reopen'; }
}

test('records: store = map', () => {
  const commands = fc.commands([
    fc.tuple(id, fc.string({ maxLength: 8 }), fc.boolean()).map(([a, b, c]) => new Put(a, b, c)), id.map((a) => new Remove(a)), fc.array(id, { minLength: 1, maxLength: 4 }).map((a) => new Failing(a)), fc.constant(new Reopen()),
  ], { maxCommands: 25 });
  fc.assert(fc.property(commands, (list) => {
    const home = mkdtempSync(join(tmpdir(), 'anneal-model-'));
    const world: World = { home, store: openStore(home), heard: new Map() };
    try {
      fc.modelRun(() => { listen(world.store, world.heard); return { model: new Map(), real: world }; }, list);
    } finally { world.store.close(); rmSync(home, { recursive: true, force: true }); }
  }), { numRuns: 25 });
});
