import { describe, expect, test } from 'vitest';
import { VitalSigns } from '@launchlog/server/health/vital-signs';
import type { Condition, Visibility } from '@launchlog/server/health/vital-signs';
import type { EndpointAnswer } from '@launchlog/server/health/endpoint-probe';
import type { ClusterSight } from '@launchlog/server/orchestrator/sight/cluster-sight';

const GOOD: EndpointAnswer = { ok: true, answered: true, tookMs: 20, message: 'it answers' };
const SLOW: EndpointAnswer = { ...GOOD, tookMs: 2_500 };
const SILENT: EndpointAnswer = {
  ok: false,
  answered: false,
  tookMs: 5,
  message: 'the connection is refused',
};
const BROKEN: EndpointAnswer = { ok: false, answered: true, tookMs: 5, message: '/health answers 503' };
const CLEAR: Visibility = { orchestratorProblem: undefined, networkInDoubt: false };
const BLIND: Visibility = { ...CLEAR, orchestratorProblem: 'nothing answers' };
const GONE: ClusterSight = { kind: 'gone', reason: 'preempted', message: 'The cloud took it back.' };
const THERE: ClusterSight = { kind: 'there', state: 'UP' };
const EVERY_MS = 10_000;

/** A node whose observations come every ten seconds. */
class Patient {
  readonly signs: VitalSigns;
  nowMs = 1_000_000;
  readonly changes: string[] = [];

  constructor(condition?: Condition) {
    this.signs = new VitalSigns({ condition, lastSignMs: this.nowMs, slowMs: 2_000, confirmMs: EVERY_MS });
  }

  probed(answers: readonly EndpointAnswer[], visibility = CLEAR): this {
    for (const answer of answers) {
      this.nowMs += EVERY_MS;
      const change = this.signs.probed(answer, visibility, this.nowMs);
      if (change !== undefined) this.changes.push(change.health);
    }
    return this;
  }

  saw(sight: ClusterSight, closely = true) {
    return this.signs.saw(sight, closely, this.nowMs);
  }
}

const times = (count: number, answer: EndpointAnswer) => Array.from({ length: count }, () => answer);

describe('the health of a node', () => {
  test('is healthy from its first good answer on, and that is no news again', () => {
    expect(new Patient().probed(times(20, GOOD)).changes).toEqual(['healthy']);
  });

  test('does not change for one or two failed or slow probes', () => {
    const patient = new Patient().probed([GOOD, SILENT, GOOD, SLOW, ...times(12, GOOD), SILENT, SILENT]);
    expect(patient.probed(times(3, GOOD)).changes).toEqual(['healthy']);
  });

  test('is degraded when some of the last probes were slow or failed, until four in a row are good', () => {
    const patient = new Patient().probed([GOOD, SLOW, SLOW, SLOW]);
    expect(patient.changes).toEqual(['healthy', 'degraded']);
    patient.probed([GOOD, GOOD, GOOD, SLOW, GOOD, GOOD, GOOD]);
    expect(patient.changes).toEqual(['healthy', 'degraded']);
    expect(patient.probed([GOOD]).changes).toEqual(['healthy', 'degraded', 'healthy']);
    // What is past does not count again.
    expect(patient.probed([SLOW, SLOW, GOOD]).changes).toHaveLength(3);
  });

  test('is unreachable after three failed probes in a row, until two are answered', () => {
    const patient = new Patient().probed([GOOD, SILENT, SILENT]);
    expect(patient.changes).toEqual(['healthy']);
    expect(patient.probed([SILENT, SILENT]).changes).toEqual(['healthy', 'unreachable']);
    expect(patient.probed([GOOD, SILENT, GOOD]).changes).toEqual(['healthy', 'unreachable']);
    expect(patient.probed([GOOD]).changes).toEqual(['healthy', 'unreachable', 'healthy']);
  });

  test('is unreachable when the model server answers with an error, also while the orchestrator is away', () => {
    const patient = new Patient().probed([GOOD, ...times(3, BROKEN)], BLIND);
    expect(patient.changes).toEqual(['healthy', 'unreachable']);
  });

  test('is unknown when neither the model server nor the orchestrator answers, and follows when one does', () => {
    const patient = new Patient().probed([GOOD, ...times(5, SILENT)], BLIND);
    expect(patient.changes).toEqual(['healthy', 'unknown']);
    expect(patient.probed([SILENT], CLEAR).changes).toEqual(['healthy', 'unknown', 'unreachable']);
    // It was seen to be unreachable; that we are blind again changes nothing about it.
    expect(patient.probed(times(3, SILENT), BLIND).changes).toHaveLength(3);
  });

  test('is unknown while most nodes are silent: our own network may be at fault', () => {
    const doubt = { ...CLEAR, networkInDoubt: true };
    const patient = new Patient().probed([GOOD, ...times(4, SILENT)], doubt);
    expect(patient.changes).toEqual(['healthy', 'unknown']);
    expect(patient.probed([GOOD], CLEAR).changes).toEqual(['healthy', 'unknown', 'healthy']);
  });

  test('is unaffected by an orchestrator that is away while the model server answers', () => {
    expect(new Patient().probed(times(10, GOOD), BLIND).changes).toEqual(['healthy']);
  });

  test('continues from what another server stored', () => {
    const stored: Condition = { health: 'unreachable', sinceMs: 5, reason: 'The model server is silent.' };
    expect(new Patient(stored).probed(times(5, SILENT)).changes).toEqual([]);
    expect(new Patient(stored).probed(times(2, GOOD)).changes).toEqual(['healthy']);
  });
});

