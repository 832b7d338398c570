import { cutUnredacted } from '../../redaction/cut-mark.js';

export const CAUSE_MAX_CHARACTERS = 600;

/** `module.Name: message`, or a name alone that can only be an exception. */
const EXCEPTION = /^((?:[A-Za-z_][\w<>]{0,100}\.){0,12})([A-Za-z_]\w{0,120})(?:: ?(.*)|$)/;
const EXCEPTION_NAME = /(?:Error|Exception|Interrupt|Exit|Group|Timeout|Failure)$/;

export interface ExceptionLine {
  /** The name of the exception, without its module. */
  readonly name: string;
  /** Undefined if there is none, not even an empty one that the next lines continue. */
  readonly message: string | undefined;
}

/** The line that ends a traceback. `inTraceback`: its position proves that it is one, so its name may be unknown. */
export function readException(text: string, inTraceback: boolean): ExceptionLine | undefined {
  const match = EXCEPTION.exec(text);
  if (match === null) return undefined;
  const [, module = '', name = '', message] = match;
  if (EXCEPTION_NAME.test(name)) return inTraceback || message !== undefined ? { name, message } : undefined;
  return inTraceback && (module !== '' || message !== undefined) ? { name, message } : undefined;
}

/** Exceptions that only report another failure. Any other cause explains more. */
const CONSEQUENCES =
  /Engine core initialization failed|Engine process failed to start|EngineDeadError|EngineGenerateError|EngineCore encountered an issue|WorkerProc initialization failed|died unexpectedly|^RuntimeError: cancelled$|^CancelledError|^(?:Base)?ExceptionGroup|^SystemExit|^KeyboardInterrupt|^BrokenPipeError|^ConnectionResetError|^EOFError|Background loop (?:has errored|is stopped)|^(?:ray\.exceptions\.)?(?:RayActorError|ActorDiedError)|^ChildProcessError: worker died|^ChildFailedError|^ProcessExitedException/;

export function isConsequence(text: string): boolean {
  return CONSEQUENCES.test(text);
}

/** Matches what CUDA, HIP, PyTorch, Triton and Dynamo add to all of their errors. */
const BOILERPLATE =
  /\s{0,4}(?:(?:CUDA|HIP) kernel errors might be asynchronously reported|Search for `(?:cuda|hip)Error\w{1,80}' in |For debugging consider passing (?:CUDA|AMD)_|Compile with `TORCH_USE_(?:CUDA|HIP)_DSA`|Repro command: |Set TORCHDYNAMO_VERBOSE=1 |Set TORCH_LOGS=|Exception raised from \S+ at )[^]*$/;

/** The words of an exception for people: pydantic's frame, dumps of inputs and repeated names removed. */
export function exceptionText(name: string, lines: readonly string[]): string {
  const joined = lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ')
    .replace(BOILERPLATE, '');
  const pydantic = /^\d+ validation errors? for \S+ (.+)$/.exec(joined)?.[1];
  if (pydantic !== undefined) {
    const problem = pydantic.replace(/\s*\[type=[^]*$/, '').replace(/^Value error, /, '');
    return cutUnredacted(
      problem.replace(/\s*For further information visit \S+.*$/, ''),
      CAUSE_MAX_CHARACTERS,
    );
  }
  const inner = /^Worker failed with error ['"](.+?)['"], please check the stack trace/.exec(joined)?.[1];
  const text = inner ?? joined;
  const plain = text === '' ? name : `${name}: ${text}`;
  return cutUnredacted(plain.replace(/ \[repeated \d+x across cluster\].*$/, ''), CAUSE_MAX_CHARACTERS);
}
