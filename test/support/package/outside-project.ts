import { execFileSync } from 'node:child_process';
import type { ExecFileSyncOptions } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSdk, SDK_FOLDER } from './built-sdk.js';

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/** A project outside of this repository: it has nothing of it but the tarball of the SDK. */
export class OutsideProject {
  readonly folder: string;
  readonly tarball: string;
  /** Paths of the files in the tarball. */
  readonly packed: readonly string[];

  /** Packs and installs. Without a registry: the package has no dependencies. */
  static create(): OutsideProject {
    buildSdk();
    const folder = mkdtempSync(join(tmpdir(), 'launchlog-outside-'));
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    const answer = execFileSync('npm', pack, { cwd: SDK_FOLDER, stdio: 'pipe' }).toString();
    const [tarball] = JSON.parse(answer) as { filename: string; files: { path: string }[] }[];
    if (tarball === undefined) throw new Error('npm packed nothing');
    const packed = tarball.files.map((file) => file.path);
    const project = new OutsideProject(folder, { tarball: join(folder, tarball.filename), packed });
    project.write('package.json', JSON.stringify({ name: 'outside', private: true, type: 'module' }));
    project.run('npm', [
      'install',
      '--offline',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      project.tarball,
    ]);
    // The types of Node are a tool, not a dependency of the package.
    project.link('@types/node');
    project.link('undici-types');
    return project;
  }

  private constructor(folder: string, pack: { tarball: string; packed: readonly string[] }) {
    this.folder = folder;
    this.tarball = pack.tarball;
    this.packed = pack.packed;
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Makes a package of this repository's own installation available. */
  link(name: string): void {
    const path = join(this.folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(modules, name), path);
  }

  run(command: string, args: readonly string[], options: ExecFileSyncOptions = {}): string {
    return execFileSync(command, args, { cwd: this.folder, stdio: 'pipe', ...options }).toString();
  }

  /** The compiler's errors in the files that its `tsconfig.json` names. */
  typeCheck(config = '.'): string[] {
    return this.#compile(config)
      .split('\n')
      .filter((line) => line.includes('error TS'));
  }

  #compile(config: string): string {
    try {
      return this.run(process.execPath, [
        join(modules, 'typescript/bin/tsc'),
        '-p',
        config,
        '--pretty',
        'false',
      ]);
    } catch (error) {
      return (error as { stdout: Buffer }).stdout.toString();
    }
  }

  /** Path of an installed file of the package. */
  pathOf(file: string): string {
    return join(this.folder, 'node_modules/@launchlog/sdk', file);
  }

  read(file: string): string {
    return readFileSync(this.pathOf(file), 'utf8');
  }

  /** Names of the packages that the installation brought. */
  installed(): string[] {
    const lock = JSON.parse(readFileSync(join(this.folder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    return Object.keys(lock.packages).flatMap((path) => /^node_modules\/(.+)$/.exec(path)?.[1] ?? []);
  }

  /** Bytes of the installed package, with everything that it brought. */
  installedBytes(): number {
    const root = join(this.folder, 'node_modules/@launchlog');
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    return files.reduce((sum, file) => sum + readFileSync(join(file.parentPath, file.name)).length, 0);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
