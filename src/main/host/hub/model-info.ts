/** What a hub says of a model: commit, licence, access, files with sizes and checksums. Source: the Hugging Face hub's HTTP API (`/api/models/<id>/revision/<revision>?blobs=true`). */
import { z } from 'zod';
import { AnnealError } from '../../../shared/errors.ts';
import type { HubModel } from './address.ts';
import { type HubAnswer, type HubConnection, hubRequest, readText, unreachable } from './request.ts';

const ANSWER_BYTES = 20_000_000;
const MOST_FILES = 20_000;

const answer = z.object({
  id: z.string().max(300).optional(), sha: z.string().regex(/^[0-9a-f]{40}$/), private: z.boolean().optional(), gated: z.union([z.boolean(), z.string()]).optional(),
  cardData: z.object({ license: z.union([z.string(), z.array(z.string())]).optional().catch(undefined), license_name: z.string().optional().catch(undefined), license_link: z.string().optional().catch(undefined) }).nullish().catch(undefined),
  config: z.object({ model_type: z.string().optional() }).nullish().catch(undefined),
  siblings: z.array(z.object({
    rfilename: z.string(), size: z.number().int().min(0).optional(), blobId: z.string().optional(),
    lfs: z.object({ sha256: z.string().optional(), oid: z.string().optional(), size: z.number().int().min(0).optional() }).nullish(),
  })).max(MOST_FILES),
});

export interface RemoteFile { path: string; bytes: number; sha256: string | null; sha1: string | null }
export interface ModelInfo { model: string; commit: string; license: string | null; licenseLink: string | null; gated: boolean; private: boolean; family: string | null; files: RemoteFile[] }

export async function modelInfo(connection: HubConnection, wanted: HubModel, signal: AbortSignal): Promise<ModelInfo> {
  const { owner, name, revision } = wanted, { endpoint } = connection, id = `${owner}/${name}`;
  const url = new URL(`${endpoint.pathname.replace(/\/$/, '')}/api/models/${owner}/${name}/revision/${encodeURIComponent(revision)}`, endpoint);
  url.searchParams.set('blobs', 'true');
  const got = await hubRequest(connection, url, { accept: 'application/json' }, signal);
  if (got.status !== 200) { got.body.destroy(); throw refusal(connection, got, id, revision); }
  const text = await readText(connection, got, ANSWER_BYTES);
  let json: unknown;
  try { json = JSON.parse(text); } catch (e) { throw unreachable(endpoint, 'its answer is not JSON: is it a hub?', e); }
  const parsed = answer.safeParse(json);
  if (!parsed.success) throw unreachable(endpoint, `its answer has no usable "${parsed.error.issues[0]?.path.join('.') ?? ''}": is it a hub?`, parsed.error);
  const { data } = parsed, license = Array.isArray(data.cardData?.license) ? data.cardData.license.join(', ') : data.cardData?.license;
  const sha = (text: string | undefined, digits: number): string | null => (text !== undefined && new RegExp(`^[0-9a-f]{${digits}}$`).test(text) ? text : null);
  return {
    model: /^[\w.-]+\/[\w.-]+$/.test(data.id ?? '') ? data.id ?? id : id, commit: data.sha, license: (license === 'other' ? data.cardData?.license_name : undefined) ?? license ?? null, licenseLink: data.cardData?.license_link ?? null,
    gated: data.gated !== undefined && data.gated !== false, private: data.private === true, family: data.config?.model_type ?? null,
    files: data.siblings.map((f) => { const sha256 = f.lfs ? sha(f.lfs.sha256 ?? f.lfs.oid, 64) : null; return { path: f.rfilename, bytes: f.lfs?.size ?? f.size ?? -1, sha256, sha1: f.lfs ? null : sha(f.blobId, 40) }; }),
  };
}

/** What a status other than success means, in the words of a hub. */
export function refusal({ endpoint, token }: HubConnection, { status, headers, first }: HubAnswer, model: string, what: string): AnnealError {
  const word = headers['x-error-code'] ?? first['x-error-code'], code = typeof word === 'string' ? word : '', host = endpoint.host;
  const withToken = token === null ? 'give an access token of an account that may read it' : 'the access token is not good enough: give one of an account that may read it';
  if (code === 'GatedRepo' || status === 403) return new AnnealError('hub-refused', `${host} refuses "${model}": accept its conditions on its page, and ${withToken}.`, { model, status });
  if (code === 'RevisionNotFound') return new AnnealError('hub-not-found', `"${model}" has no revision "${what}" on ${host}: check the branch, tag or commit.`, { model });
  if (code === 'RepoNotFound' || status === 404) return new AnnealError('hub-not-found', `${host} has no "${model}"${code === 'EntryNotFound' ? ` with the file "${what}"` : ''}: check the name; if it is private, ${withToken}.`, { model });
  if (status === 401) return new AnnealError('hub-refused', `${host} asks who you are before it gives "${model}": ${withToken}.`, { model, status });
  if (status === 429) return unreachable(endpoint, 'it asks to wait before the next request');
  return unreachable(endpoint, `it answers with status ${status}`);
}
