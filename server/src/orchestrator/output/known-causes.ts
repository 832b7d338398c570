import { hintOfException } from './exception-hint.js';
import { INSTALLER_CAUSES } from './installer-causes.js';
import type { KnownCause } from './known-cause.js';

export interface RefinedCause {
  readonly message: string;
  readonly hint: string | undefined;
}

/**
 * Explains the text of an exception or an error. An unknown text stays as it was printed, with the hint for the name of
 * its exception. Without `name`, the text begins with that name.
 */
export function refinedCause(text: string, name?: string): RefinedCause {
  for (const { pattern, sentence, hint } of [...KNOWN, ...INSTALLER_CAUSES]) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const words = (match[1] ?? text).trim();
    return { message: sentence === undefined ? text : `${sentence} ${words}`.trim(), hint };
  }
  const raised = name ?? /^[A-Z]\w{0,120}(?=:| in |$)/.exec(text)?.[0];
  return { message: text, hint: raised === undefined ? undefined : hintOfException(raised) };
}

const LESS_MEMORY =
  'Lower --max-model-len in vllm_args, take more or larger GPUs, or a smaller or quantized model.';
const LARGER_DISK = 'Launch again with a larger disk_size.';
const MODEL_NAME = 'Check the name of the model. A private model needs HF_TOKEN among the secrets.';

const MORE_HOST_MEMORY = 'Take a machine with more host memory, or a smaller model.';
const FEWER_GPUS = 'Lower tensor_parallel, or take more GPUs.';
const NEWER_DRIVER =
  'Take an image or a region with a newer driver, or a build of vLLM for an older CUDA: vllm_version and vllm_index.';
