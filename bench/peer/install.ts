/**
 * Time and size of both installations, from their registries into empty folders and without caches: Anneal for its command line (a clone of this tree's last commit, `npm ci --omit=dev`), Anneal for its window (`npm ci`, Electron's
 * binary, the build), and the Python packages of requirements-train.txt in a new environment. One JSON line each to bench/results/install.jsonl; everything is in a temporary folder and removed.
 *   node bench/peer/install.ts [cli] [window] [python]
 * The clone comes from this folder's own history, so its time is not counted. Python itself (the system's) is not counted either; Node is.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

type Part = 'cli' | 'window' | 'python';
const PARTS: readonly Part[] = ['cli', 'window', 'python'];
const GOAL_BYTES = 0.9e9;

const root = join(import.meta.dirname, '../..');
const run = (folder: string, command: string, ...words: string[]): string => execFileSync(command, words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26, env: { ...process.env, PATH: [join(folder, 'node_modules/.bin'), process.env['PATH']].join(delimiter) } }).trim();
function timed(what: () => unknown): number {
  const begun = performance.now();
  what();
  return Number(((performance.now() - begun) / 1000).toFixed(1));
}
/** Bytes on disk; files that are linked twice count once. Folders that are not there count nothing. */
function bytes(...paths: readonly string[]): number {
  const there = paths.filter((p) => existsSync(p));
  return there.length === 0 ? 0 : Number(run(root, 'du', '-scB1', ...there).split('\n').at(-1)!.split('\t')[0]);
}
/** What is in a folder of packages: the named groups, and the rest. */
function parts(folder: string, groups: Readonly<Record<string, readonly string[]>>): Record<string, number> {
  const known = Object.fromEntries(Object.entries(groups).map(([name, folders]) => [name, bytes(...folders.map((f) => join(folder, f)))]));
  return { ...known, 'other packages': bytes(folder) - Object.values(known).reduce((a, b) => a + b, 0) };
}

function clone(work: string): string {
  const folder = join(work, 'anneal');
  run(work, 'git', 'clone', '-q', '--no-hardlinks', root, folder);
  return folder;
}
function node(folder: string, work: string, dev: boolean): { seconds: number; parts: Record<string, number> } {
  const seconds = timed(() => run(folder, 'npm', 'ci', ...(dev ? [] : ['--omit=dev']), '--no-audit', '--no-fund', '--cache', join(work, 'npm-cache')));
  const runtime = 'onnxruntime-node/bin/napi-v6';
  const platforms = join(folder, 'node_modules', runtime);
  const foreign = existsSync(platforms) ? readdirSync(platforms).flatMap((os) => readdirSync(join(platforms, os)).map((arch) => [os, arch] as const)).filter(([os, arch]) => os !== process.platform || arch !== process.arch).map(([os, arch]) => join(runtime, os, arch)) : [];
  return {
    seconds,
    parts: {
      ...parts(join(folder, 'node_modules'), { 'onnxruntime for this system': [join(runtime, process.platform, process.arch)], 'onnxruntime for other systems': foreign, Node: [`node-${process.platform}-${process.arch}`], SQLite: ['better-sqlite3'] }),
      'the tree itself': bytes(...readdirSync(folder).filter((name) => !['node_modules', '.git', '.cache', 'out'].includes(name)).map((name) => join(folder, name))), 'its history (.git)': bytes(join(folder, '.git')),
    },
  };
}

const MEASURE: Readonly<Record<Part, (work: string) => { seconds: number; parts: Record<string, number>; note?: string }>> = {
  cli: (work) => node(clone(work), work, false),
  window: (work) => {
    const folder = clone(work);
    const installed = node(folder, work, true);
    let seconds = installed.seconds, note: string | undefined;
    // As `npm start` gets it at the first start.
    try { seconds += timed(() => execFileSync(process.execPath, [join(folder, 'node_modules/electron/install.js')], { stdio: 'ignore', timeout: 300_000 })); } catch { note = "Electron's binary could not be fetched from here: its time and size are missing"; }
    seconds += timed(() => run(folder, 'npm', 'run', '-s', 'build'));
    const electron = bytes(join(folder, 'node_modules/electron/dist'));
    return { seconds, parts: { ...installed.parts, ...(electron === 0 ? {} : { "Electron's binary": electron }), build: bytes(join(folder, 'out')) }, ...(note === undefined ? {} : { note }) };
  },
  python: (work) => {
    const venv = join(work, 'venv');
    run(work, 'python3', '-m', 'venv', venv);
    const seconds = timed(() => run(work, join(venv, 'bin/python'), '-m', 'pip', 'install', '-q', '--no-cache-dir', '--disable-pip-version-check', '-r', join(import.meta.dirname, 'requirements-train.txt')));
    const lib = join(venv, 'lib', readdirSync(join(venv, 'lib')).find((name) => name.startsWith('python3'))!, 'site-packages');
    return { seconds, parts: parts(lib, { torch: ['torch'], "CUDA's packages": readdirSync(lib).filter((name) => /^(nvidia|triton|cuda)/.test(name)), 'transformers, trl, peft, datasets, accelerate': ['transformers', 'trl', 'peft', 'datasets', 'accelerate'], 'pyarrow, pandas, numpy': ['pyarrow', 'pandas', 'numpy', 'numpy.libs'] }) };
  },
};

const given = process.argv.slice(2);
const unknown = given.find((name) => !PARTS.some((p) => p === name));
if (unknown !== undefined) throw new Error(`No part is called ${unknown}; there are ${PARTS.join(', ')}.`);
for (const part of PARTS.filter((p) => given.length === 0 || given.includes(p))) {
  const work = mkdtempSync(join(tmpdir(), 'anneal-install-'));
  try {
    const measured = MEASURE[part](work);
    const total = Object.values(measured.parts).reduce((a, b) => a + b, 0);
    // What an installation is judged by is what the package manager brings; a clone's history is no part of it.
    const installed = total - (measured.parts['its history (.git)'] ?? 0);
    const line = { kind: 'install', part, ...measured, bytes: installed, ...(part === 'python' ? {} : { goal_bytes: GOAL_BYTES, meets: installed <= GOAL_BYTES }), commit: run(root, 'git', 'rev-parse', '--short', 'HEAD'), date: new Date().toISOString(), machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length } };
    appendFileSync(process.env['ANNEAL_INSTALL_RESULTS'] ?? join(root, 'bench/results/install.jsonl'), `${JSON.stringify(line)}\n`);
    process.stdout.write(`${part}: ${measured.seconds.toFixed(0)} s, ${(installed / 1e9).toFixed(2)} GB${part === 'python' ? '' : installed <= GOAL_BYTES ? ', meets 0.9' : ', MISSES 0.9'}${measured.note === undefined ? '' : ` (${measured.note})`}\n`);
    for (const [name, size] of Object.entries(measured.parts).toSorted((a, b) => b[1] - a[1])) process.stdout.write(`  ${(size / 1e9).toFixed(3).padStart(7)} GB ${name}\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
