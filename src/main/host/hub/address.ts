/** Which hub is asked, and how a person names a model of it. */
import { AnnealError } from '../../../shared/errors.ts';

const DEFAULT = 'https://huggingface.co';
const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

export const isLocal = (url: URL): boolean => LOCAL.has(url.hostname);

/** HF_ENDPOINT, or Hugging Face's own. Plain http only for a hub on this machine. Throws `bad-request`. */
export function hubEndpoint(env: NodeJS.ProcessEnv = process.env): URL {
  const given = env['HF_ENDPOINT'] ?? '';
  let url: URL;
  try { url = new URL(given === '' ? DEFAULT : given); } catch (e) { throw new AnnealError('bad-request', `HF_ENDPOINT is not an address: "${given.slice(0, 100)}".`, {}, { cause: e }); }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal(url))) throw new AnnealError('bad-request', `HF_ENDPOINT must begin with https:// (plain http only for this machine): "${given.slice(0, 100)}".`);
  if (url.username !== '' || url.password !== '') throw new AnnealError('bad-request', 'HF_ENDPOINT must not hold a user name or password.');
  return url;
}

export interface HubModel { owner: string; name: string; revision: string }
const PART = /^(?!.*\.\.)(?!.*--)[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/;
const REVISION = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,120}$/;

/** `owner/name`, `owner/name@revision`, or the address of the model's page on that hub. Throws `bad-request`. */
export function parseHubModel(text: string, endpoint: URL): HubModel {
  let rest = text.trim(), revision = 'main';
  if (/^https?:\/\//.test(rest)) {
    let page: URL;
    try { page = new URL(rest); } catch (e) { throw wrong(text, e); }
    if (page.host !== endpoint.host) throw new AnnealError('bad-request', `"${page.host}" is not the hub that Anneal asks (${endpoint.host}): give owner/name, or set HF_ENDPOINT.`);
    const [owner, name, tree, ...branch] = page.pathname.split('/').filter((s) => s !== '');
    rest = `${owner ?? ''}/${name ?? ''}`;
    if (tree === 'tree' && branch.length > 0) revision = branch.join('/');
  } else {
    const at = rest.indexOf('@');
    if (at >= 0) { revision = rest.slice(at + 1); rest = rest.slice(0, at); }
  }
  const [owner, name, ...more] = rest.split('/');
  if (owner === undefined || name === undefined || more.length > 0 || !PART.test(owner) || !PART.test(name) || !REVISION.test(revision)) throw wrong(text);
  return { owner, name, revision };
}

const wrong = (text: string, cause?: unknown): AnnealError => new AnnealError('bad-request', `"${text.slice(0, 120)}" does not name a model of a hub: write owner/name or owner/name@revision.`, {}, { cause });
