import type { FailureReason } from '@launchlog/shared/node';
import { OptimizerTable, type PricedOffer } from './optimizer-table.js';
import type { ParsedLine } from './parsed-line.js';
import { reasonOfCloudWords } from './cloud-refusal.js';
import {
  launchStage,
  parseClusterEvent,
  parseLaunchLine,
  parseSpinner,
  readRefusal,
} from './skypilot-output.js';
import { plainText } from './terminal-text.js';

/** How many texts of spinners and events are remembered. Beyond that the oldest is forgotten and may be logged again. */
const SEEN_TEXTS_MAX = 200;

/** Texts that are logged again for the next offer. */
const OF_ONE_OFFER =
  /^(?:event )?(?:Launching [-(]|Preparing |Provisioning on |Instances launched |Setting up )/;

/** Reads SkyPilot's launch output in order. Remembers the table's columns, the offer being tried and the texts seen. */
export class LaunchStreamReader {
  readonly #table = new OptimizerTable();
  readonly #seenTexts = new Set<string>();
  readonly #refusals = new Set<FailureReason>();
  // After a resumption the first verdict may be on an offer whose trial was read by another process.
  #offerOpen = true;
  #stage = -1;
  #cloudWords: string | undefined;
  #lastRefusal: string | undefined;

  /** The reason for which every offer so far was refused; undefined if the reasons differ. */
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
    this.#reached(parsed.message);
    // The spinner that accompanies such a line repeats it.
    if (parsed.event?.kind === 'installing_step') this.#isNews(parsed.message.replace(/\.$/, ''));
    return this.#withRefusal(raw, parsed);
  }

  /** Spinners are repeated, old ones too: each text is logged once, or once for each offer. */
  spinner(text: string): ParsedLine | undefined {
    const parsed = parseSpinner(text);
    this.#reached(parsed.message);
    return parsed.message !== '' && this.#isNews(parsed.message) ? parsed : undefined;
  }

  /** Events come late, because they are polled: those that the output has passed are left out. */
  clusterEvent(text: string): ParsedLine | undefined {
    const parsed = parseClusterEvent(text);
    if (parsed.message === '' || !this.#isNews(`event ${parsed.message}`)) return undefined;
    const stage = launchStage(parsed.message);
    const past = stage >= 0 && stage <= this.#stage;
    const known = parsed.message.startsWith('Provision failed') && this.#lastRefusal !== undefined;
    return past || known ? undefined : parsed;
  }

  #reached(message: string): void {
    // SkyPilot repeats an old spinner when its scope ends.
    this.#stage = Math.max(this.#stage, launchStage(message));
  }

  #beginOffer(): void {
    this.#stage = -1;
    this.#offerOpen = true;
    this.#cloudWords = undefined;
    for (const text of this.#seenTexts) if (OF_ONE_OFFER.test(text)) this.#seenTexts.delete(text);
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
    if (this.#seenTexts.has(text)) return false;
    this.#seenTexts.add(text);
    const oldest = this.#seenTexts.values().next();
    if (this.#seenTexts.size > SEEN_TEXTS_MAX && oldest.done !== true) this.#seenTexts.delete(oldest.value);
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
  return {
    level: 'info',
    message: text,
    details,
    event: { kind: 'offer_priced', offer: { ...offer, ...(gpus !== undefined && { gpus }) }, price },
  };
}
