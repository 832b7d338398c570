import { UNBORN_EPOCH } from '@launchlog/shared/cursor';
import type { Done, Gap, Notice, Reset } from '@launchlog/shared/event';
import { FAILURE_LABELS } from '@launchlog/sdk';
import { problemText } from '../../ui/problem-text.js';
import type { MarkTone } from './log-row.js';

type MarkedEvent =
  | { readonly type: 'gap'; readonly gap: Gap }
  | { readonly type: 'reset'; readonly reset: Reset }
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'done'; readonly done: Done };

export interface Mark {
  readonly tone: MarkTone;
  readonly text: string;
}

/** The mark that shows the reader an event that is not a line of the log. */
export function eventMark(event: MarkedEvent): Mark {
  switch (event.type) {
    case 'gap': {
      const { from_seq: from, to_seq: to, reason } = event.gap;
      const lines = from === to ? `Line ${from} is` : `Lines ${from} to ${to} are`;
      return { tone: 'warn', text: `${lines} no longer available (${reason})` };
    }
    case 'reset':
      return { tone: 'warn', text: resetText(event.reset) };
    case 'notice':
      return { tone: 'info', text: event.notice.message };
    case 'done':
      return doneMark(event.done);
  }
}

export const CONNECTION_LOST: Mark = { tone: 'warn', text: 'Connection lost. Reconnecting…' };
export const CONNECTION_BACK: Mark = {
  tone: 'info',
  text: 'Reconnected. The log continues where it left off.',
};

export function failureMark(error: unknown): Mark {
  return {
    tone: 'error',
    text: `The log cannot be read: ${problemText(error)}`,
  };
}

function resetText({ epoch, reason }: Reset): string {
  return epoch === UNBORN_EPOCH
    ? `The log is gone (${reason}). A new one has not started yet.`
    : `The log started over (${reason}). Its available lines follow.`;
}

function doneMark(done: Done): Mark {
  if (done.status === 'active') return { tone: 'success', text: `Launch complete. ${done.message}` };
  const reason = done.reason === undefined ? 'Launch failed' : FAILURE_LABELS[done.reason];
  return { tone: done.status === 'failed' ? 'error' : 'info', text: `${reason}. ${done.message}` };
}
