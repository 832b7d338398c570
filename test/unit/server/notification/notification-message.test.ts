import { describe, expect, test } from 'vitest';
import {
  launchPayload,
  messageOf,
  notificationPayloadSchema,
} from '@launchlog/server/notification/notification-message';
import { durationOf, textOf } from '@launchlog/server/notification/notification-text';
import { sampleNode } from '../../../support/sample-node.js';

const timestamp = '2026-01-01T01:04:20.000Z';

describe('what a notification says', () => {
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

  test.each([
    [12, '12 s'],
    [200, '3 min 20 s'],
    [3_860, '1 h 4 min'],
  ])('says %d seconds as %s', (seconds, words) => {
    expect(durationOf(seconds)).toBe(words);
  });
});
