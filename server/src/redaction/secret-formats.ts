/** Replaces a secret. */
export const MASK = '[redacted]';

/**
 * Every pattern takes time linear in the text: an unbounded quantifier is either followed by nothing that can fail, or
 * cannot run past the position where the next attempt begins. A test checks this with adversarial lines of 64 KB.
 */
export function maskKnownFormats(text: string): string {
  let masked = text;
  for (const pattern of TOKENS) masked = masked.replace(pattern, MASK);
  for (const { pattern, replace } of CONTEXTS) masked = masked.replace(pattern, replace);
  return masked;
}

/** For a text whose end is missing: a quoted secret without its closing quote. */
export function maskUnclosedQuotes(text: string): string {
  let masked = text;
  for (const pattern of UNCLOSED) {
    masked = masked.replace(pattern, (_, before: string) => `${before}${MASK}`);
  }
  return masked;
}

/** Tokens that are recognised anywhere. */
const TOKENS: readonly RegExp[] = [
  // A private key inside one line, as JSON prints it; the block may be incomplete.
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^]*?(?:-----END [A-Z0-9 ]{0,60}-----|$)/g,
  // AWS key ids
  /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])/g,
  // Google: API key, OAuth access token, client secret
  /AIza[\w-]{35}/g,
  /ya29\.[\w.-]{20,}/g,
  /GOCSPX-[\w-]{20,}/g,
  // Azure: client secret
  /(?<![\w~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}/g,
  // Hugging Face
  /(?<![A-Za-z0-9])(?:hf_|api_org_)[A-Za-z0-9]{20,}/g,
  // OpenAI, Anthropic, OpenRouter, Stripe
  /(?<![A-Za-z0-9])sk-[\w-]{20,}/g,
  /(?<![A-Za-z0-9])[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g,
  // GitHub, GitLab
  /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{30,}/g,
  /github_pat_\w{22,}/g,
  /(?<![A-Za-z0-9])glpat-[\w-]{20,}/g,
  // Slack
  /(?<![A-Za-z0-9])(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}/g,
  /(?<=hooks\.slack\.com\/services\/)[A-Za-z0-9/]{20,}/g,
  // GPU clouds and registries: RunPod, Lambda, NVIDIA, Docker, npm, PyPI, DigitalOcean, Vault, SendGrid
  /(?<![A-Za-z0-9])rpa_[A-Z0-9]{32,}/g,
  /(?<![A-Za-z0-9])secret_[a-z0-9]{1,64}_[a-f0-9]{16,64}\.[A-Za-z0-9]{20,}/g,
  /(?<![A-Za-z0-9])nvapi-[\w-]{40,}/g,
  /dckr_pat_[\w-]{20,}/g,
  /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}/g,
  /pypi-AgE[\w-]{50,}/g,
  /do[opr]_v1_[a-f0-9]{64}/g,
  /(?<![A-Za-z0-9])hv[bs]\.[\w-]{24,}/g,
  /(?<![A-Za-z0-9])SG\.[\w-]{16,32}\.[\w-]{16,64}/g,
  // JSON web tokens, also SkyPilot's service-account form; a header is short
  /(?:sky_)?(?<![A-Za-z0-9])eyJ[\w-]{8,512}\.[\w-]{8,}(?:\.[\w-]*){0,3}/g,
];

/** Names of vocabulary tokens (`eos_token`) are not secrets. */
const VOCABULARY =
  '(?<!(?:eos|bos|pad|unk|sep|cls|mask|image|audio|video|stop|special|extra|next|first|last)_)';
const NAMES = `passwords?|passwd|passphrase|pwd|secrets?|${VOCABULARY}token|api[_-]?keys?|(?:secret|access|private|account|auth|encryption)[_-]?(?:access[_-]?)?key(?:[_-]?id)?|credentials?|client[_-]?secret`;
/** `NAME=`, `"name": ` */
const ASSIGNED = `(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))(?:${NAMES})\\\\?["']?\\s{0,4}(=|:)\\s{0,4}`;
const OPTION = '--[a-z-]{0,32}(?:api-key|token|password|passwd|secret)(?:=|\\s{1,8})';

interface ContextRule {
  readonly pattern: RegExp;
  readonly replace: (...match: string[]) => string;
}

/** Secrets that are recognised by the text before them. */
const CONTEXTS: readonly ContextRule[] = [
  {
    pattern:
      /((?:proxy-)?authorization["']?\s{0,8}[:=]\s{0,8}["']?)((?:bearer|basic|token|digest|negotiate)\s{1,8})?[^\s"']+/gi,
    replace: (_, before = '', scheme = '') => `${before}${scheme}${MASK}`,
  },
  { pattern: /\b(bearer\s{1,8})[\w.~+/=-]{12,}/gi, replace: (_, before = '') => `${before}${MASK}` },
  { pattern: /((?:set-)?cookie["']?\s{0,8}:\s{0,8}).+/gi, replace: (_, before = '') => `${before}${MASK}` },
  // The password of a URL; if it holds an unencoded @, up to the last one.
  {
    pattern: /(:\/\/[^\s/?#@:]{0,256}):[^\s/?#]{1,1024}@/g,
    replace: (_, before = '') => `${before}:${MASK}@`,
  },
  // Azure: storage keys and signatures of shared URLs; AWS: presigned URLs
  {
    pattern: /\b(AccountKey=|SharedAccessKey=|sig=|X-Amz-Signature=|X-Amz-Security-Token=)[\w%+/=-]{16,}/gi,
    replace: (_, before = '') => `${before}${MASK}`,
  },
  {
    pattern: new RegExp(`(${OPTION})(?!-)("[^"]*"|'[^']*'|\\S+)`, 'gi'),
    replace: (_, before = '') => `${before}${MASK}`,
  },
  // `NAME=value`, `"name": "value"`
  {
    pattern: new RegExp(`(${ASSIGNED})(\\\\?"[^"]*"|\\\\?'[^']*'|[^\\s"',;&)}\\]]+)`, 'gi'),
    replace: maskAssignment,
  },
];

const UNCLOSED: readonly RegExp[] = [ASSIGNED, OPTION].map(
  (before) => new RegExp(`(${before})\\\\?(?:"[^"]*|'[^']*)$`, 'gi'),
);

const HARMLESS =
  /^(?:none|null|nil|undefined|true|false|yes|no|auto|default|-?\d{1,9}(?:\.\d+)?|\*+|\[redacted\]?|<[^>]*>|\$\{?\w+\}?)$/i;

function maskAssignment(...match: string[]): string {
  const [all = '', before = '', operator = '', quoted = ''] = match;
  const quote = /^\\?["']/.exec(quoted)?.[0] ?? '';
  const value = quote === '' ? quoted : quoted.slice(quote.length, -1).replace(/\\$/, '');
  if (value.length < 4 || HARMLESS.test(value)) return all;
  // "Invalid token: unexpected end" is prose; an unquoted value after a colon must not look like a word.
  if (operator === ':' && quote === '' && /^[a-z]+[.!?]?$|^[A-Z][a-z]*[.!?]?$/.test(value)) return all;
  return `${before}${quote}${MASK}${quote}`;
}
