/** A cause that is known: a sentence that says it in our words, and what a person would try. */
interface KnownCause {
  readonly pattern: RegExp;
  /** Comes before the first group of the pattern, or before the whole text if the pattern has no group. */
  readonly sentence?: string;
  readonly hint: string;
}

interface RefinedCause {
  readonly message: string;
  readonly hint: string | undefined;
}

/** Refines what an exception or an error says. What nobody knows stays as it was printed. */
export function refinedCause(text: string): RefinedCause {
  for (const { pattern, sentence, hint } of KNOWN) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const words = (match[1] ?? text).trim();
    return { message: sentence === undefined ? text : `${sentence} ${words}`.trim(), hint };
  }
  return { message: text, hint: undefined };
}

const LESS_MEMORY =
  'Lower --max-model-len in vllm_args, take more or larger GPUs, or a smaller or quantized model.';
const LARGER_DISK = 'Launch again with a larger disk_size.';
const MODEL_NAME = 'Check the name of the model. A private model needs HF_TOKEN among the secrets.';

/** The first match counts. */
const KNOWN: readonly KnownCause[] = [
  {
    pattern: /(the NVIDIA driver \S+ is too old.*)/,
    hint: 'Take another provider or image, or a build of vLLM for an older CUDA: vllm_version and vllm_index.',
  },
  {
    pattern: /((?:CUDA|HIP) out of memory\.(?: Tried to allocate [\d.]+ \w+\.?)?)/,
    sentence: 'The GPU ran out of memory while the model was loaded:',
    hint: LESS_MEMORY,
  },
  {
    pattern: /OutOfMemoryError: (.+)/,
    sentence: 'The GPU ran out of memory while the model was loaded:',
    hint: LESS_MEMORY,
  },
  {
    pattern: /(No available memory for the cache blocks\.)/,
    sentence: 'The model leaves no GPU memory for the KV cache:',
    hint: LESS_MEMORY,
  },
  {
    pattern: /(Free memory on device .{1,200}? is less than desired GPU memory utilization)/,
    sentence: 'Too little GPU memory is free:',
    hint: 'Another process may hold the GPU. Lower gpu_memory_utilization, or take another machine.',
  },
  {
    pattern: /(To serve at least one request with the model.+)/,
    sentence: 'The KV cache is too small for one request:',
    hint: LESS_MEMORY,
  },
  {
    pattern:
      /(The model's max seq len \(\d+\) is larger than the maximum number of tokens that can be stored in KV cache)/,
    sentence: 'The KV cache is too small:',
    hint: LESS_MEMORY,
  },
  {
    pattern: /(Available memory on node .{1,200}? is less than requested memory for kv \([^)]{1,40}\))/,
    sentence: 'The KV cache does not fit into memory:',
    hint: LESS_MEMORY,
  },
  {
    pattern: /(Access to model \S+ is restricted.{0,300}?(?:to ask for access\.?|Please log in\.))/,
    sentence: 'The model is gated and the Hugging Face token gives no access to it:',
    hint: 'Ask for access on the page of the model, and give HF_TOKEN as a secret of the launch.',
  },
  {
    pattern: /(?:GatedRepoError|[Gg]ated repo)(?:: )?(.*)/,
    sentence: 'The model is gated and the Hugging Face token gives no access to it:',
    hint: 'Ask for access on the page of the model, and give HF_TOKEN as a secret of the launch.',
  },
  {
    pattern:
      /(?:RepositoryNotFoundError|Repository Not Found|is not a valid model identifier|Repo id must be in the form|RevisionNotFoundError)/,
    sentence: 'The model was not found:',
    hint: MODEL_NAME,
  },
  {
    pattern: /401 Client Error|Invalid (?:user )?(?:token|credentials|username or password)/,
    sentence: 'Hugging Face did not authenticate the launch:',
    hint: 'Check HF_TOKEN among the secrets of the launch.',
  },
  {
    pattern:
      /couldn't connect to 'https?:|LocalEntryNotFoundError|offline mode is enabled|NameResolutionError/i,
    sentence: 'The model could not be downloaded:',
    hint: 'Check that the machine reaches huggingface.co, and the name of the model.',
  },
  { pattern: /No space left on device/, sentence: 'The disk is full:', hint: LARGER_DISK },
  {
    pattern: /(Bfloat16 is only supported on GPUs with compute capability.*)/,
    sentence: 'The GPU is too old:',
    hint: 'Add --dtype half to vllm_args, or take a newer GPU.',
  },
  {
    pattern: /no kernel image is available for execution on the device/,
    sentence: 'This build of vLLM does not support the GPU:',
    hint: 'Take a newer GPU.',
  },
  {
    pattern:
      /NVIDIA driver on your system is too old|CUDA driver version is insufficient|forward compatibility was attempted/,
    sentence: 'The GPU driver is too old for this vLLM:',
    hint: 'Take an image or a region with a newer driver.',
  },
  {
    pattern:
      /No CUDA GPUs are available|Failed to infer device type|NVIDIA-SMI has failed|Found no NVIDIA driver|no CUDA-capable device/,
    sentence: 'The machine has no usable GPU:',
    hint: 'Launch again in another region, or with another GPU.',
  },
  {
    pattern: /contains custom code which must be executed|trust_remote_code=True/,
    hint: 'Add --trust-remote-code to vllm_args if you trust the repository.',
  },
  {
    pattern: /(Model architectures \[.{0,200}?\] are not supported for now)/,
    sentence: 'vLLM cannot serve this model:',
    hint: 'Check the list of supported models of this version of vLLM.',
  },
  {
    pattern: /Transformers does not recognize this architecture|model type .{1,80} but Transformers/,
    sentence: 'The installed Transformers does not know this model:',
    hint: 'The model may need a newer vLLM.',
  },
  {
    pattern: /must be divisible by tensor parallel size|not divisible by (?:the )?tensor/,
    hint: 'Choose a tensor_parallel that divides the number of attention heads.',
  },
  {
    pattern: /max_model_len .{0,80}is greater than the derived max_model_len/,
    hint: 'Lower --max-model-len in vllm_args.',
  },
  {
    pattern:
      /World size .{0,80}larger than the number of available GPUs|not enough GPUs|Total number of GPUs/i,
    hint: 'Lower tensor_parallel, or take more GPUs.',
  },
  {
    pattern: /SafetensorError|incomplete metadata|invalid header|HeaderTooLarge|PytorchStreamReader failed/,
    sentence: 'A file of the weights is damaged or incomplete:',
    hint: 'Launch again, so that the weights are downloaded again, or check the files of the model.',
  },
  {
    pattern: /is not a valid JSON file|JSONDecodeError/,
    hint: 'A file of the model is damaged. Check its repository.',
  },
  {
    pattern: /NCCL error|DistBackendError|ncclSystemError|ncclUnhandledCudaError/,
    hint: 'The GPUs could not talk to each other. Launch again on another machine.',
  },
  {
    pattern: /^.{1,300}: (?:command )?not found$/,
    sentence: 'A command was not found:',
    hint: 'Check that the setup installs the program and that PATH has it.',
  },
  {
    pattern: /Segmentation fault|cannot open shared object file|undefined symbol/,
    hint: 'Check that the versions of vLLM, torch and the GPU driver fit together.',
  },
  { pattern: /Address already in use/, hint: 'Another program uses the port of the model server.' },
  {
    pattern: /unrecognized arguments|argument --|the following arguments are required/,
    hint: 'Check vllm_args against the arguments of this version of vLLM.',
  },
  {
    pattern: /Timed out waiting for engine/,
    hint: 'Set VLLM_ENGINE_READY_TIMEOUT_S, or take faster storage.',
  },
  {
    pattern: /No solution found when resolving|No matching distribution|Could not find a version/,
    hint: 'The requested versions do not fit together or do not exist.',
  },
  {
    pattern:
      /Connection refused|Connection reset|Could not resolve host|name resolution|dns error|timed out|Network is unreachable/i,
    hint: 'Check that the machine reaches the internet, and launch again.',
  },
];
