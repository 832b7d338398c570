import { cutUnredacted } from '../../redaction/cut-mark.js';
import type { FailureCause } from './parsed-line.js';

/** Returns why a model server ended, according to its own words; undefined for a line that does not explain it. */
export function readModelFailure(message: string): FailureCause | undefined {
  for (const { pattern, sentence, generic } of FAILURES) {
    const match = pattern.exec(message);
    if (match === null) continue;
    const text = `${sentence} ${match[1] ?? ''}`.trim();
    return {
      reason: 'model_load_failed',
      message: cutUnredacted(text, CAUSE_MAX_CHARACTERS),
      ...(generic === true && { generic }),
    };
  }
  return undefined;
}

const CAUSE_MAX_CHARACTERS = 400;

interface KnownFailure {
  /** Its first group is appended to the sentence. */
  readonly pattern: RegExp;
  readonly sentence: string;
  readonly generic?: boolean;
}

const FAILURES: readonly KnownFailure[] = [
  {
    pattern: /(?:OutOfMemoryError:|^|: )\s{0,4}(CUDA out of memory\.(?: Tried to allocate [\d.]+ \w+\.?)?)/,
    sentence: 'The GPU ran out of memory while the model was loaded:',
  },
  { pattern: /OutOfMemoryError: (.+)/, sentence: 'The GPU ran out of memory while the model was loaded:' },
  {
    pattern: /(No available memory for the cache blocks\.)/,
    sentence: 'The model leaves no GPU memory for the KV cache:',
  },
  {
    pattern: /(Free memory on device .{1,200}? is less than desired GPU memory utilization)/,
    sentence: 'Too little GPU memory is free:',
  },
  {
    pattern: /ValueError: (To serve at least one request with the model.+)/,
    sentence: 'The KV cache is too small for one request:',
  },
  {
    pattern:
      /(The model's max seq len \(\d+\) is larger than the maximum number of tokens that can be stored in KV cache)/,
    sentence: 'The KV cache is too small:',
  },
  {
    pattern: /(?:GatedRepoError|Cannot access gated repo)(.*)/,
    sentence: 'The model is gated and the Hugging Face token gives no access to it',
  },
  {
    pattern: /(?:RepositoryNotFoundError|Repository Not Found|is not a valid model identifier)(.*)/,
    sentence: 'The model was not found',
  },
  {
    pattern: /(Bfloat16 is only supported on GPUs with compute capability.*)/,
    sentence: 'The GPU is too old:',
  },
  { pattern: /OSError: .{0,40}(No space left on device)/, sentence: 'The disk is full:' },
  {
    pattern: /(?:api_server\.py|vllm(?: serve)?): error: (.+)/,
    sentence: 'vLLM refused its arguments:',
  },
  {
    pattern: /(Engine core initialization failed)|(?:Engine process failed to start)|(?:EngineDeadError)/,
    sentence: "vLLM's engine did not start:",
    generic: true,
  },
];
