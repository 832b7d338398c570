import { MASK } from './mask.js';

interface AnnouncedSecret {
  /** The rule applies to texts in which all of these are found. */
  readonly where?: readonly RegExp[];
  readonly pattern: RegExp;
  readonly replace: (...match: string[]) => string;
}

/** Names of vocabulary tokens (`eos_token`), which are not secrets. */
const VOCABULARY =
  '(?<!(?:eos|bos|pad|unk|sep|cls|mask|image|audio|video|stop|special|extra|next|first|last)[_-])';
const KINDS_OF_KEY =
  'secret|access|private|account|auth|encryption|subscription|signing|master|shared|storage|functions|openai|service';
const NAMES = `passwords?|passwd|passphrase|pwd|secrets?|${VOCABULARY}token|api[_-]?keys?|(?:${KINDS_OF_KEY})[_-]?(?:access[_-]?)?key(?:[_-]?id)?|credentials?|client[_-]?secret`;
/** Words that may precede the name without a separator: `authtoken`, but not `tiktoken`. */
const GLUED = '(?:auth|access|refresh|identity|registry|session|bearer|bot|db|user|root|admin|my)';
/** `NAME=`, `"name": ` */
const ASSIGNED = `(?<![A-Za-z])[A-Za-z]{0,32}?(?:${NAMES})\\\\?["']?\\s{0,4}(?:={1,2}|:)\\s{0,4}(?:\\[(?=["']))?`;
const OPTION = `--[a-z-]{0,32}(?:api-key|${VOCABULARY}token|password|passwd|secret)(?:=|\\s{1,8})`;

/** Matches a name that announces a secret. */
export const ANNOUNCEMENTS: readonly string[] = [ASSIGNED, OPTION];

/** Matches the end of a value without quotes: a delimiter before a blank, the end, another delimiter or the next name. */
const DELIMITER = '[,;&)}\\]"\'`]';
const ENDS = `(?:${DELIMITER}|\\s|$|[.:]\\s|[.:]$|\\\\?["']?[\\w.-]{1,64}\\\\?["']?\\s?[=:])`;
const BARE = `(?:[^\\s"',;&)}\\]\`]|${DELIMITER}(?!${ENDS}))`;
/** Shells append the text after a closing quote to the value. */
const GLUED_END = '[\\w$@!#%^*+/~-]*';
const VALUE = `"(?:\\\\.|[^"\\\\])*"${GLUED_END}|\\\\"[^"]*"${GLUED_END}|\\\\?'[^']*'${GLUED_END}|[^\\s"',;&)}\\]\`]${BARE}*`;

