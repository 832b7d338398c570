import { randomUUID } from 'node:crypto';
import { assert, constantFrom, integer, property, array, record, option } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PositionRecord, readPosition } from '@launchlog/server/merged-feed/position-record';

const SCOPE = { deploymentId: 'chat' };
const EPOCHS = ['0123456789abcdef', 'fedcba9876543210'];
const IDS = Array.from({ length: 5 }, () => randomUUID());

/** What may happen to a position, in any order. */
const happening = record({
  what: constantFrom('step', 'admit', 'correct', 'mark'),
  node: integer({ min: 0, max: IDS.length - 1 }),
  epoch: constantFrom(...EPOCHS),
  further: option(integer({ min: 1, max: 300 }), { nil: undefined }),
  seq: integer({ min: 0, max: 10 ** 13 }),
  done: constantFrom(true, false, false),
});

describe('the record of a position', () => {
  it('is read as it was after each step, whatever happened', () => {
    assert(
      property(array(happening, { maxLength: 60 }), (happenings) => {
        const nodes = new Map([[IDS[0] ?? '', `${EPOCHS[0]}:5`]]);
        let markMs = 1_000;
        const written = new PositionRecord(SCOPE, { bornAtMs: 7, markMs, nodes });
        const expected = [{ markMs, nodes: new Map(nodes) }];
        for (const { what, node, epoch, further, seq, done } of happenings) {
          const nodeId = IDS[node] ?? '';
          const before = nodes.get(nodeId);
          const next = further === undefined ? seq : Number(before?.split(':')[1] ?? 0) + further;
          const cursor = `${further === undefined ? epoch : (before?.split(':')[0] ?? epoch)}:${next}${done ? ':done' : ''}`;
          if (what === 'mark') written.mark({ bornAtMs: 7, markMs: (markMs += 500) });
          else if (what === 'admit' && before === undefined) {
            written.admit(nodeId, cursor);
            nodes.set(nodeId, cursor);
          } else if (before !== undefined && what !== 'admit') {
            if (what === 'step') written.step({ nodeId, cursor });
            else written.correct({ nodeId, cursor });
            nodes.set(nodeId, cursor);
          }
          if (written.steps === expected.length) expected.push({ markMs, nodes: new Map(nodes) });
        }
        const bytes = written.takeBytes();
        // What was admitted before the first step belongs to the beginning as well.
        expect(readPosition(SCOPE, bytes, 0)?.position.nodes.get(IDS[0] ?? '')).toBe(`${EPOCHS[0]}:5`);
        const read = expected.map((_, steps) => readPosition(SCOPE, bytes, steps));
        expect(read.map((found) => found?.isShort)).toEqual(expected.map(() => false));
        expect(read.slice(1).map((found) => found?.position)).toEqual(
          expected.slice(1).map((position) => ({ bornAtMs: 7, ...position })),
        );
        expect(readPosition(SCOPE, bytes, expected.length)?.isShort).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('takes two bytes for a line, also of the thousandth log', () => {
    const nodes = new Map(Array.from({ length: 1_000 }, () => [randomUUID(), `${EPOCHS[0]}:9`]));
    const written = new PositionRecord({}, { bornAtMs: 0, markMs: 0, nodes });
    written.takeBytes();
    for (const nodeId of nodes.keys()) written.step({ nodeId, cursor: `${EPOCHS[0]}:10` });
    expect(written.takeBytes().length).toBeLessThanOrEqual(2_000);
  });

  it('is read up to where a crash has cut it', () => {
    const [nodeId = ''] = IDS;
    const written = new PositionRecord(
      {},
      { bornAtMs: 0, markMs: 0, nodes: new Map([[nodeId, `${EPOCHS[0]}:0`]]) },
    );
    written.step({ nodeId, cursor: `${EPOCHS[0]}:1` });
    written.step({ nodeId, cursor: `${EPOCHS[1]}:900` });
    const bytes = written.takeBytes();
    const cut = readPosition({}, bytes.subarray(0, bytes.length - 1), 2);
    expect(cut).toMatchObject({ isShort: true, position: { nodes: new Map([[nodeId, `${EPOCHS[0]}:1`]]) } });
  });

  it('belongs to one scope', () => {
    const bytes = new PositionRecord(SCOPE, { bornAtMs: 0, markMs: 0, nodes: new Map() }).takeBytes();
    expect(readPosition({}, bytes, 0)).toBeUndefined();
    expect(readPosition(SCOPE, Buffer.from('nothing of the kind'), 0)).toBeUndefined();
  });
});
