import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { plainText } from '../output/terminal-text.js';
import { namedClusters } from '../sight/skypilot-status.js';
import type { SkypilotCliProcess } from './cli-process.js';
import { SkyCommandError } from './cli-process.js';
import type { SkypilotCluster, SkypilotControl, SkypilotLaunch, SkypilotOptimization } from './control.js';
import { SkypilotError } from './error.js';
import type { SkypilotOutcome, SkypilotRequestRecord } from './request-record.js';
import { clusterRecordsSchema, requestRecordsSchema } from './request-record.js';
import { secretFile } from './secret-file.js';

/** `sky` takes seconds to start. */
const SHORT_COMMAND_TIMEOUT_MS = 120_000;
const DOWN_TIMEOUT_MS = 15 * 60_000;

/** Controls SkyPilot through its command line. */
export class SkypilotCliClient implements SkypilotControl {
  readonly #sky: SkypilotCliProcess;
  readonly #secrets: Readonly<Record<string, string>>;

  /** The secrets belong to the one launch that may be submitted. */
  constructor(sky: SkypilotCliProcess, secrets: Readonly<Record<string, string>>) {
    this.#sky = sky;
    this.#secrets = secrets;
  }

  async submitLaunch(launch: SkypilotLaunch, signal: AbortSignal): Promise<string> {
    // The tenant chooses the names of secrets: as variables of `sky` they could change what it does here.
    const folder = await mkdtemp(path.join(tmpdir(), 'launchlog-task-'));
    try {
      const file = path.join(folder, 'task.yaml');
      await writeFile(file, launch.task, { mode: 0o600 });
      const secrets = await this.#secretArguments(folder);
      const output = await this.#sky.run(
        { arguments: ['launch', '-y', '--async', '-c', launch.clusterName, ...secrets, file], signal },
        SHORT_COMMAND_TIMEOUT_MS,
      );
      const [, requestId] = SUBMITTED.exec(plainLines(output)) ?? [];
      if (requestId === undefined) {
        throw new SkypilotError('protocol', '`sky launch --async` did not print the id of the request');
      }
      return requestId;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** A file of its own, so that SkyPilot does not keep the values in its copy of the task file. */
  async #secretArguments(folder: string): Promise<string[]> {
    if (Object.keys(this.#secrets).length === 0) return [];
    const file = path.join(folder, 'secrets.env');
    await writeFile(file, secretFile(this.#secrets), { mode: 0o600 });
    return ['--secret-file', file];
  }

  async optimize(task: string, signal: AbortSignal): Promise<SkypilotOptimization> {
    const folder = await mkdtemp(path.join(tmpdir(), 'launchlog-task-'));
    try {
      const file = path.join(folder, 'task.yaml');
      await writeFile(file, task, { mode: 0o600 });
      return { output: await this.#run(['launch', '-y', '--dryrun', file], signal), failure: undefined };
    } catch (error) {
      if (!(error instanceof SkyCommandError)) throw error;
      return { output: '', failure: error.failure };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async requestsOfCluster(clusterName: string, signal: AbortSignal): Promise<SkypilotRequestRecord[]> {
    // Without `-v` the records do not name their clusters.
    const words = ['api', 'status', '-a', '-v', '-c', clusterName, '-o', 'json'];
    const records = await this.#json(words, signal);
    const parsed = requestRecordsSchema.safeParse(records);
    if (!parsed.success) throw unknownOutput('sky api status', parsed.error);
    return parsed.data
      .filter((record) => record.clusterName === clusterName)
      .toSorted((a, b) => b.createdAt - a.createdAt);
  }

  async cluster(clusterName: string, signal: AbortSignal): Promise<SkypilotCluster | undefined> {
    const [cluster] = await this.clusters([clusterName], { refresh: false }, signal);
    return cluster;
  }

  async clusters(
    names: readonly string[] | undefined,
    { refresh }: { readonly refresh: boolean },
    signal: AbortSignal,
  ): Promise<readonly SkypilotCluster[]> {
    const named = (names && namedClusters(names)) ?? [];
    const words = ['status', '-o', 'json', ...(refresh ? ['--refresh'] : []), ...named];
    const clusters = clusterRecordsSchema.safeParse(await this.#json(words, signal));
    if (!clusters.success) throw unknownOutput('sky status', clusters.error);
    const wanted = new Set(names);
    return names === undefined ? clusters.data : clusters.data.filter(({ name }) => wanted.has(name));
  }

  async cancel(requestId: string, signal: AbortSignal): Promise<void> {
    if (requestId === '') throw new SkypilotError('refused', 'a request to cancel needs an id');
    await this.#run(['api', 'cancel', '-y', requestId], signal);
  }

  /** `sky down` of a cluster that does not exist succeeds. */
  async down(clusterName: string, signal: AbortSignal): Promise<SkypilotOutcome> {
    try {
      await this.#sky.run({ arguments: ['down', '-y', clusterName], signal }, DOWN_TIMEOUT_MS);
      return { kind: 'succeeded', value: null };
    } catch (error) {
      if (!(error instanceof SkyCommandError)) throw error;
      return { kind: 'failed', error: { type: 'SkyCommandError', message: error.message } };
    }
  }

  /** Resolves to `host:port` or a URL; undefined while SkyPilot does not know it. */
  async endpoint(cluster: { name: string; port: number }, signal: AbortSignal): Promise<string | undefined> {
    try {
      const output = await this.#run(['status', '--endpoint', String(cluster.port), cluster.name], signal);
      return plainLines(output)
        .split('\n')
        .map((line) => line.trim())
        .findLast((line) => ENDPOINT.test(line));
    } catch (error) {
      if (error instanceof SkyCommandError) return undefined;
      throw error;
    }
  }

  async #json(words: readonly string[], signal: AbortSignal): Promise<unknown> {
    const output = plainLines(await this.#run(words, signal));
    // Notices may precede it ("Cluster(s) not found: …").
    const start = output.search(/^[[{]/m);
    try {
      return JSON.parse(output.slice(Math.max(0, start)));
    } catch (cause) {
      throw unknownOutput(`sky ${words.slice(0, 2).join(' ')}`, cause);
    }
  }

  async #run(words: readonly string[], signal: AbortSignal): Promise<string> {
    return this.#sky.run({ arguments: words, signal }, SHORT_COMMAND_TIMEOUT_MS);
  }
}

const SUBMITTED = /^Submitted sky\.launch request: ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/m;
const ENDPOINT = /^(?:https?:\/\/)?[A-Za-z0-9.\-[\]:]+:\d+$/;

function plainLines(output: string): string {
  return output
    .split('\n')
    .map((line) => plainText(line))
    .join('\n');
}

function unknownOutput(command: string, cause: unknown): SkypilotError {
  return new SkypilotError('protocol', `the output of \`${command}\` has an unknown format`, {
    cause,
  });
}
