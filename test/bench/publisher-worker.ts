import { setTimeout as sleep } from 'node:timers/promises';
import { serveCalls } from './calls.js';
import { stampedEntry } from './stamp.js';

/** How a line is given to a server of somebody else: by a POST. */
export interface Publication {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What stands before and after the line, which is JSON or a field of a form. */
  readonly body: { readonly before: string; readonly after: string; readonly encoding: 'json' | 'form' };
}

const { url, headers, body } = JSON.parse(process.argv[2] ?? '') as Publication;
let seq = 0;

serveCalls({ write });

async function write({ count, perSecond }: { count: number; perSecond: number }): Promise<void> {
  const start = performance.now();
  for (let index = 0; index < count; index += 1) {
    const early = (index * 1_000) / perSecond - (performance.now() - start);
    if (early > 1) await sleep(early);
    seq += 1;
    await publish(JSON.stringify(stampedEntry(seq)));
  }
}

async function publish(json: string): Promise<void> {
  const line = body.encoding === 'form' ? encodeURIComponent(json) : json;
  const response = await fetch(url, { method: 'POST', headers, body: body.before + line + body.after });
  const answer = await response.text();
  // One of them answers 200 with an error inside.
  if (!response.ok || answer.includes('"error"')) throw new Error(`${url}: ${response.status} ${answer}`);
}
