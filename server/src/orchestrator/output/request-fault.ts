import type { PrefixedLine } from './vllm-prefix.js';

/** A tracked process: one that is named, or the only one. */
const ONLY_PROCESS = '';
/** More processes than a machine has GPUs do not serve requests. */
const PROCESSES_MAX = 64;

/** Files of the API server that log faults of requests. */
const REQUEST_FILES =
  /^(?:\S*\/)?(?:serving\w*|server_utils|api_server|api_router|launcher|protocol|preprocess|renderer\w*|middleware|utils)\.py:/;
const ASGI_FAULT = /^Exception in ASGI application/;
/** Matches uvicorn's line about an answer that only a living engine can give. */
const ANSWERED = /^\S{3,64} - "(?:POST \S{1,500}|GET \/(?:health|ping)) HTTP\/[\d.]{1,4}" 2\d\d\b/;

/** Distinguishes faults of requests from faults of the server: a failed request does not end a launch. */
export class RequestFaults {
  /** Processes whose next traceback is that of a request. */
  readonly #announced = new Set<string>();
  readonly #chains = new Set<number>();

  /** The engine has answered a request, so it survived whatever was printed before. */
  static answers({ message }: PrefixedLine): boolean {
    return ANSWERED.test(message);
  }

  /** Reads each line, with the chain of the traceback that it belongs to. */
  has(line: PrefixedLine, chain: number | undefined): boolean {
    const process = line.process ?? ONLY_PROCESS;
    if (ASGI_FAULT.test(line.message)) {
      if (this.#announced.size < PROCESSES_MAX) this.#announced.add(process);
      return true;
    }
    if (/^APIServer/i.test(process)) return true;
    if (line.location !== undefined && REQUEST_FILES.test(line.location)) return true;
    if (chain === undefined) return false;
    if (!this.#announced.delete(process)) return this.#chains.has(chain);
    this.#chains.clear();
    this.#chains.add(chain);
    return true;
  }
}
