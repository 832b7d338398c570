import { createHash } from 'node:crypto';

interface SignInPage {
  readonly title: string;
  readonly sentences: readonly string[];
  /** Links by which the person continues: text and path. */
  readonly links: readonly (readonly [text: string, path: string])[];
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:15vh auto;max-width:32rem;padding:0 1.5rem;color-scheme:light dark}' +
  'a{margin-right:1.5rem}';
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** A page for a sign-in that did not work. It needs neither the console nor a script. */
export function signInPage({ title, sentences, links }: SignInPage) {
  const paragraphs = sentences.map((sentence) => `<p>${escaped(sentence)}</p>`).join('');
  const anchors = links.map(([text, path]) => `<a href="${escaped(path)}">${escaped(text)}</a>`).join('');
  const body =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${escaped(title)} · Launchlog</title><style>${STYLE}</style></head>` +
    `<body><main><h1>${escaped(title)}</h1>${paragraphs}<p>${anchors}</p></main></body></html>`;
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'`,
  };
  return { body, headers };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