const OTHER_MACHINE = 'Launch again on another machine: this GPU, its memory or its driver may be faulty.';
const COMPILERS = 'Take an image that has a C compiler and the CUDA toolkit, or install them in the setup.';
/** The first match counts. */
const KNOWN: readonly KnownCause[] = [
  {
    pattern:
      /(Task was killed due to the node running low on memory|killed due to memory pressure|DefaultCPUAllocator: .{0,80}|std::bad_alloc|Cannot allocate memory)/,
    sentence: 'The machine ran out of host memory:',
    hint: MORE_HOST_MEMORY,
  },
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
    pattern: /((?:CUDA|HIP) error: out of memory|CUDA Error: out of memory|CUBLAS_STATUS_ALLOC_FAILED)/,
    sentence: 'The GPU ran out of memory:',
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
    pattern: /(?:GatedRepoError|(?<!private or )[Gg]ated repo)[:.]? ?(.*)/,
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
  {
    pattern: /429 Client Error|Too Many Requests/,
    sentence: 'Hugging Face limits how often it is asked:',
    hint: 'Launch again in a few minutes. With HF_TOKEN among the secrets the limit is higher.',
  },
  {
    pattern: /CAS service error/,
    sentence: 'The model could not be downloaded:',
    hint: 'Launch again. With HF_HUB_DISABLE_XET=1 among the envs the download takes another way.',
  },
  {
    pattern: /Entry Not Found|EntryNotFoundError/,
    sentence: 'The repository lacks a file:',
    hint: 'Check the name of the model and the revision. vLLM needs config.json, or --load-format for another format.',
  },
  {
    pattern: /Unable to locate credentials|NoCredentialsError|AccessDenied\b/,
    hint: 'Give the credentials of the bucket among the secrets of the launch.',
  },
  { pattern: /Disk quota exceeded/, sentence: 'The quota of the disk is used up:', hint: LARGER_DISK },
  { pattern: /No space left on device/i, sentence: 'The disk is full:', hint: LARGER_DISK },
  {
    pattern: /(Bfloat16 is only supported on GPUs with compute capability.*)/,
    sentence: 'The GPU is too old:',
    hint: 'Add --dtype half to vllm_args, or take a newer GPU.',
  },
  {
    pattern:
      /no kernel image is available for execution on the device|invalid device function|not defined for option 'gpu-name'/,
    sentence: 'This build of vLLM does not support the GPU:',
    hint: 'Take another GPU, or a vLLM that supports this one: vllm_version and vllm_index.',
  },
  {
    pattern:
      /quantization method .{1,80} is not supported for the current GPU|Quantization scheme is not supported for/i,
    sentence: 'The GPU does not support the quantization of the model:',
    hint: 'Take a newer GPU, or the model in another quantization.',
  },
  {
    pattern:
      /PTX was compiled with an unsupported toolchain|unsatisfied condition: cuda|unsupported display driver|device kernel image is invalid/,
    sentence: 'The GPU driver is too old:',
    hint: NEWER_DRIVER,
  },
  {
    pattern: /uncorrectable ECC error|Xid .{0,40}error|GPU is lost|fallen off the bus/i,
    sentence: 'The GPU is faulty:',
    hint: OTHER_MACHINE,
  },
  {
    pattern: /invalid device ordinal|placement groups?\b.{0,200}(?:resources|within|ready)/,
    sentence: 'There are too few GPUs:',
    hint: FEWER_GPUS,
  },
  {
    pattern: /illegal memory access|unspecified launch failure|device-side assert|CUBLAS_STATUS_\w+/,
    hint: 'Try another vllm_version, and launch again on another machine: the GPU may be faulty.',
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
    hint: FEWER_GPUS,
  },
  {
    pattern: /SafetensorError|incomplete metadata|invalid header|HeaderTooLarge|PytorchStreamReader failed/,
    sentence: 'A file of the weights is damaged or incomplete:',
    hint: 'Launch again, so that the weights are downloaded again, or check the files of the model.',
  },
  {
    pattern: /Weights only load failed/,
    sentence: 'PyTorch refuses the weights, since they may contain code:',
    hint: 'Take a model with safetensors.',
  },
  {
    pattern: /LoRA rank \d+ is greater than max_lora_rank/,
    hint: 'Raise --max-lora-rank in vllm_args.',
  },
  {
    pattern:
      /unsupported LoRA weight|is not in LoRA-added target modules|LoRA.{0,80}not supported|add_lora method failed|Loading lora \S{1,300} failed/,
    hint: 'The adapter does not fit the model or this version of vLLM: check --lora-modules, or merge the adapter.',
  },
  {
    pattern: /Not enough memory\. Please try to increase --mem-fraction-static/,
    hint: 'Raise --mem-fraction-static, or take a larger GPU.',
  },
  {
    pattern:
      /Tokenizer class \S{1,100} does not exist|Tokeniz\w{0,60} has no attribute|Couldn't instantiate the backend tokenizer/,
    hint: 'The installed Transformers does not fit the model or vLLM: try another vllm_version.',
  },
  {
    pattern: /No valid attention backend|(?:attention|selected) backend .{0,80}not (?:supported|valid)/i,
    hint: 'Remove the attention backend and the dtype of the KV cache from vllm_args, or take a newer GPU.',
  },
  {
    pattern:
      /Failed to find C compiler|Ninja build failed|CUDA_HOME|nvcc.{0,40}not found|Could not find nvcc|: '(?:nvcc|gcc|cc|ninja)'$|\/(?:nvcc|gcc|cc)', .{0,400}non-zero exit|Error compiling objects|\.h(?:pp)?: No such file/,
    hint: COMPILERS,
  },
  { pattern: /version `?GLIBC\w*/, hint: 'The image is too old for this build: take a newer image.' },
  {
    pattern:
      /is not a valid JSON file|JSONDecodeError|^Expecting (?:value|property name|',' delimiter): line/,
    hint: 'A file of the model is damaged. Check its repository.',
  },
  {
    pattern:
      /NCCL error|Process group watchdog|Watchdog caught|peer access is not supported|DistBackendError|ncclSystemError|ncclUnhandledCudaError/i,
    hint: 'The GPUs could not talk to each other. Launch again on another machine.',
  },
  {
    pattern: /Failed to connect to GCS/,
    hint: 'Ray on another machine could not be reached: check that the machines of the launch reach each other.',
  },
  {
    pattern: /Segmentation fault|cannot open shared object file|undefined symbol/,
    hint: 'Check that the versions of vLLM, torch and the GPU driver fit together.',
  },
  {
    pattern: /Address already in use|EADDRINUSE/i,
    hint: 'Another program uses the port of the model server.',
  },
  {
    pattern: /unrecognized arguments|argument --|the following arguments are required/,
    hint: 'Check vllm_args against the arguments of this version of vLLM.',
  },
  {
    pattern: /Timed out waiting for engine/,
    hint: 'Set VLLM_ENGINE_READY_TIMEOUT_S, or take faster storage.',
  },
];
