/** Arrows point one way: who may import whom (ARCHITECTURE.md), who knows Electron, onnxruntime and SQLite, and no cycles. */
import { builtinModules } from 'node:module';
import { expect, test } from 'vitest';
import { resolveImport, sourceFiles } from './source.ts';

/** Layer by longest matching path prefix. */
const LAYERS = ['src/shared', 'src/preload', 'src/renderer', 'src/main/data', 'src/main/eval', 'src/main/store', 'src/main/supervise', 'src/main/engine', 'src/main/host', 'src/main/shell', 'src/main/web', 'src/main/cli', 'src/main/index.ts', 'src/main/serve.ts', 'src/main/cli.ts'] as const;
type Layer = (typeof LAYERS)[number];
const MAY: Record<Layer, readonly string[]> = {
  'src/shared': [],
  'src/preload': [],
  'src/renderer': ['src/shared'],
  'src/main/data': ['src/shared'],
  'src/main/eval': ['src/shared'],
  'src/main/store': ['src/shared'],
  'src/main/supervise': ['src/shared'],
  'src/main/engine': ['src/shared', 'src/main/data', 'src/main/eval', 'src/main/supervise/network-guard.ts'],
  'src/main/host': ['src/shared', 'src/main/data', 'src/main/eval', 'src/main/store', 'src/main/supervise', 'src/main/engine/protocol.ts'],
  'src/main/shell': ['src/shared', 'src/main/supervise'],
  'src/main/web': ['src/shared'],
  // entries and the command line compose; only the desktop entry reaches the shell
  'src/main/cli': ['src/shared', 'src/main/data', 'src/main/eval', 'src/main/host', 'src/main/store/home.ts', 'src/main/supervise', 'src/main/serve.ts'],
  'src/main/cli.ts': ['src/shared', 'src/main/cli', 'src/main/host', 'src/main/store/home.ts', 'src/main/supervise', 'src/main/serve.ts'],
  'src/main/serve.ts': ['src/shared', 'src/main/store/home.ts', 'src/main/supervise', 'src/main/web'],
  'src/main/index.ts': ['src/shared', 'src/main/store/home.ts', 'src/main/supervise', 'src/main/shell'],
};
/** Inside engine/: what each folder may import of the others. `services` and the entry compose. */
const ENGINE: Record<string, readonly string[]> = {
  graph: [], onnx: ['graph'], tfjs: ['graph'], runtime: ['graph', 'onnx', 'tfjs'], optim: ['graph'], nn: ['graph', 'optim'], io: [], models: ['graph', 'nn', 'io'], methods: ['graph', 'nn', 'optim', 'models'],
  train: ['graph', 'onnx', 'runtime', 'nn', 'optim', 'io', 'models', 'methods'], generate: ['graph', 'onnx', 'runtime', 'nn', 'io', 'models'],
  export: ['graph', 'onnx', 'runtime', 'nn', 'io', 'models', 'generate'],
};
/** Inside the renderer: pages, wizards and actions build on ui, charts, state and platform; pages never import each other. */
const RENDERER: Record<string, readonly string[]> = {
  platform: [], i18n: ['platform'], state: ['platform', 'i18n'], charts: ['state', 'ui', 'i18n'], ui: ['i18n', 'platform', 'state'],
};
const PACKAGES: { name: string; only: RegExp }[] = [
  { name: 'electron', only: /^src\/(main\/shell|preload)\// },
  { name: '@tensorflow/tfjs-core', only: /^src\/main\/engine\/tfjs\/tf\.ts$/ },
  { name: 'onnxruntime-node', only: /^src\/main\/engine\/runtime\// },
  { name: 'better-sqlite3', only: /^src\/main\/store\// },
  { name: 'react', only: /^src\/renderer\// },
];

const files = sourceFiles('src');
const matches = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);
const layerOf = (path: string): Layer | undefined => LAYERS.filter((l) => matches(path, l)).sort((a, b) => b.length - a.length)[0];
const inner = (path: string, root: string): string | undefined => (path.startsWith(`${root}/`) ? path.slice(root.length + 1).split('/')[0] : undefined);
const edges = files.flatMap((f) => f.imports.map((i) => ({ file: f.path, target: resolveImport(f.path, i.from), from: i.from, typeOnly: i.typeOnly })));

test('every file belongs to a layer, and relative imports name existing files with their extension', () => {
  const known = new Set(files.map((f) => f.path));
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((f) => layerOf(f.path) === undefined).map((f) => f.path)).toEqual([]);
  expect(edges.filter((e) => e.target !== undefined && /\.(ts|tsx)$/.test(e.target) && !known.has(e.target)).map((e) => `${e.file} -> ${e.from}`)).toEqual([]);
});

test('layers import only what the table allows', () => {
  const wrong = edges.filter((e) => {
    if (e.target === undefined || !e.target.startsWith('src/')) return false;
    const layer = layerOf(e.file), other = layerOf(e.target);
    return layer !== undefined && layer !== other && !MAY[layer].some((m) => matches(e.target as string, m));
  });
  expect(wrong.map((e) => `${e.file} -> ${e.target}`)).toEqual([]);
});

test('inside engine and renderer the arrows point one way, and pages know nothing of each other', () => {
  const check = (root: string, table: Record<string, readonly string[]>): string[] => edges.filter((e) => {
    const from = inner(e.file, root), to = e.target === undefined ? undefined : inner(e.target, root);
    if (from === undefined || to === undefined || from === to || to.includes('.')) return false;
    const may = table[from];
    return may !== undefined && !may.includes(to);
  }).map((e) => `${e.file} -> ${e.target}`);
  expect(check('src/main/engine', ENGINE)).toEqual([]);
  expect(check('src/renderer/src', RENDERER)).toEqual([]);
  const pages = 'src/renderer/src/pages', across = edges.filter((e) => {
    const from = inner(e.file, pages), to = e.target === undefined ? undefined : inner(e.target, pages);
    return from !== undefined && to !== undefined && from !== to && !from.includes('.') && !to.includes('.');
  });
  expect(across.map((e) => `${e.file} -> ${e.target}`)).toEqual([]);
});

test('Electron, onnxruntime, SQLite and React stay where they belong', () => {
  const wrong = edges.filter((e) => PACKAGES.some((p) => (e.from === p.name || e.from.startsWith(`${p.name}/`)) && !p.only.test(e.file)));
  expect(wrong.map((e) => `${e.file} -> ${e.from}`)).toEqual([]);
});

test('shared and the renderer use no Node module', () => {
  const node = new Set(builtinModules);
  const wrong = edges.filter((e) => /^src\/(shared|renderer|preload)\//.test(e.file) && (e.from.startsWith('node:') || node.has(e.from)));
  expect(wrong.map((e) => `${e.file} -> ${e.from}`)).toEqual([]);
});

test('shared code touches no page and no process', () => {
  const wrong = files.filter((f) => f.path.startsWith('src/shared/') && /(?<![.\w'"`])(window|document|localStorage|process|Buffer|__dirname)\.(?!\s)/.test(f.text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')));
  expect(wrong.map((f) => f.path)).toEqual([]);
});

test('no cycles between files (imports of types aside)', () => {
  const next = new Map<string, string[]>();
  for (const e of edges) if (!e.typeOnly && e.target?.startsWith('src/') === true) next.set(e.file, [...next.get(e.file) ?? [], e.target]);
  const state = new Map<string, 'open' | 'done'>(), cycles: string[] = [];
  const visit = (file: string, path: string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') { cycles.push([...path.slice(path.indexOf(file)), file].join(' -> ')); return; }
    state.set(file, 'open');
    for (const to of next.get(file) ?? []) visit(to, [...path, file]);
    state.set(file, 'done');
  };
  for (const f of files) visit(f.path, []);
  expect(cycles).toEqual([]);
});
