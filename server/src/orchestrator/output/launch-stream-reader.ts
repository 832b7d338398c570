import type { FailureReason } from '@launchlog/shared/node';
import { OptimizerTable, type PricedOffer } from './optimizer-table.js';
import type { ParsedLine } from './parsed-line.js';
import { reasonOfCloudWords } from './cloud-refusal.js';
import { parseClusterEvent, parseLaunchLine, parseSpinner, readRefusal } from './skypilot-output.js';
import { plainText } from './terminal-text.js';

/** Texts of spinners and events that are remembered; of more the oldest is forgotten and may be logged again. */
const SAID_MAX = 200;

/** What is said again for the next offer, and is news then. */
const OF_ONE_OFFER =
  /^(?:event )?(?:Launching [-(]|Preparing |Provisioning on |Instances launched |Setting up )/;

/** Reads SkyPilot's launch output in order; remembers the table's columns, the offer being tried, what was said. */
export class LaunchStreamReader {
  readonly #table = new OptimizerTable();
  readonly #said = new Set<string>();
  readonly #refusals = new Set<FailureReason>();
  // Whoever goes on with a launch may meet the verdict on an offer whose trial was read by another.
  #offerOpen = true;
  #cloudWords: string | undefined;
  #lastRefusal: string | undefined;

  /** The one reason for which every offer so far was refused. */
  get commonRefusal(): FailureReason | undefined {
    const [only, ...others] = this.#refusals;
    return others.length === 0 ? only : undefined;
  }

  /** Why the last offer was refused, in the cloud's own words. */
  get lastRefusal(): string | undefined {
    return this.#lastRefusal;
  }

  line(raw: string): ParsedLine | undefined {
    const text = plainText(raw);
    if (text.trim() === '') return undefined;
    const row = this.#table.read(text);
    if (row === 'frame') return { level: 'debug', message: text };
    if (row !== undefined) return pricedLine(text, row);
    const parsed = parseLaunchLine(raw);
    if (parsed.event?.kind === 'offer_tried') this.#beginOffer();
    // The spinner that comes with such a line says the same.
    if (parsed.event?.kind === 'installing_step') this.#isNews(parsed.message.replace(/\.$/, ''));
    return this.#withRefusal(raw, parsed);
  }

  /** Spinners are sent again and again, old ones too: each text is news once, or once for each offer. */
  spinner(text: string): ParsedLine | undefined {
    const parsed = parseSpinner(text);
    return parsed.message !== '' && this.#isNews(parsed.message) ? parsed : undefined;
  }

  clusterEvent(text: string): ParsedLine | undefined {
    const parsed = parseClusterEvent(text);
    return parsed.message !== '' && this.#isNews(`event ${parsed.message}`) ? parsed : undefined;
  }

  #beginOffer(): void {
    this.#offerOpen = true;
    this.#cloudWords = undefined;
    for (const text of this.#said) if (OF_ONE_OFFER.test(text)) this.#said.delete(text);
  }

  #withRefusal(raw: string, parsed: ParsedLine): ParsedLine {
    const refusal = readRefusal(raw);
    if (refusal === undefined) return parsed;
    const level = parsed.level === 'info' ? 'warn' : parsed.level;
    if (refusal.kind === 'words') {
      this.#cloudWords = refusal.text;
      return { ...parsed, level };
    }
    if (!this.#offerOpen) return { ...parsed, level };
    this.#offerOpen = false;
    const message = this.#cloudWords ?? refusal.text;
    const reason = reasonOfCloudWords(message) ?? reasonOfCloudWords(refusal.text) ?? 'no_capacity';
    this.#refusals.add(reason);
    this.#lastRefusal = message;
    this.#cloudWords = undefined;
    return { ...parsed, level, details: { reason }, event: { kind: 'offer_failed', reason, message } };
  }

  #isNews(text: string): boolean {
    if (this.#said.has(text)) return false;
    this.#said.add(text);
    const oldest = this.#said.values().next();
    if (this.#said.size > SAID_MAX && oldest.done !== true) this.#said.delete(oldest.value);
    return true;
  }
}

function pricedLine(text: string, row: PricedOffer): ParsedLine {
  const { offer, price, gpus } = row;
  const details = {
    cloud: offer.cloud,
    ...(offer.region !== undefined && { region: offer.region }),
    ...(offer.instance !== undefined && { instance: offer.instance }),
    ...(gpus !== undefined && { gpus }),
    price_per_hour: price,
  };
  return { level: 'info', message: text, details, event: { kind: 'offer_priced', offer, price } };
}
