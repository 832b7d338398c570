/** What a person would try, by the name of an exception without a better explanation. */
export function hintOfException(name: string): string | undefined {
  return BY_NAME.get(name);
}

const IMPORTS =
  'A package is missing, or two do not fit together: check the setup, vllm_version and the image of the launch.';
const VERSIONS =
  'This version of vLLM may not fit the model or its arguments: try another vllm_version, or look for the message among the issues of vLLM.';

const BY_NAME: ReadonlyMap<string, string> = new Map(
  Object.entries({
    AssertionError: VERSIONS,
    AttributeError: VERSIONS,
    IndexError: VERSIONS,
    KeyError: VERSIONS,
    NameError: VERSIONS,
    NotImplementedError: VERSIONS,
    RuntimeError: VERSIONS,
    TypeError: VERSIONS,
    InductorError: 'Add --enforce-eager to vllm_args, or try another vllm_version.',
    ImportError: IMPORTS,
    ModuleNotFoundError: IMPORTS,
    ValueError: 'Check the model and vllm_args against this version of vLLM.',
    ValidationError: 'Check the model and vllm_args against this version of vLLM.',
    MemoryError: 'Take a machine with more host memory, or a smaller model.',
    AcceleratorError: 'Launch again on another machine: this GPU, its memory or its driver may be faulty.',
  }),
);
