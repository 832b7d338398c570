import { describe, expect, test } from 'vitest';
import {
  launchPayload,
  messageOf,
  noticePayload,
  notificationPayloadSchema,
} from '@launchlog/server/notification/notification-message';
import { durationOf, textOf } from '@launchlog/server/notification/notification-text';
import { sampleNode } from '../../../support/sample/sample-node.js';

const timestamp = '2026-01-01T01:04:20.000Z';

describe('the message of a notification', () => {
  test('is the launch in snake_case, with how long it took and where to look', () => {
    const node = sampleNode({
      status: 'failed',
      phase: 'failed',
      failureReason: 'quota',
      failureMessage: 'No quota.',
      endedAt: '2026-01-01T00:03:20.000Z',
    });
    const context = { timestamp, publicUrl: 'https://launchlog.example.com//' };
    const payload = launchPayload('launch.failed', node, context);
    expect(notificationPayloadSchema.parse(JSON.parse(messageOf('m-1', payload).body))).toMatchObject({
      type: 'launch.failed',
      timestamp,
      data: {
        node_id: node.id,
        cluster_name: node.clusterName,
        failure_reason: 'quota',
        failure_message: 'No quota.',
        duration_seconds: 200,
        console_url: `https://launchlog.example.com/nodes/${node.id}`,
      },
    });
  });

  test('carries the hint of a failure, in the body and in words', () => {
    const node = sampleNode({
      status: 'failed',
      failureReason: 'model_load_failed',
      failureMessage: 'The GPU ran out of memory.',
      hint: 'Lower --max-model-len.',
    });
    const payload = launchPayload('launch.failed', node, { timestamp });
    expect(JSON.parse(messageOf('m-1', payload).body)).toMatchObject({
      data: { hint: 'Lower --max-model-len.', failure_message: 'The GPU ran out of memory.' },
    });
    expect(textOf(payload).facts).toContainEqual(['Try', 'Lower --max-model-len.']);
  });

  test('names who launched and who cancelled, in the body and in words', () => {
    const node = sampleNode({
      status: 'failed',
      failureReason: 'cancelled',
      createdBy: 'ada@example.com',
      cancelledBy: 'ci',
    });
    const payload = launchPayload('launch.cancelled', node, { timestamp });
    const { data } = JSON.parse(messageOf('m-1', payload).body) as { data: object };
    expect(data).toMatchObject({ created_by: 'ada@example.com', cancelled_by: 'ci' });
    expect(data).not.toHaveProperty('terminated_by');
    expect(textOf(payload).facts).toContainEqual(['Launched by', 'ada@example.com']);
    expect(textOf(payload).facts).toContainEqual(['Cancelled by', 'ci']);
  });

  test('has the trace, and the link to it where there is one', () => {
    const traceId = 'ab'.repeat(16);
    const traceUrl = `https://traces.example.com/${traceId}`;
    const payload = launchPayload('launch.failed', sampleNode({ traceId, traceUrl }), { timestamp });
    const { data } = notificationPayloadSchema.parse(JSON.parse(messageOf('m-1', payload).body));
    expect(data).toMatchObject({ trace_id: traceId, trace_url: traceUrl });
  });

  test('counts the time of a running launch up to the notification, and omits what is not known', () => {
    const payload = launchPayload('launch.stalled', sampleNode(), { timestamp });
    const data = JSON.parse(messageOf('m-1', payload).body) as { data: object };
    expect(data.data).toMatchObject({ duration_seconds: 3_860, phase: 'provisioning' });
    for (const absent of ['ended_at', 'endpoint', 'failure_reason', 'console_url', 'tenant_id']) {
      expect(data.data).not.toHaveProperty(absent);
    }
  });

  test('in words names the launch, the reason and the facts', () => {
    const node = sampleNode({
      gpuCount: 8,
      failureMessage: 'No quota.',
      failureReason: 'quota',
      pricePerHour: 2.5,
    });
    const text = textOf(launchPayload('launch.failed', node, { timestamp }));
    expect(text.headline).toBe(`${node.clusterName} failed to launch`);
    expect(text.explanation).toBe('No quota.');
    expect(Object.fromEntries(text.facts)).toMatchObject({
      Machine: '8 × A100, spot',
      Where: 'aws us-west-2',
      Reason: 'quota',
      Time: '1 h 4 min',
      Price: '$2.5 per hour',
    });
    expect(text.link).toBeUndefined();
  });

  test('of a node after its launch carries the event with its facts, and no duration of the launch', () => {
    const event = {
      seq: 7,
      timestamp,
      kind: 'relaunched',
      message: 'Relaunched as n-2',
      details: { retryOf: 'n-1' },
    };
    const node = sampleNode({ status: 'lost', lossReason: 'preempted' });
    const payload = launchPayload('node.relaunched', node, { timestamp, event });
    expect(JSON.parse(messageOf('m-1', payload).body)).toMatchObject({
      data: { loss_reason: 'preempted', message: 'Relaunched as n-2', details: { retry_of: 'n-1' } },
    });
    const text = textOf(payload);
    expect(text.headline).toBe(`${node.clusterName} is launched again`);
    expect(text.explanation).toBe('Relaunched as n-2');
    expect(text.facts.map(([label]) => label)).not.toContain('Time');
    expect(text.facts).toContainEqual(['Reason', 'preempted']);
  });

  test('about no node carries its message and its facts', () => {
    const notice = { id: 'i-1', timestamp, message: 'Used up', tenantId: 't-1', details: { hourly_cost: 5 } };
    const payload = noticePayload('node.idle', notice, { publicUrl: 'https://launchlog.example.com/' });
    const sent = notificationPayloadSchema.parse(JSON.parse(messageOf('m-1', payload).body));
    expect(sent.data).toEqual({
      message: 'Used up',
      tenant_id: 't-1',
      details: { hourly_cost: 5 },
      console_url: 'https://launchlog.example.com/',
    });
    expect(textOf(sent)).toMatchObject({
      headline: 'Used up',
      facts: [
        ['Tenant', 't-1'],
        ['Hourly cost', '5'],
      ],
    });
  });

  test('can be sent when a newer server has stored an event that this one does not know', () => {
    const payload = { ...launchPayload('node.lost', sampleNode(), { timestamp }), type: 'node.moved' };
    const sent = notificationPayloadSchema.parse(JSON.parse(messageOf('m-1', payload).body));
    expect(textOf(sent).headline).toBe(`${sampleNode().clusterName}: node.moved`);
  });

  test.each([
    [12, '12 s'],
    [200, '3 min 20 s'],
    [3_860, '1 h 4 min'],
  ])('writes %d seconds as %s', (seconds, words) => {
    expect(durationOf(seconds)).toBe(words);
  });
});
