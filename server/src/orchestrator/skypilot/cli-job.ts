import type { Observation } from '../orchestrator.js';
import { plainText } from '../output/terminal-text.js';
import type { SkypilotCheckpoint } from './checkpoint.js';
import type { SkypilotCliClient } from './cli-client.js';
import type { SkypilotCliStream } from './cli-stream.js';
import { jobEnd, jobHasEnded } from './job-end.js';
import type { SkypilotJobAccess } from './job-watch.js';

interface SkypilotCliJobOptions {
  readonly clusterName: string;
  /** The port of the model server. */
  readonly port: number;
  readonly client: SkypilotCliClient;
  readonly stream: SkypilotCliStream;
  readonly checkpoint: SkypilotCheckpoint;
}

/** The cluster's latest job as `sky logs` prints it. The cluster belongs to one launch and has one job. */
export class SkypilotCliJob implements SkypilotJobAccess {
  readonly #job: SkypilotCliJobOptions;

  constructor(job: SkypilotCliJobOptions) {
    this.#job = job;
  }

  async *output(signal: AbortSignal): AsyncGenerator<Observation> {
    const { clusterName, stream, checkpoint } = this.#job;
    let status: string | undefined;
    const followed = {
      arguments: ['logs', clusterName, '--tail', '0'],
      skipLines: checkpoint.linesOf('job'),
      // The last line of `sky logs` has the status; the exit code alone does not distinguish a cut from a failed job.
      isOver: () => Promise.resolve(jobHasEnded(status)),
    };
    const lines = stream.lines(followed, signal);
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) break;
      status = JOB_FINISHED.exec(plainText(value.text))?.[1] ?? status;
      const after = checkpoint.advance('job', value.count);
      yield { kind: 'line', stream: 'job', text: value.text, checkpoint: after };
    }
    yield jobEnd(status);
  }

  async endpoint(signal: AbortSignal): Promise<string | undefined> {
    return this.#job.client.endpoint({ name: this.#job.clusterName, port: this.#job.port }, signal);
  }
}

const JOB_FINISHED = /Job finished \(status: ([A-Z_]+)\)/;
