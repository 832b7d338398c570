import { readdirSync, readFileSync } from 'node:fs';

/**
 * The programs whose command line has the secret in it, the stand-ins for ssh and the machines apart: SkyPilot itself
 * hands the job with its secrets to ssh as an argument, on the host of its server. Only names: a failure must not print
 * what else runs here.
 */
export function programsShowing(secret: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const words = commandLineOf(pid);
      if (!words.some((word) => word.includes(secret))) return [];
      if (words.some((word) => word.endsWith('rig/bin/ssh')) || isOfMachine(pid)) return [];
      return [words[0] ?? ''];
    });
}

function commandLineOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function isOfMachine(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes('SKYPILOT_RIG_NODE=');
  } catch {
    return false;
  }
}
