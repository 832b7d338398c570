import type { CliProcess } from './cli-session.js';

/** After Ctrl-C: what goes on by itself, and how to come back to it. */
export function sayGoodbye(process: CliProcess, running: number, command: string): void {
  if (running === 0) return;
  const [subject, verb] = running === 1 ? ['The launch', 'goes'] : ['The launches', 'go'];
  process.stderr.write(`\n${subject} ${verb} on without you. Come back with:\n  ${command}\n`);
}
