import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync, chmodSync } from 'node:fs';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import path from 'node:path';
import type { LambdaMachines } from './lambda-stand-in.js';

interface FolderMachinesOptions {
  /** The rig's folder: machines are folders in `nodes`. */
  readonly folder: string;
  /** The folder with the programs of a machine. */
  readonly machine: string;
  readonly python: string;
  /** The port of ssh that each machine reports. */
  readonly sshPort: number;
}

/**
 * Machines that need no privileges: each is a folder, its home, and an address in 127.0.0.0/8 with an SSH banner. What
 * SkyPilot sends to one goes through the programs in `test/skypilot/rig/bin`. Stopping one kills its processes.
 */
export class FolderMachines implements LambdaMachines {
  readonly #options: FolderMachinesOptions;
  readonly #sshBanners = new Map<string, Server>();

  constructor(options: FolderMachinesOptions) {
    this.#options = options;
  }

  start(id: string): string {
    const ip = `127.${[0, 2, 4].map((at) => 1 + (Number.parseInt(id.slice(at, at + 2), 16) % 250)).join('.')}`;
    this.#makeFolder(ip);
    const banner = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('SSH-2.0-OpenSSH_9.6\r\n');
    });
    this.#sshBanners.set(ip, banner.listen(this.#options.sshPort, ip));
    return ip;
  }

  stop(ip: string): void {
    this.#sshBanners.get(ip)?.close();
    this.#sshBanners.delete(ip);
    const home = path.join(this.#options.folder, 'nodes', ip);
    killProcessesOf(home);
    rmSync(home, { recursive: true, force: true });
  }

  #makeFolder(ip: string): void {
    const home = path.join(this.#options.folder, 'nodes', ip);
    mkdirSync(path.join(home, '.local', 'bin'), { recursive: true });
    mkdirSync(path.join(home, '.sky', 'sky_app'), { recursive: true });
    mkdirSync(path.join(home, 'sky_workdir'));
    mkdirSync(path.join(home, 'skypilot-runtime', 'bin'), { recursive: true });
    writeFileSync(path.join(home, 'skypilot-runtime', 'bin', 'activate'), '');
    const programs = path.join(this.#options.machine, 'node');
    for (const name of readdirSync(programs))
      symlinkSync(path.join(programs, name), path.join(home, '.local', 'bin', name));
    const python = path.join(home, '.local', 'bin', 'sky-python');
    const modules = path.join(this.#options.machine, 'node-python');
    writeFileSync(python, `#!/bin/sh\nPYTHONPATH='${modules}' exec '${this.#options.python}' "$@"\n`);
    chmodSync(python, 0o755);
    writeFileSync(path.join(home, '.sky', 'python_path'), `${python}\n`);
  }
}

/** Processes of a machine carry its folder in their environment; no other process does. */
function killProcessesOf(home: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (environment.includes(`SKYPILOT_RIG_NODE=${home}`)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended, or belongs to another user.
    }
  }
}
