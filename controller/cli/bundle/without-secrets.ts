const LEFT_OUT = '(left out)';

/** In whatever file it is. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** `https://user:password@host/` */
const LOGIN_IN_URL = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi;

const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;

/** `password: ...`, `"apiToken": "..."`, `?token=...` */
const NAMED =
  /((["']?)[\w.-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|authorization|credential)[\w.-]*\2\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,&}\]"']+)/gi;

/** The text without what opens doors: keys, logins in URLs, values whose names say that they are secret. Rather too little than too much. */
export function withoutSecrets(text: string): string {
  return withoutKeys(text)
    .replace(BEARER, `$1 ${LEFT_OUT}`)
    .replace(NAMED, (_all, before: string, _quote, value: string) =>
      /^["']/.test(value) ? `${before}"${LEFT_OUT}"` : `${before}${LEFT_OUT}`,
    );
}

/** For journals, whose step tokens are names and open nothing. */
export function withoutKeys(text: string): string {
  return text.replace(PRIVATE_KEY, LEFT_OUT).replace(LOGIN_IN_URL, `$1${LEFT_OUT}@`);
}

/** For `JSON.stringify`: what files of a change hold is its owner's. */
export function withoutContents(key: string, value: unknown): unknown {
  return key === 'content' && typeof value === 'string' ? LEFT_OUT : value;
}
