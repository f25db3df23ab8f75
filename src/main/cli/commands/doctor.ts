/** anneal doctor */
import { AnnealError, errorShape } from '../../../shared/errors.ts';
import { PROVIDERS, providerId, type ProviderId, type SelfTestStep } from '../../../shared/schema/device.ts';
import type { SystemInfo } from '../../../shared/schema/system.ts';
import { formatBytes } from '../../../shared/units.ts';
import type { Command } from '../command.ts';
import { withHost } from '../session.ts';

interface Check { name: string; ok: boolean; text: string }
const LEAST_FREE = 1e9;

export const doctor: Command = {
  name: 'doctor', takes: '', positionals: [0, 0], summary: 'Looks whether everything works on this machine.',
  details: 'Tries each device in five steps against the CPU: compile, forward, gradient, two training steps, generation.',
  options: { json: { type: 'boolean', help: 'as JSON' }, device: { type: 'string', value: 'name', help: 'test only this device' }, quick: { type: 'boolean', help: 'no self-test of devices' } },
  run: async (call) => {
    const checks: Check[] = [];
    let info: SystemInfo | null = null;
    const devices: SelfTestStep[] = [];
    try {
      await withHost(call.home, async ({ host, api }) => {
        checks.push({ name: 'store', ok: true, text: host.context.store.home.root });
        info = await api.system.info();
        checks.push(...checksOf(info));
        const embedded = (await api.models.list()).find((m) => m.source === 'embedded');
        if (!call.flag('quick')) for (const id of tested(info, call.text('device'))) {
          const steps: SelfTestStep[] = [];
          for await (const step of api.devices.test({ device: id })) steps.push(step);
          devices.push(...steps);
          checks.push(...steps.map((s) => ({ name: `${s.device} ${s.step}`, ok: s.ok, text: `${s.text} (${s.seconds.toFixed(1)} s)` })));
        }
        checks.push({ name: 'demo model', ok: embedded !== undefined, text: embedded ? `${embedded.name}, ${formatBytes(embedded.bytes)}` : 'not found in this installation' });
      });
    } catch (e) {
      const { code, message } = errorShape(e);
      checks.push({ name: checks.length === 0 ? 'store' : 'host', ok: false, text: `${code}: ${message}` });
    }
    const ok = checks.every((c) => c.ok);
    call.io.out(call.flag('json') ? `${JSON.stringify({ ok, checks, devices, info })}\n` : `${checks.map((c) => `${c.ok ? 'ok  ' : 'FAIL'}  ${c.name.padEnd(17)}${c.text}`).join('\n')}\n`);
    return ok ? 0 : 1;
  },
};

/** Those that are there, or the one asked for; a software renderer only when asked for. */
function tested(info: SystemInfo, asked: string | undefined): ProviderId[] {
  if (asked === undefined) return info.providers.filter((p) => p.available && p.software !== true).map((p) => p.id as ProviderId);
  const id = providerId.safeParse(asked);
  if (!id.success) throw new AnnealError('bad-request', `--device: "${asked}" is none of ${PROVIDERS.join(', ')}.`);
  return [id.data];
}

function checksOf(info: SystemInfo): Check[] {
  const cpu = info.providers.find((p) => p.id === 'cpu');
  return [
    { name: 'version', ok: true, text: `Anneal ${info.version}, Node ${info.node}, ${info.platform} ${info.arch}` },
    { name: 'processor', ok: true, text: `${info.cpu}, ${info.cores} logical cores, ${info.threads} threads for training` },
    { name: 'memory', ok: true, text: formatBytes(info.memory_total) },
    { name: 'disk', ok: info.home_free >= LEAST_FREE, text: `${formatBytes(info.home_free)} free${info.home_free >= LEAST_FREE ? '' : ': checkpoints need more room'}` },
    { name: 'engine', ok: cpu?.available === true, text: cpu?.available === true ? `onnxruntime ${info.onnxruntime}` : cpu?.reason ?? 'the CPU provider is missing' },
    ...info.providers.filter((p) => p.id !== 'cpu').map((p) => ({ name: p.id, ok: true, text: p.available ? 'available' : `not available${p.reason === null ? '' : `: ${p.reason}`}` })),
  ];
}
