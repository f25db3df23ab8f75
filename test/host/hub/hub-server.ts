/** A hub on this machine: the parts of the Hugging Face API that Anneal uses, over real HTTP, with ranges, and with every kind of misbehaviour that a test asks for. */
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export const COMMIT = '12fd25f77366fa6b3b4b768ec3050bf629380bac';
export interface HubServer {
  url: string; port: number;
  /** Path in the repository -> bytes. Weights are announced as large files. */
  files: Map<string, Buffer>;
  info: Record<string, unknown>;
  /** What was asked, with the headers that matter. */
  requests: { path: string; range: string | undefined; ifRange: string | undefined; token: string | undefined }[];
  /** Called for a file before it is answered; true: it has answered itself. */
  onFile: ((path: string, request: http.IncomingMessage, response: http.ServerResponse) => boolean) | null;
  onInfo: ((request: http.IncomingMessage, response: http.ServerResponse) => boolean) | null;
  /** Wrong sizes or checksums to announce. */
  lies: Map<string, { sha256?: string; bytes?: number }>;
  close(): Promise<void>;
}

const sha = (kind: 'sha256' | 'sha1', ...parts: (string | Buffer)[]): string => { const h = createHash(kind); for (const p of parts) h.update(p); return h.digest('hex'); };
const isLarge = (path: string): boolean => /\.(safetensors|gguf)$/.test(path);

export async function hubServer(files: Record<string, string | Buffer>, model = 'acme/tiny'): Promise<HubServer> {
  const hub: HubServer = { url: '', port: 0, files: new Map(Object.entries(files).map(([k, v]) => [k, Buffer.from(v as string)])), info: { cardData: { license: 'apache-2.0' }, config: { model_type: 'llama' } }, requests: [], onFile: null, onInfo: null, lies: new Map(), close: async () => undefined };
  const server = http.createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname), { range, authorization } = request.headers, ifRange = request.headers['if-range'];
    hub.requests.push({ path, range, ifRange: typeof ifRange === 'string' ? ifRange : undefined, token: authorization });
    if (path.startsWith(`/api/models/${model}/revision/`)) {
      if (hub.onInfo?.(request, response) === true) return;
      const siblings = [...hub.files].map(([rfilename, data]) => {
        const lie = hub.lies.get(rfilename), size = lie?.bytes ?? data.length;
        return { rfilename, size, blobId: sha('sha1', `blob ${data.length}\0`, data), ...(isLarge(rfilename) ? { lfs: { sha256: lie?.sha256 ?? sha('sha256', data), size } } : {}) };
      });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ id: model, sha: COMMIT, private: false, gated: false, ...hub.info, siblings }));
      return;
    }
    const name = path.startsWith(`/${model}/resolve/${COMMIT}/`) ? path.slice(`/${model}/resolve/${COMMIT}/`.length) : '', data = hub.files.get(name);
    if (!data) { response.writeHead(404, { 'x-error-code': 'RepoNotFound' }).end(); return; }
    if (hub.onFile?.(name, request, response) === true) return;
    sendFile(data, request, response);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  hub.port = (server.address() as AddressInfo).port;
  hub.url = `http://127.0.0.1:${hub.port}`;
  hub.close = () => new Promise((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); });
  return hub;
}

export const tagOf = (data: Buffer): string => `"${sha('sha1', data)}"`;

/** Answers a file with ranges as a good server does. `cut`: breaks the connection after so many bytes of this answer. */
export function sendFile(data: Buffer, request: http.IncomingMessage, response: http.ServerResponse, cut?: number): void {
  const tag = tagOf(data), from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0), same = request.headers['if-range'] === undefined || request.headers['if-range'] === tag;
  const start = same ? from : 0;
  if (start >= data.length && start > 0) { response.writeHead(416).end(); return; }
  const body = data.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, { etag: tag, 'content-length': body.length, 'accept-ranges': 'bytes', ...(start > 0 ? { 'content-range': `bytes ${start}-${data.length - 1}/${data.length}` } : {}) });
  if (cut === undefined) { response.end(body); return; }
  response.write(body.subarray(0, cut), () => { setTimeout(() => { response.destroy(); }, 20); });
}
