/** Handlers of `system`: the machine, what runs now, and a text for reports. Everything shown is measured. */
import os from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { contract } from '../../../shared/contract.ts';
import { errorShape } from '../../../shared/errors.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { SystemInfo, SystemStatus } from '../../../shared/schema/system.ts';
import { formatBytes } from '../../../shared/units.ts';
import type { HostContext } from '../context.ts';
import { availableMemory, freeBytes, physicalCores } from '../machine.ts';
import { connectionCount, networkPurposes } from '../../supervise/network-guard.ts';

const EVERY_MS = 1000;
type EngineInfo = Pick<SystemInfo, 'onnxruntime' | 'providers'>;

export const systemService = (ctx: HostContext): Service<typeof contract.system> => {
  let engineInfo: EngineInfo | undefined;
  const askEngine = async (): Promise<EngineInfo> => {
    if (engineInfo) return engineInfo;
    try { return engineInfo = await ctx.engines.use('data', (api) => api.engine.info({})); } catch (e) {
      return { onnxruntime: 'unavailable', providers: [{ id: 'cpu', available: false, reason: errorShape(e).message }] };
    }
  };
  const info = async (): Promise<SystemInfo> => {
    const { onnxruntime, providers } = await askEngine();
    return {
      version: ctx.version, node: process.versions.node, electron: process.versions['electron'] ?? (process.env['ANNEAL_ELECTRON'] || null), platform: process.platform, arch: process.arch,
      cpu: os.cpus()[0]?.model.trim() ?? 'unknown', cores: os.availableParallelism(), threads: ctx.store.settings.get().threads || physicalCores(), memory_total: os.totalmem(),
      home: shortHome(ctx.store.home.root), home_free: await freeBytes(ctx.store.home.root), onnxruntime, providers, mode: ctx.mode,
    };
  };
  const status = (): SystemStatus => {
    const { engines, connections } = ctx.engines.status();
    return {
      time: Date.now(), rss: process.memoryUsage.rss() + engines.reduce((n, e) => n + e.rss, 0), memory_free: availableMemory(), live_run: ctx.runs.current, queued: ctx.runs.waiting.length,
      engines, connections: connections + connectionCount(), network: networkPurposes(),
    };
  };
  return {
    info,
    watch: async function* (_input, { signal }) {
      while (!signal.aborted) {
        await ctx.engines.poll();
        yield status();
        try { await wait(EVERY_MS, undefined, { signal }); } catch { return; }
      }
    },
    diagnostics: async () => {
      const i = await info(), s = status();
      return { text: [
        `Anneal ${i.version}, ${i.mode}; Node ${i.node}${i.electron === null ? '' : `, Electron ${i.electron}`}; ${i.platform} ${i.arch}`,
        `${i.cpu}, ${i.cores} logical cores, ${i.threads} threads; memory ${formatBytes(i.memory_total)}, available ${formatBytes(s.memory_free)}`,
        `home ${i.home}, free ${formatBytes(i.home_free)}`,
        `onnxruntime ${i.onnxruntime}; ${i.providers.map((p) => `${p.id}: ${p.available ? 'yes' : p.reason ?? 'no'}`).join('; ')}`,
        `host and engines ${formatBytes(s.rss)}; ${s.engines.map((e) => `${e.kind} ${e.state}`).join(', ') || 'no engine'}; network connections ${s.connections}`,
        '', ...ctx.log.tail(60).map(shortHome),
      ].join('\n') };
    },
  };
};

/** The person's own folder is nobody else's business. */
const shortHome = (text: string): string => text.replaceAll(os.homedir(), '~');