describe('a loss', () => {
  test('needs the word of the orchestrator twice, some time apart, while the model server is silent', () => {
    const patient = new Patient().probed([GOOD]);
    const lastSignMs = patient.nowMs;
    expect(patient.probed([SILENT]).saw(GONE)).toBeUndefined();
    expect(patient.probed([SILENT]).saw(GONE)).toEqual({
      reason: 'preempted',
      message: 'The cloud took it back.',
      lastSignMs,
    });
  });

  test.each([
    ['a sight that did not ask the cloud', (patient: Patient) => patient.saw(GONE, false)],
    ['a machine that is there', (patient: Patient) => patient.saw(THERE)],
    ['a state nobody knows', (patient: Patient) => patient.saw({ kind: 'there', state: 'HIBERNATING' })],
  ])('never follows from %s', (_, look) => {
    const patient = new Patient().probed([GOOD]);
    for (let time = 0; time < 20; time += 1) expect(look(patient.probed([SILENT]))).toBeUndefined();
  });

  test('never follows while the model server answers, whatever its answer', () => {
    for (const answer of [GOOD, BROKEN]) {
      const patient = new Patient().probed([GOOD]);
      for (let time = 0; time < 20; time += 1) expect(patient.probed([answer]).saw(GONE)).toBeUndefined();
    }
  });

  test('is not certain when the machine was seen, or the model server answered, in between', () => {
    const patient = new Patient().probed([GOOD, SILENT]);
    expect(patient.saw(GONE)).toBeUndefined();
    expect(patient.saw(THERE)).toBeUndefined();
    expect(patient.probed([SILENT]).saw(GONE)).toBeUndefined();
    expect(patient.probed([BROKEN, SILENT]).saw(GONE)).toBeUndefined();
    expect(patient.probed([SILENT]).saw(GONE)).toMatchObject({ reason: 'preempted' });
  });

  test('is not hidden by a model server that was never seen: the last known sign of life counts', () => {
    const patient = new Patient({ health: 'healthy', sinceMs: 5 });
    const storedMs = patient.nowMs;
    patient.probed([SILENT]).saw(GONE);
    expect(patient.probed([SILENT]).saw(GONE)).toMatchObject({ lastSignMs: storedMs });
  });
});
