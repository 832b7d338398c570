import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SseReader } from '../support/client/server-sse-reader.js';
import { FaultRig, recordRun, WAITING } from '../support/fault/fault-rig.js';
import { writeLine } from '../support/log/write-line.js';
import { buildWorkspaces } from '../support/package/built-workspaces.js';

const READERS = 50;
/** What the writer takes of one line. */
const LINE_MAX_BYTES = 64 * 1_024;

/** Bytes as a process may print them, decoded as the server decodes them. */
const HOSTILE: Readonly<Record<string, string>> = {
  'a line of 1 MB': 'x'.repeat(1_024 * 1_024),
  NUL: 'before\0after',
  'CR, LF and CRLF that would end an event': 'one\rdata: {"forged":1}\r\n\r\nevent: done\ndata: {}\n\n',
  'colours and a clipboard sequence': '\u001B[31mred\u001B[0m \u001B]52;c;aGFjaw==\u0007',
  'invalid UTF-8': Buffer.from([0x61, 0xff, 0xfe, 0xc3, 0x28, 0x62]).toString('utf8'),
  'half a surrogate pair': 'a\uD800b',
  'line ends of JavaScript': 'a\u2028b\u2029c\u0085d',
  'names that poison objects': '__proto__ constructor {"json":{},"meta":{"values":["Date"]}}',
};

/** Half a pair has no bytes of its own. */
const throughUtf8 = (text: string): string => Buffer.from(text).toString('utf8');

describe('what a log may hold and how it may end', () => {
  let rig: FaultRig | undefined;
  beforeAll(buildWorkspaces);
  afterEach(async () => {
    await rig?.close();
    rig = undefined;
  });

  it('lines that would break a frame reach readers as they are stored, one entry each', async () => {
    rig = await FaultRig.start({ environment: WAITING });
    await rig.launch();
    const log = await rig.openLog();
    const fleet = rig.fleet(READERS, log.nodeId);
    const reader = await SseReader.open(`${rig.app.url}/admin/nodes/${log.nodeId}/logs/stream?tail=10000`, {
      'X-Admin-Token': rig.app.token,
    });
    for (const message of Object.values(HOSTILE)) {
      log.written += 1;
      writeLine(log.writer, message, { phase: 'provisioning', source: 'instance' });
    }
    log.finish();
    await fleet.until(({ done }) => done);
    const frames = await reader.toEnd();
    const entries = frames
      .filter(({ event }) => event === 'log')
      .map(({ data }) => JSON.parse(data) as { message: string; source: string });
    const stored = await rig.redis.with((redis) => redis.lrange(`node_logs:${log.nodeId}`, 0, -1));
    expect(entries).toEqual(stored.map((line) => JSON.parse(line) as unknown));
    const got = entries.filter(({ source }) => source === 'instance').map(({ message }) => message);
    const [long, ...others] = got;
    expect(Buffer.byteLength(long ?? '')).toBeLessThanOrEqual(LINE_MAX_BYTES);
    const [, ...sent] = Object.values(HOSTILE);
    expect(others.map(throughUtf8)).toEqual(sent.map(throughUtf8));
    expect(frames.filter(({ event }) => event === 'done')).toHaveLength(1);
    const { sum } = fleet;
    recordRun('1 MB lines, NUL, CRLF, ANSI, bad UTF-8, U+2028', log.written, sum);
    expect(sum).toMatchObject({ lost: 0, repeated: 0, unannounced: 0, resets: 0, gaps: 0, done: READERS });
  });

  it('entries that are trimmed or expire under readers are reported as gaps', async () => {
    rig = await FaultRig.start({ environment: WAITING });
    await rig.launch();
    const log = await rig.openLog({ maxEntries: 100 });
    const fleet = rig.fleet(READERS, log.nodeId);
    log.write(50);
    await fleet.until(({ delivered }) => delivered >= 50);
    fleet.cut();
    log.write(2_000);
    await log.writer.flush();
    await fleet.until(({ connects, cursor }) => connects >= 2 && Number(cursor?.split(':')[1]) >= 2_050);
    const trimmed = fleet.sum.gaps;
    // A server still has the last entries in memory, and would serve them: this one is restarted.
    await rig.app.down('SIGKILL');
    log.write(50);
    await log.writer.flush();
    await rig.redis.with((redis) => redis.pexpire(`node_logs:${log.nodeId}`, 1));
    const { redis: server } = rig;
    await expect.poll(() => server.with((redis) => redis.exists(`node_logs:${log.nodeId}`))).toBe(0);
    log.write(10);
    log.finish();
    await log.writer.flush();
    await rig.app.up();
    await fleet.until(({ done }) => done);
    const { sum } = fleet;
    recordRun('trimmed, then expired, under readers that were cut', log.written, sum);
    expect(sum).toMatchObject({ lost: 0, repeated: 0, unannounced: 0, done: READERS });
    expect(trimmed).toBeGreaterThanOrEqual(READERS / 2);
    expect(sum.gaps).toBeGreaterThan(trimmed);
  });

  it('steps of the clock neither end streams nor disturb the order', async () => {
    const nodeArguments = [
      '--import',
      new URL('../support/fault/stepping-date.mjs', import.meta.url).pathname,
    ];
    rig = await FaultRig.start({ environment: { SIMULATOR_SPEED: '40' }, nodeArguments });
    const nodeId = await rig.launch();
    const fleet = rig.fleet(READERS, nodeId);
    await fleet.until(({ delivered }) => delivered >= 10);
    for (let step = 0; step < 4; step += 1) {
      process.kill(rig.app.pid, 'SIGUSR2');
      await fleet.advance();
    }
    await fleet.until(({ done }) => done);
    const { sum } = fleet;
    recordRun('wall clock steps by hours, ahead and back', sum.delivered / READERS, sum);
    expect(sum).toMatchObject({ lost: 0, repeated: 0, unannounced: 0, resets: 0, gaps: 0, done: READERS });
    expect(sum.connects).toBe(READERS);
  });
});
