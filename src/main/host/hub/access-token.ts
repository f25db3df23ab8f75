/** The access token for gated models. In memory unless the person says "remember": then in a file of the data folder that only their account can read. HF_TOKEN of the environment counts where none was given. Never logged. */
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { AnnealError } from '../../../shared/errors.ts';
import type { HubAccess } from '../../../shared/schema/hub.ts';

export class AccessToken {
  readonly #path: string;
  readonly #env: NodeJS.ProcessEnv;
  #memory: string | null = null;

  constructor(path: string, env: NodeJS.ProcessEnv) { this.#path = path; this.#env = env; }

  get(): string | null { return this.#memory ?? this.#file() ?? this.#environment(); }

  where(): HubAccess['token'] {
    const file = this.#file();
    if (this.#memory !== null && this.#memory !== file) return 'memory';
    if (file !== null) return 'file';
    return this.#environment() === null ? 'none' : 'environment';
  }

  /** null forgets it, the file too. Throws `bad-request` for what cannot be a token. */
  set(token: string | null, remember: boolean): void {
    if (token !== null && !/^[\x21-\x7e]+$/.test(token)) throw new AnnealError('bad-request', 'An access token has no blanks and no special characters: copy it again.');
    this.#memory = token;
    rmSync(this.#path, { force: true });
    if (token !== null && remember) writeFileSync(this.#path, token, { mode: 0o600, flag: 'wx' });
  }

  #environment(): string | null { const t = this.#env['HF_TOKEN'] ?? ''; return /^[\x21-\x7e]+$/.test(t) ? t : null; }

  #file(): string | null {
    try {
      if (process.platform !== 'win32' && (statSync(this.#path).mode & 0o077) !== 0) chmodSync(this.#path, 0o600);
      const token = readFileSync(this.#path, 'utf8').trim();
      return token === '' ? null : token;
    } catch { return null; }
  }
}
