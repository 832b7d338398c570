import { createLaunchlogClient } from '@launchlog/sdk';
import { diskFinding } from '@launchlog/server/doctor/disk-check';
import { Doctor } from '@launchlog/server/doctor/doctor';
import { launchingCheck } from '@launchlog/server/doctor/launching-check';
import { proxyFindings } from '@launchlog/server/doctor/seen-request';
import { doctorReportSchema, type DoctorReport } from '@launchlog/shared/doctor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppProcess } from '../../support/server/app-process.js';
import { FakeClock } from '../../support/fake/fake-clock.js';
import { RedisServer } from '../../support/backing-service/redis-server.js';

const SETTINGS = { cookieSecure: false, publicUrl: undefined };

describe('the doctor of a server with Redis', () => {
  let redis: RedisServer;
  let app: AppProcess;

  beforeAll(async () => {
    redis = await RedisServer.start();
    app = await AppProcess.start({ REDIS_URL: redis.url });
  });
  afterAll(async () => {
    await app?.close();
    await redis?.stop();
  });

  async function report(headers: Record<string, string> = {}): Promise<DoctorReport> {
    const response = await app.fetch('/admin/doctor', { headers });
    expect(response.status).toBe(200);
    return doctorReportSchema.parse(await response.json());
  }
  const statuses = ({ findings }: DoctorReport) => findings.map(({ check, status }) => `${check} ${status}`);

  test('finds what works and what does not, with a remedy for each', async () => {
    const found = await report();
    expect(statuses(found)).toEqual([
      'database ok',
      'log_store ok',
      'log_store warn',
      'launches warn',
      expect.stringMatching(/^disk (?:ok|warn)$/),
      'proxy ok',
    ]);
    for (const { status, remedy } of found.findings) expect(remedy !== undefined).toBe(status !== 'ok');
    expect(found.findings[2]).toMatchObject({ remedy: 'CONFIG SET appendonly yes' });
    await redis.with(async (commands) => {
      await commands.config('SET', 'appendonly', 'yes');
      await commands.config('SET', 'maxmemory-policy', 'allkeys-lru');
    });
    expect((await report()).findings[2]).toMatchObject({
      status: 'warn',
      remedy: 'CONFIG SET maxmemory-policy noeviction',
    });
  });

  test('sees the proxies of a request, over REST and by the SDK', async () => {
    const behind = await report({ 'X-Forwarded-For': '192.0.2.7', 'X-Forwarded-Proto': 'https' });
    expect(behind.findings.filter(({ check }) => check === 'proxy')).toMatchObject([
      { status: 'warn', remedy: expect.stringMatching(/^Add \S*127\.0\.0\.1 to TRUSTED_PROXIES$/) as string },
      { status: 'warn', remedy: 'Set COOKIE_SECURE=true' },
      { status: 'warn', remedy: 'Set PUBLIC_URL' },
    ]);
    const client = createLaunchlogClient({ url: app.url, token: app.token });
    expect(statuses(await client.doctor())).toContain('proxy ok');
    await client.close();
  });

  test('takes no parameters, and refuses any', async () => {
    const response = await app.fetch('/admin/doctor?verbose=1');
    expect([response.status, await response.json()]).toEqual([
      400,
      {
        error: expect.objectContaining({
          message: "'verbose' is no parameter of this route: it takes none",
        }) as object,
      },
    ]);
  });

  test('reports a log store that takes no entries as a failure', async () => {
    await redis.with((commands) => commands.config('SET', 'min-replicas-to-write', '1'));
    await expect.poll(report).toMatchObject({
      status: 'fail',
      findings: expect.arrayContaining([
        {
          check: 'log_store',
          status: 'fail',
          message: 'it takes no entries: too few of its replicas are connected',
          remedy: 'bring them back',
        },
      ]) as object,
    });
  });
});

describe('a check', () => {
  test('that rejects or never answers is a finding with its remedy', async () => {
    const clock = new FakeClock();
    const checks = [
      { name: 'one', remedy: 'mend it', look: () => Promise.reject(new Error('refused')) },
      { name: 'two', remedy: 'wait', look: () => new Promise<never>(() => undefined) },
    ];
    const report = new Doctor({ checks, clock, proxies: SETTINGS }).report();
    await clock.advance(15_000);
    expect(await report).toEqual({
      status: 'fail',
      findings: [
        { check: 'one', status: 'fail', message: 'refused', remedy: 'mend it' },
        { check: 'two', status: 'fail', message: 'no answer in 15 s', remedy: 'wait' },
      ],
    });
  });

  test('of the disk warns before it is full', () => {
    const GB = 1024 ** 3;
    expect([50 * GB, GB / 2, GB / 20].map((free) => diskFinding(free).status)).toEqual([
      'ok',
      'warn',
      'fail',
    ]);
  });

  test('of SkyPilot names its clouds, and fails without any', async () => {
    const look = (clouds?: readonly string[]) =>
      launchingCheck({
        kind: 'skypilot-api',
        examine: () => Promise.resolve({ name: 'SkyPilot 0.12', clouds }),
      }).look();
    expect(await look(['AWS', 'Lambda'])).toMatchObject([
      { status: 'ok', message: 'SkyPilot 0.12, with AWS, Lambda' },
    ]);
    expect(await look([])).toMatchObject([
      { status: 'fail', remedy: expect.stringMatching('sky check') as string },
    ]);
    expect(await look()).toMatchObject([{ status: 'ok', message: 'SkyPilot 0.12' }]);
  });

  test('of proxies accepts one that is trusted and one that is not there', () => {
    const seen = (headers: Record<string, string>, address: string) =>
      proxyFindings({ headers: new Map(Object.entries(headers)), peer: '10.0.0.1', address }, SETTINGS)[0]
        ?.status;
    expect(seen({}, '10.0.0.1')).toBe('ok');
    expect(seen({ 'x-forwarded-for': '192.0.2.1' }, '192.0.2.1')).toBe('ok');
    expect(seen({ 'x-forwarded-for': '192.0.2.1' }, '10.0.0.1')).toBe('warn');
    expect(seen({ via: '1.1 proxy' }, '10.0.0.1')).toBe('warn');
  });
});
