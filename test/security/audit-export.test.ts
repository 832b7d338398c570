import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServerEdge } from '../support/server/server-edge.js';

let edge: ServerEdge;
beforeEach(async () => void (edge = await ServerEdge.start()));
afterEach(() => edge.close());

describe('the exported audit trail', () => {
  test('is a file for administrators, in two formats, and downloading it is in it', async () => {
    const rows = 1_200;
    const { auditStore } = edge.access;
    await auditStore.append({ action: 'node.launch', outcome: 'ok', address: 'a' });
    for (let row = 1; row < rows; row += 1) {
      await auditStore.append({ action: 'log.export', outcome: 'ok', actor: '=cmd\n"x"', address: 'a' });
    }
    const ndjson = await edge.fetch('/admin/audit/export');
    expect(ndjson.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await ndjson.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number; action: string })
      // The entry of this download may be as old as the moment up to which entries are exported.
      .filter(({ action }) => action !== 'audit.export');
    expect(lines.map(({ id }) => id)).toEqual(Array.from({ length: rows }, (_, index) => index + 1));
    const csv = await edge.fetch('/admin/audit/export?format=csv&action=log.export');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="audit.csv"');
    const [head, first] = (await csv.text()).split('\r\n');
    expect(head).toBe('id,at,action,outcome,actor,token_id,address,target,code,count,last_at');
    expect(first).toMatch(/^2,[^,]+,log\.export,ok,"'=cmd\n""x""",,a,,,,$/);
    expect(auditStore.entries.slice(rows)).toMatchObject([
      { action: 'audit.export', outcome: 'ok', actor: 'admin' },
      { action: 'audit.export', outcome: 'ok', actor: 'admin' },
    ]);
    expect((await edge.fetch('/admin/audit/export?format=xml')).status).toBe(400);
    expect((await edge.fetch('/admin/audit/export', { method: 'HEAD' })).status).toBe(200);
    expect(auditStore.entries.slice(rows)).toHaveLength(2);
  });

  test('that cannot be read to its end is reported in the last line of the file, which is then aborted', async () => {
    const { auditStore } = edge.access;
    for (let row = 0; row < 700; row += 1) {
      await auditStore.append({ action: 'log.export', outcome: 'ok', actor: `${row}`, address: 'a' });
    }
    const slice = auditStore.slice.bind(auditStore);
    auditStore.slice = (filter, from) =>
      from.afterId === 0 ? slice(filter, from) : Promise.reject(new Error('away'));
    const file = await edge.fetch('/admin/audit/export', { headers: { 'Accept-Encoding': 'identity' } });
    await expect(file.text()).rejects.toThrow('terminated');
    auditStore.slice = () => Promise.reject(new Error('away'));
    expect((await edge.fetch('/admin/audit/export')).status).toBe(500);
  });
});
