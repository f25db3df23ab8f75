/** The guard counts and refuses what leaves the machine's own pipes; a host without work tries nothing. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const guard = pathToFileURL(join(import.meta.dirname, '../../src/main/supervise/network-guard.ts')).href;
const run = (code: string, env: Record<string, string> = {}): unknown => {
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', `import { installNetworkGuard, connectionCount, networkPurposes, openNetwork } from ${JSON.stringify(guard)}; installNetworkGuard(); ${code}`], { env: { ...process.env, ...env }, encoding: 'utf8', timeout: 20_000 });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout);
};
const ways = `
  import net from 'node:net'; import http from 'node:http'; import dgram from 'node:dgram';
  const server = http.createServer((_q, r) => r.end('yes')); await new Promise((r) => server.listen(0, '127.0.0.1', r)); const { port } = server.address();
  const results = [];
  results.push(await fetch('http://127.0.0.1:' + port).then((r) => r.text(), (e) => (e.cause ?? e).code));
  results.push(await new Promise((r) => { http.get({ host: '127.0.0.1', port }, (x) => { x.resume(); r('yes'); }).on('error', (e) => r(e.code)); }));
  results.push(await new Promise((r) => { const s = net.connect(port, '127.0.0.1', () => { s.destroy(); r('yes'); }); s.on('error', (e) => r(e.code)); }));
  try { const u = dgram.createSocket('udp4'); u.send('x', port, '127.0.0.1', () => u.close()); results.push('yes'); } catch (e) { results.push(e.code); }
`;

const refused = [['ENETUNREACH', 'ENETUNREACH', 'ENETUNREACH', 'ENETUNREACH'], 4];
test('counted, and refused', () => { expect(run(`${ways} console.log(JSON.stringify([results, connectionCount()])); process.exit(0)`)).toEqual(refused); });
test('let through to the address of a transfer that was asked for, and to no other, and only while it lasts', () => {
  const opened = ways.replace('const results', "const use = openNetwork('download acme/tiny'); use.allow('127.0.0.1', port); const results");
  expect(run(`${opened} const during = networkPurposes(); use.close(); results.push(await fetch('http://127.0.0.1:' + port).then((r) => r.text(), (e) => (e.cause ?? e).code)); console.log(JSON.stringify([results, connectionCount(), during, networkPurposes()])); process.exit(0)`))
    .toEqual([['yes', 'yes', 'yes', 'ENETUNREACH', 'ENETUNREACH'], 5, ['download acme/tiny'], []]);
  expect(run(`${opened.replace("use.allow('127.0.0.1', port)", "use.allow('127.0.0.1', port + 1); use.allow('hub.example', port)")} console.log(JSON.stringify([results, connectionCount()])); process.exit(0)`)).toEqual(refused);
  expect(run(`${opened} console.log(JSON.stringify([results, connectionCount()])); process.exit(0)`, { ANNEAL_OFFLINE: 'refuse' })).toEqual(refused);
});
test('pipes are no network', () => {
  expect(run(`import net from 'node:net'; const path = ${JSON.stringify(`/tmp/anneal-guard-${process.pid}`)}; const s = net.createServer().listen(path); await new Promise((r) => s.on('listening', r)); await new Promise((r) => { const c = net.connect(path, () => { c.destroy(); r(); }); }); s.close(); console.log(connectionCount())`, { ANNEAL_OFFLINE: 'refuse' })).toBe(0);
});
