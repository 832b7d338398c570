import { PROVIDERS } from '@launchlog/shared/launch-request';
import {
  FAILURE_REASONS,
  LOSS_REASONS,
  NODE_HEALTHS,
  NODE_STATUSES,
  ORCHESTRATOR_KINDS,
} from '@launchlog/shared/node';
import { PHASES } from '@launchlog/shared/phase';

/** The fields of a stored node that hold a word, and the words of this release. */
const KNOWN = {
  status: words(NODE_STATUSES),
  phase: words(PHASES),
  provider: words(PROVIDERS),
  orchestrator: words(ORCHESTRATOR_KINDS),
  failureReason: words(FAILURE_REASONS),
  health: words(NODE_HEALTHS),
  lossReason: words(LOSS_REASONS),
} as const;

type WordField = keyof typeof KNOWN;

interface UnknownWord {
  readonly field: WordField;
  readonly word: string;
  /** The first node that was seen with it. */
  readonly nodeId: string;
}

/** The most different words that are reported: a newer release does not add that many. */
const REPORTED_MAX = 100;
const WORD_MAX_CHARACTERS = 100;

/**
 * Reports each word of a stored node that this release does not know, once in the life of the process. A newer release, or
 * another program, has written it; people see it as it is.
 */
export class UnknownWords {
  readonly #onUnknown: (found: UnknownWord) => void;
  readonly #reported = new Set<string>();

  constructor(onUnknown: (found: UnknownWord) => void) {
    this.#onUnknown = onUnknown;
  }

  look(row: { readonly id: string } & Readonly<Record<WordField, string | null>>): void {
    for (const field of FIELDS) {
      const word = row[field];
      if (word !== null && !KNOWN[field].has(word)) this.#report({ field, word, nodeId: row.id });
    }
  }

  #report({ field, word, nodeId }: UnknownWord): void {
    const shown = word.slice(0, WORD_MAX_CHARACTERS);
    const key = `${field} ${shown}`;
    if (this.#reported.has(key) || this.#reported.size >= REPORTED_MAX) return;
    this.#reported.add(key);
    this.#onUnknown({ field, word: shown, nodeId });
  }
}

const FIELDS = Object.keys(KNOWN) as WordField[];

function words(list: readonly string[]): ReadonlySet<string> {
  return new Set(list);
}
