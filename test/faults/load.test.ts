import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { FaultRig, faultScale, recordRun, WAITING } from '../support/fault/fault-rig.js';
import { buildWorkspaces } from '../support/package/built-workspaces.js';

const MB = 1_024 * 1_024;
const SLOW_LINES = faultScale(100_000);
const MANY = faultScale(1_000);
const SLOW_BYTES_PER_SECOND = 1_024;

describe('when there is much at once', () => {
  let rig: FaultRig | undefined;
  beforeAll(buildWorkspaces);
  afterEach(async () => {
    await rig?.close();
    rig = undefined;
  });

  async function startLog(environment: Readonly<Record<string, string>> = {}) {
    rig = await FaultRig.start({ environment: { ...WAITING, ...environment } });
    await rig.launch();
    return { rig, log: await rig.openLog() };
  }

  it('a reader at 1 KB/s holds up nobody and costs bounded memory while very many lines are written', async () => {
    const { rig: on, log } = await startLog();
    const fleet = on.fleet(20, log.nodeId);
    const slow = readSlowly(on, log.nodeId);
    await log.trickle(50);
    await fleet.until(({ delivered }) => delivered >= 50);
    const before = residentBytes(on.app.pid);
    for (let burst = 0; burst < SLOW_LINES / 2_000; burst += 1) {
      log.write(2_000);
      await log.writer.flush();
    }
    log.finish();
    await fleet.until(({ done }) => done);
    const grown = residentBytes(on.app.pid) - before;
    slow.destroy();
    const { sum } = fleet;
    recordRun(`one reader at 1 KB/s, ${SLOW_LINES.toLocaleString('en-US')} lines`, log.written, sum);
    expect(sum).toMatchObject({ repeated: 0, unannounced: 0, lost: 0, resets: 0 });
    expect(grown).toBeLessThan(150 * MB);
  });

  it('hundreds of readers that are cut off together reconnect and miss nothing', async () => {
    const { rig: on, log } = await startLog();
    const fleet = on.fleet(MANY, log.nodeId);
    await log.trickle(50);
    await fleet.until(({ delivered }) => delivered >= 50);
    fleet.cut();
    await log.trickle(50);
    log.finish();
    await fleet.until(({ done }) => done);
    const { sum } = fleet;
    recordRun(`${MANY.toLocaleString('en-US')} readers reconnect at once`, log.written, sum);
    expect(sum).toMatchObject({ lost: 0, repeated: 0, unannounced: 0, resets: 0, gaps: 0, done: MANY });
  });

  it('a burst of 10,000 lines reaches every reader whole and in order', async () => {
    const { rig: on, log } = await startLog({ LOG_MAX_ENTRIES: '20000' });
    const fleet = on.fleet(50, log.nodeId);
    await log.trickle(5);
    await fleet.until(({ delivered }) => delivered >= 5);
    log.write(9_900);
    log.finish();
    await fleet.until(({ done }) => done);
    const { sum } = fleet;
    recordRun('burst of 10,000 lines', log.written, sum);
    expect(sum).toMatchObject({ lost: 0, repeated: 0, unannounced: 0, resets: 0, gaps: 0, done: 50 });
  });

  it('every reader that connects around the end of a log sees the end', async () => {
    const { rig: on } = await startLog();
    const rounds = faultScale(30);
    const totals = { appended: 0, readers: 0, delivered: 0, lost: 0, repeated: 0, unannounced: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const log = await on.openLog();
      log.write(5);
      const finishing = systemClock.sleep(Math.random() * 20).then(() => log.finish());
      await systemClock.sleep(Math.random() * 20);
      const fleet = on.fleet(6, log.nodeId);
      await finishing;
      await fleet.until(({ done }) => done);
      const { sum } = fleet;
      totals.appended += log.written;
      for (const key of ['readers', 'delivered', 'lost', 'repeated', 'unannounced'] as const)
        totals[key] += sum[key];
      await log.writer.close();
    }
    recordRun(`terminal entry races a subscribe, ${rounds} rounds`, totals.appended, {
      ...totals,
      resets: 0,
      gaps: 0,
      connects: 0,
      done: 0,
    });
    expect(totals).toMatchObject({ lost: 0, repeated: 0, unannounced: 0, readers: rounds * 6 });
  });
});

/** Takes one KB a second from its socket, whatever the kernels hold for it. */
function readSlowly(rig: FaultRig, nodeId: string): Socket {
  const { hostname, port } = new URL(rig.app.url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  socket.write(
    `GET /admin/nodes/${nodeId}/logs/stream?tail=10000 HTTP/1.1\r\nHost: x\r\nX-Admin-Token: ${rig.app.token}\r\n\r\n`,
  );
  socket.pause();
  const timer = setInterval(() => socket.read(SLOW_BYTES_PER_SECOND), 1_000);
  socket.once('close', () => clearInterval(timer));
  return socket;
}

function residentBytes(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) * 1_024;
}
