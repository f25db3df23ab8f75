/**
 * A host that invents its answers, so that pages can be looked at in any state without training anything. For UI tests and pictures only.
 *   node test/support/fixture-host.ts --port 5199 [--page out/renderer] [--state full|preference|aligned|aligning|many|empty|demo|failed|card] [--language system|en|zh-CN] [--theme system|dark|light]
 */
import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { startPageServer } from '../../src/main/web/page-server.ts';
import { contract } from '../../src/shared/contract.ts';
import { settings } from '../../src/shared/schema/entities.ts';
import { createServer } from '../../src/shared/rpc/server.ts';
import { fixtureService } from './fixture-service.ts';
import type { FixtureState } from './fixture-service.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '5199' }, page: { type: 'string', default: 'out/renderer' }, state: { type: 'string', default: 'full' }, language: { type: 'string', default: 'system' }, theme: { type: 'string', default: 'system' }, key: { type: 'string', default: 'fixture' } } });

const server = createServer(contract, fixtureService({ state: values.state as FixtureState, ...settings.pick({ language: true, theme: true }).parse(values) }), { version: '0.0.0-fixture', log: (id, name, error) => { console.error(id, name, error); } });
const page = await startPageServer({ root: resolve(values.page), port: Number(values.port), key: values.key, onPage: (channel) => { server.accept(channel); } });
console.log(page.link);
