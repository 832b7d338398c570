/** The meaning of the end of a process, and what a person would try. */
export interface NamedEnd {
  readonly message: string;
  readonly hint?: string | undefined;
}

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};

/** Explains a signal by its number, or undefined if it is not one that has a name. */
export function namedSignal(signal: number): NamedEnd | undefined {
  const name = SIGNALS[signal];
  if (name === undefined) return undefined;
  const meaning = MEANINGS[name];
  if (meaning !== undefined) return meaning;
  return { message: `A process crashed with ${name}.`, hint: HINTS[name] };
}

/** Explains an exit code of a shell (137) or of Python's multiprocessing (-9); undefined for a code without a meaning. */
export function namedExitCode(code: number): NamedEnd | undefined {
  if (code < 0) return namedSignal(-code);
  if (code === 126) return { message: 'A command could not be executed (exit code 126).' };
  if (code === 127) {
    return {
      message: 'A command was not found (exit code 127).',
      hint: 'Check that the setup installs the program and that PATH has it.',
    };
  }
  return code > 128 ? namedSignal(code - 128) : undefined;
}

const MEANINGS: Readonly<Record<string, NamedEnd>> = {
  SIGKILL: {
    message: 'A process was killed (SIGKILL): the machine was probably out of host memory.',
    hint: 'Take a machine with more host memory, or a smaller model.',
  },
  SIGTERM: {
    message: 'The model server was stopped from outside (SIGTERM).',
    hint: 'A spot machine may have been reclaimed, or somebody ended the job. Launch again, or without spot.',
  },
  SIGINT: {
    message: 'The model server was interrupted (SIGINT).',
    hint: 'Somebody, or a program, ended the job. Launch again.',
  },
  SIGSEGV: {
    message: 'A process crashed with SIGSEGV (segmentation fault).',
    hint: 'Check that the versions of vLLM, torch and the GPU driver fit together.',
  },
  SIGBUS: {
    message: 'A process crashed with SIGBUS: shared memory (/dev/shm) or the disk is probably full.',
    hint: 'Give the container more shared memory, or the machine a larger disk.',
  },
};

const HINTS: Readonly<Record<string, string>> = {
  SIGILL:
    'The program was built for another processor: take another machine, or another build of the program.',
  SIGABRT: 'Look at the lines before this one, and launch again on another machine.',
  SIGFPE: 'Look at the lines before this one, and try another version of the program.',
};

const BY_WORDS: Readonly<Record<string, number>> = {
  Killed: 9,
  Terminated: 15,
  'Segmentation fault': 11,
  'Bus error': 7,
  Aborted: 6,
  'Illegal instruction': 4,
  'Floating point exception': 8,
};
/** A shell's own line about a child: `Killed`, `/tmp/x.sh: line 5:  1234 Killed   vllm serve`. */
const SHELL_LINE =
  /^(?:[\w./-]{1,200}: line \d{1,6}:\s{1,8}\d{1,10} )?(Killed|Terminated|Segmentation fault|Bus error|Aborted|Illegal instruction|Floating point exception)(?: +\(core dumped\))?(?:\s{2,}.*)?$/;

export function signalOfShellLine(message: string): NamedEnd | undefined {
  const words = SHELL_LINE.exec(message)?.[1];
  return words === undefined ? undefined : namedSignal(BY_WORDS[words] ?? 0);
}
