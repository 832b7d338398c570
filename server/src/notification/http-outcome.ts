import { OutboundRefusedError } from './outbound-guard.js';
import { OutboundProxyError, type OutboundAnswer } from './outbound-client.js';
import type { SendOutcome } from './notifier.js';

const EXCERPT_MAX_CHARACTERS = 200;

/** The outcome that an answer to a post means. `isFinal` selects the statuses that no retry can change. */
export function outcomeOfAnswer(
  answer: OutboundAnswer,
  options: { readonly url: string; readonly isFinal: (status: number) => boolean },
): SendOutcome {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    return { kind: 'delivered', responseStatus: status, detail: `answered ${status}` };
  }
  const redirected = status >= 300 && status < 400 ? ' (redirects are not followed)' : '';
  const excerpt = excerptOf(answer.body, options.url);
  return {
    kind: 'failed',
    retryable: !options.isFinal(status),
    responseStatus: status,
    detail: `answered ${status}${redirected}${excerpt === '' ? '' : `: ${excerpt}`}`,
    retryAfterMs: retryAfterOf(answer.headers['retry-after']),
  };
}

const REQUEST_TIMEOUT = 408;
const TOO_MANY_REQUESTS = 429;

/** Chats answer 4xx for a removed webhook or a message that they reject: a retry would get the same answer. */
export function isFinalForChat(status: number): boolean {
  return status >= 400 && status < 500 && status !== REQUEST_TIMEOUT && status !== TOO_MANY_REQUESTS;
}

/** The outcome when there was no answer. Error messages of the system contain addresses, so only its codes are passed on. */
export function outcomeOfError(error: unknown, signal: AbortSignal): SendOutcome {
  if (error instanceof OutboundRefusedError) {
    return { kind: 'failed', retryable: false, detail: `refused: the URL ${error.message}` };
  }
  if (error instanceof OutboundProxyError)
    return { kind: 'failed', retryable: true, detail: `no answer: ${error.message}` };
  if (signal.aborted) return { kind: 'failed', retryable: true, detail: reasonOf(signal) };
  const code = codeOf(error);
  return { kind: 'failed', retryable: true, detail: `no answer${code === undefined ? '' : `: ${code}`}` };
}

export function reasonOf(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : 'interrupted';
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** The receiver's answer as one line, without its own URL, which is a credential. */
function excerptOf(body: string, url: string): string {
  const { pathname, search } = new URL(url);
  const secretParts = [url, pathname + search, pathname].filter((part) => part.length > 1);
  return secretParts
    .reduce((text, part) => text.replaceAll(part, '***'), body)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, EXCERPT_MAX_CHARACTERS);
}

/** Seconds only: the other form, a date, would compare our clock with the receiver's. */
function retryAfterOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}(?:\.\d+)?$/.test(header) ? Number(header) * 1_000 : undefined;
}
