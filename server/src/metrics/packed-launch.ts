import { PHASES } from '@launchlog/shared/phase';

/** The facts of one launch that metrics need. Times are milliseconds since 1970; an absent number is NaN. */
export interface PackedLaunch {
  readonly createdMs: number;
  readonly endedMs: number;
  readonly terminatedMs: number;
  readonly isSimulated: boolean;
  readonly isFailed: boolean;
  readonly isCancelled: boolean;
  readonly isLost: boolean;
  readonly isPreempted: boolean;
  /** The machine was to stay after a failure. */
  readonly isKept: boolean;
  /** Dollars of the cloud's offer. */
  readonly pricePerHour: number;
  readonly gpuCount: number;
  /** Seconds in each phase, by its index in `PHASES`. */
  readonly phaseSeconds: readonly number[];
  /** Seconds in all phases, also in those of other releases; NaN without any. */
  readonly launchSeconds: number;
  /** Seconds in the phases with a machine: the cloud charges from the first of them on. */
  readonly machineSeconds: number;
  readonly hasMachine: boolean;
  /** The times when it was unreachable: beginnings and ends, alternating. */
  readonly unreachableMs: readonly number[];
  /** The node of a failure as 32 hexadecimal digits; empty without a failure. */
  readonly nodeId: string;
  /** The reason of a failure; empty without one. */
  readonly reason: string;
}

const FLAGS = { ended: 1, failed: 2, cancelled: 4, lost: 8, preempted: 16, kept: 32, simulated: 64 } as const;
const NODE_ID_BYTES = 16;
const MACHINE_UP = PHASES.indexOf('instance_ready');
/** Whether there is a machine in a phase, by the phase's index in `PHASES`. */
const WITH_A_MACHINE = PHASES.map((phase) =>
  ['instance_ready', 'installing', 'model_loading', 'health_check'].includes(phase),
);
const NO_PHASES = PHASES.map(() => NaN);
const NO_SPANS: readonly number[] = [];

/** Unpacks the concatenated `launch_facts.packed` of any number of launches. The migration of that table describes the bytes. */
export function* unpackLaunches(bytes: Uint8Array): Generator<PackedLaunch> {
  const view = new PackedView(bytes);
  while (!view.isAtEnd) yield unpack(view);
}

function unpack(view: PackedView): PackedLaunch {
  const length = view.int4();
  const end = view.at + length;
  const createdMs = view.float8();
  const flags = view.int2();
  const endedMs = view.float8();
  const terminatedMs = view.float8();
  const pricePerHour = view.float8();
  const gpuCount = view.int4();
  const { phaseSeconds, launchSeconds, machineSeconds, hasMachine } = unpackPhases(view);
  const unreachableMs = unpackSpans(view);
  const isFailed = (flags & FLAGS.failed) !== 0;
  const nodeId = isFailed ? view.hex(NODE_ID_BYTES) : '';
  const reason = isFailed ? view.text(end - view.at) : '';
  view.at = end;
  return {
    createdMs,
    endedMs,
    terminatedMs,
    isSimulated: (flags & FLAGS.simulated) !== 0,
    isFailed,
    isCancelled: (flags & FLAGS.cancelled) !== 0,
    isLost: (flags & FLAGS.lost) !== 0,
    isPreempted: (flags & FLAGS.preempted) !== 0,
    isKept: (flags & FLAGS.kept) !== 0,
    pricePerHour,
    gpuCount,
    phaseSeconds,
    launchSeconds,
    machineSeconds,
    hasMachine,
    unreachableMs,
    nodeId,
    reason,
  };
}

/** Adds up the seconds in the order in which they are stored, as the database would. */
function unpackPhases(
  view: PackedView,
): Pick<PackedLaunch, 'phaseSeconds' | 'launchSeconds' | 'machineSeconds' | 'hasMachine'> {
  const phaseSeconds = NO_PHASES.slice();
  const count = view.int2();
  let launchSeconds = count === 0 ? NaN : 0;
  let machineSeconds = 0;
  for (let index = 0; index < count; index += 1) {
    const phase = view.int2();
    const seconds = view.float8();
    launchSeconds += seconds;
    if (WITH_A_MACHINE[phase] === true) machineSeconds += seconds;
    if (phase >= 0) phaseSeconds[phase] = seconds;
  }
  const hasMachine = !Number.isNaN(phaseSeconds[MACHINE_UP] ?? NaN);
  return { phaseSeconds, launchSeconds, machineSeconds, hasMachine };
}

function unpackSpans(view: PackedView): readonly number[] {
  const count = view.int2();
  if (count === 0) return NO_SPANS;
  return Array.from({ length: 2 * count }, () => view.float8());
}

/** Reads numbers as PostgreSQL sends them: in network byte order. */
class PackedView {
  at = 0;
  readonly #bytes: Buffer;
  readonly #numbers: DataView;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
    this.#bytes = Buffer.from(buffer, byteOffset, byteLength);
    this.#numbers = new DataView(buffer, byteOffset, byteLength);
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  int2(): number {
    this.at += 2;
    return this.#numbers.getInt16(this.at - 2);
  }

  int4(): number {
    this.at += 4;
    return this.#numbers.getInt32(this.at - 4);
  }

  float8(): number {
    this.at += 8;
    return this.#numbers.getFloat64(this.at - 8);
  }

  hex(length: number): string {
    this.at += length;
    return this.#bytes.toString('hex', this.at - length, this.at);
  }

  text(length: number): string {
    this.at += length;
    return this.#bytes.toString('utf8', this.at - length, this.at);
  }
}
