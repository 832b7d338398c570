const DIAGNOSTICS: readonly RegExp[] = [
  // A compiler: `x.c:1:10: fatal error: Python.h: No such file or directory`, and pip.
  /(?:^|\s)(?:fatal )?(?:error|ERROR): (.{1,300})$/,
  // A shell, without the place in its script.
  /^(?:\S{1,100}: (?:line )?\d{1,6}: )?(\S{1,200}: (?:command )?not found)$/,
];

/** What a line of a compiler, a shell or an installer complains about; undefined for any other line. */
export function diagnosticOf(line: string): string | undefined {
  for (const pattern of DIAGNOSTICS) {
    const problem = pattern.exec(line)?.[1];
    if (problem !== undefined) return problem;
  }
  return undefined;
}
