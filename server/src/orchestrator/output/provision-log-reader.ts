import type { ParsedLine } from './parsed-line.js';
import { ProgressBarThinning, readProgressBar } from './progress-bar.js';
import { splitLoggerPrefix } from './skypilot-output.js';
import { decodePayloadLine } from './skypilot-payload.js';
import { plainText } from './terminal-text.js';

/** How many lines of one launch are shown; the machine's own setup prints some hundred. */
const LINES_MAX = 1_000;

/** `----Start: setup_runtime_on_cluster ----` */
const STAGE = /^-{4,}\s?(Start|End):\s+(\w{1,100})\s*-*$/;
const RESTARTED = /^={4,} Provisioning ={4,}$/;
/** Commands are long and internal, and lines with a glyph are in the launch's own output too. */
const LEFT_OUT =
  /^(?:Need to run stage|Running command on|Logs of worker nodes|Retrying in \d)|^[├└│✓⨯↺⚙]|Instances? (?:is|are) up|Cluster launched/u;

/** SkyPilot repeats the step for minutes, although the machine may be gone. */
const NO_CONNECTION = /^(?:Network connection issue during setup\b|ssh: connect to host )/;

/**
 * Reads SkyPilot's log of a provisioning, which shows what happens on the machine while its runtime is prepared. The part of
 * the log before that is in the launch's output too, or internal.
 */
export class ProvisionLogReader {
  readonly #bars = new ProgressBarThinning();
  #begun = false;
  #shown = 0;

  line(raw: string): ParsedLine | undefined {
    const { text: bare } = decodePayloadLine(raw);
    if (bare === undefined) return undefined;
    const { level, text, logged } = splitLoggerPrefix(plainText(bare));
    const message = text.trimEnd();
    if (RESTARTED.test(message)) this.#begun = false;
    const [, edge, stage = ''] = STAGE.exec(message) ?? [];
    if (edge === 'Start') {
      this.#begun = true;
      return { level: 'info', message: `Preparing SkyPilot runtime: ${stage.replaceAll('_', ' ')}` };
    }
    if (!this.#begun || edge === 'End' || message.trim() === '' || LEFT_OUT.test(message)) return undefined;
    const bar = readProgressBar(message);
    if (bar !== undefined && !this.#bars.wants(bar)) return undefined;
    this.#shown += 1;
    if (this.#shown > LINES_MAX) return undefined;
    if (this.#shown === LINES_MAX) return { level: 'info', message: LIMIT_REACHED };
    if (NO_CONNECTION.test(message)) return { level: 'warn', message };
    // Output of the machine's programs is detail; a warning of SkyPilot is a warning.
    return { level: logged && level !== 'info' ? level : 'debug', message };
  }
}

const LIMIT_REACHED = `Further lines of SkyPilot's setup are left out: ${LINES_MAX} were shown`;