/** Secrets that are recognised by the text before them. */
export const ANNOUNCED_SECRETS: readonly AnnouncedSecret[] = [
  {
    pattern:
      /((?:proxy-)?authorization["']?\s{0,8}[:=]\s{0,8}["']?)((?:bearer|basic|token|digest|negotiate)\s{1,8})?[^\s"']+/gi,
    replace: (_, before = '', scheme = '') => `${before}${scheme}${MASK}`,
  },
  { pattern: /\b(bearer\s{1,8})[\w.~+/=-]{12,}/gi, replace: keepBefore },
  { pattern: /((?:set-)?cookie["']?\s{0,8}:\s{0,8}).+/gi, replace: keepBefore },
  // The password of a URL; with an @ that was not encoded, up to the last one.
  {
    pattern: /(:\/\/[^\s/?#@:]{0,256}):[^\s/?#]{1,1024}@/g,
    replace: (_, before = '') => `${before}:${MASK}@`,
  },
  // A token as the user of a URL: long, with a digit, or very long.
  {
    pattern: /(\bhttps?:\/\/)(?:(?=[A-Za-z_-]{0,64}\d)[\w-]{16,256}|[\w-]{32,256})(?=@)/g,
    replace: keepBefore,
  },
  // The secret part of a webhook's URL: what follows `hooks/` or `webhook/` and has a long word with a digit.
  {
    pattern:
      /(\bhttps?:\/\/[^\s"'<>?#]{1,200}?\/(?:web)?hooks?[a-z0-9]{0,2}\/(?:[\w.@-]{1,64}\/){0,4}?)(?=[A-Za-z_-]{0,64}\d)[\w-]{16,}(?:\/[\w@.-]+){0,8}/g,
    replace: keepBefore,
  },
  // Azure: storage keys and signatures of shared URLs; AWS: presigned URLs
  {
    pattern: /\b(AccountKey=|SharedAccessKey=|sig=|X-Amz-Signature=|X-Amz-Security-Token=)[\w%+/=-]{16,}/gi,
    replace: keepBefore,
  },
  // curl -u user:password
  {
    where: [/\bcurl\b/],
    pattern: /(\s(?:-u|-U|--user|--proxy-user)[\s=]{0,4}[^\s:"']{1,128}:)[^\s"']+/g,
    replace: keepBefore,
  },
  {
    where: [/\bcurl\b/],
    pattern: /(\s(?:-u|-U|--user|--proxy-user)[\s=]{0,4}["'][^:"']{1,128}:)[^"']+/g,
    replace: keepBefore,
  },
  // docker login -p password
  {
    where: [/\b(?:docker|podman|nerdctl|buildah|skopeo|helm|oras|crane)\b/],
    pattern: /(\blogin\b[^\n]{0,200}?\s-p[\s=]{0,4})(?!-)("[^"]*"|'[^']*'|\S+)/g,
    replace: keepBefore,
  },
  // The user and password of a registry in Docker's configuration, and of npm's
  { pattern: /(\\?["']auth\\?["']\s{0,4}:\s{0,4}\\?["'])[\w+/=-]{8,}/g, replace: keepBefore },
  { pattern: /(\b_auth\s{0,4}=\s{0,4}["']?)[\w+/=-]{8,}/g, replace: keepBefore },
  {
    pattern: new RegExp(`(${OPTION})(?!-)("[^"]*"|'[^']*'|\\S+)`, 'gi'),
    replace: keepBefore,
  },
  // `NAME=value`, `"name": "value"`
  { pattern: new RegExp(`(${ASSIGNED})(${VALUE})`, 'gi'), replace: maskAssignment },
];

function keepBefore(...match: string[]): string {
  return `${match[1] ?? ''}${MASK}`;
}

const HARMLESS =
  /^(?:none|null|nil|undefined|true|false|yes|no|auto|default|-?\d{1,9}(?:\.\d+)?|\*+|\[redacted\]?|<[^>]*>|\$\{?\w+\}?)$/i;
/** The path of a key is not a secret: `"ssh_private_key": "/home/sky/.sky/sky-key"`. */
const FILE_PATH =
  /^(?:~|\/(?:app|data|etc|home|mnt|opt|root|run|srv|tmp|usr|var|workspace|Users))(?:\/[\w.@+-]{1,80}){1,16}$/;
/** `InvalidCloudCredentials: google.auth.exceptions.RefreshError: …` */
const EXCEPTION = /^(?:[a-z_]{1,40}\.){1,8}[A-Z][A-Za-z]{0,60}(?:Error|Exception):$/;
/** `package==1.2.3` */
const VERSION = /^v?\d+(?:\.[\w*]+)*(?:[+!-][\w.]+)?$/;

function maskAssignment(...match: string[]): string {
  const [all = '', before = '', quoted = ''] = match;
  const quote = /^\\?["']/.exec(quoted)?.[0] ?? '';
  const value = quote === '' ? quoted : quoted.slice(quote.length).replace(/\\?["'][^"']*$/, '');
  if (value.length < 4 || HARMLESS.test(value) || FILE_PATH.test(value) || !isAnnouncement(before))
    return all;
  if (/==\s*$/.test(before) && VERSION.test(value)) return all;
  if (/:\s*$/.test(before) && quote === '' && EXCEPTION.test(value)) return all;
  // "Invalid token: unexpected end" is prose; what follows a colon without quotes must look like no word.
  if (/:\s*$/.test(before) && quote === '' && /^[a-z]+[.!?]?$|^[A-Z][a-z]*[.!?]?$|^[A-Za-z]+:$/.test(value))
    return all;
  return `${before}${quote}${MASK}${quote}`;
}

const NAME = new RegExp(`^([A-Za-z]*?)(${NAMES})(?![A-Za-z0-9_])`, 'i');
const GLUED_BEFORE = new RegExp(`^${GLUED}$`, 'i');

/**
 * The name is a word of its own, begins with its capital (`apiToken`), is all capitals (`PGPASSWORD`), or is a known
 * compound.
 */
function isAnnouncement(before: string): boolean {
  const [, prefix = '', name = ''] = NAME.exec(before) ?? [];
  if (prefix === '' || GLUED_BEFORE.test(prefix)) return true;
  if (/^(?:pass|secret|credential)/i.test(name)) return true;
  if (`${prefix}${name}` === `${prefix}${name}`.toUpperCase()) return true;
  return /^[A-Z]/.test(name);
}
