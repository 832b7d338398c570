import { PHASES } from '@launchlog/shared/phase';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { AppProcess } from '../support/server/app-process.js';

/** A launch on a busy machine, with everything that it installs. */
const LAUNCH_MS = 30 * 60_000;
const POLL_MS = 500;
const COMPLETION_MS = 120_000;

type Phase = (typeof PHASES)[number];

export interface ReadEntry {
  readonly seq: number;
  readonly timestamp: string;
  readonly message: string;
  readonly phase: Phase;
  readonly level: string;
  readonly source: string;
  readonly progress?: number;
}

export interface ReadNode {
  readonly status: string;
  readonly endpoint?: string;
  readonly cluster_name: string;
  readonly failure_reason?: string;
  readonly failure_message?: string;
  readonly hint?: string;
  readonly evidence?: { readonly seq?: number; readonly lines: readonly string[] };
  readonly orchestrator: string;
  readonly health?: string;
  readonly health_reason?: string;
  readonly loss_reason?: string;
  readonly last_seen_at?: string;
  readonly terminated_at?: string;
}

interface ReadEvent {
  readonly seq: number;
  readonly kind: string;
  readonly message: string;
}

/** A launch, as a caller of the REST API sees it. */
export class LaunchedNode {
  readonly id: string;
  #app: AppProcess;

  private constructor(app: AppProcess, id: string) {
    this.#app = app;
    this.id = id;
  }

  static async launch(app: AppProcess, request: object): Promise<LaunchedNode> {
    const response = await app.fetch('/admin/nodes/launch', {
      method: 'POST',
      body: JSON.stringify(request),
    });
    const text = await response.text();
    if (response.status !== 202) throw new Error(`the launch was answered with ${response.status}: ${text}`);
    return new LaunchedNode(app, (JSON.parse(text) as { node_id: string }).node_id);
  }

  /** The same node at another server. */
  askAt(app: AppProcess): void {
    this.#app = app;
  }

  async read(): Promise<ReadNode> {
    return (await (await this.#app.fetch(`/admin/nodes/${this.id}`)).json()) as ReadNode;
  }

  async log(): Promise<ReadEntry[]> {
    const response = await this.#app.fetch(`/admin/nodes/${this.id}/logs?tail=10000`);
    const text = await response.text();
    if (!response.ok) throw new Error(`GET logs answered ${response.status}: ${text}`);
    return (JSON.parse(text) as { logs: ReadEntry[] }).logs;
  }

  async post(action: 'cancel' | 'terminate'): Promise<void> {
    const response = await this.#app.fetch(`/admin/nodes/${this.id}/${action}`, { method: 'POST' });
    if (!response.ok)
      throw new Error(`${action} was answered with ${response.status}: ${await response.text()}`);
  }

  /** Waits until the node has one of these statuses. Ends early when the launch has failed. */
  async until(...wanted: string[]): Promise<ReadNode> {
    const deadlineMs = performance.now() + LAUNCH_MS;
    for (;;) {
      const node = await this.read();
      if (wanted.includes(node.status)) return node;
      const isOver = node.status === 'failed' || node.status === 'terminated';
      if (isOver || performance.now() > deadlineMs) {
        const last = (await this.log()).slice(-40).map(({ phase, message }) => `[${phase}] ${message}`);
        throw new Error(`the node is ${JSON.stringify(node)}\n${last.join('\n')}`);
      }
      await sleep(POLL_MS);
    }
  }

  /** Waits until the node of a launch that has become active is as described. Returns the node and the milliseconds. */
  async untilSeen(
    description: string,
    isSeen: (node: ReadNode) => boolean,
    withinMs: number,
  ): Promise<{ node: ReadNode; tookMs: number }> {
    const startedMs = performance.now();
    for (;;) {
      const node = await this.read();
      const tookMs = performance.now() - startedMs;
      if (isSeen(node)) return { node, tookMs };
      if (tookMs > withinMs)
        throw new Error(
          `the node was not ${description} within ${withinMs / 1_000} s: ${JSON.stringify(node)}`,
        );
      await sleep(POLL_MS);
    }
  }

  async events(): Promise<ReadEvent[]> {
    const response = await this.#app.fetch(`/admin/nodes/${this.id}/events?limit=100`);
    return ((await response.json()) as { events: ReadEvent[] }).events;
  }

  /** Waits until the log has a line that matches, and returns it. Ends early when the launch has ended. */
  async untilLogged(words: RegExp): Promise<ReadEntry> {
    const deadlineMs = performance.now() + LAUNCH_MS;
    for (;;) {
      const log = await this.log();
      const found = log.find(({ message }) => words.test(message));
      if (found !== undefined) return found;
      const phase = log.at(-1)?.phase;
      if (phase === 'failed' || phase === 'active' || performance.now() > deadlineMs)
        throw new Error(
          `nothing matched ${String(words)} in\n${log.map(({ message }) => message).join('\n')}`,
        );
      await sleep(POLL_MS);
    }
  }
}

/** What every log promises, whatever happened. */
export function expectWholeLog(log: readonly ReadEntry[], withheld: readonly string[] = []): void {
  keep(log);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, at) => at + 1));
  const ranks = log.map(({ phase }) => PHASES.indexOf(phase));
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
  expect(log[0]?.phase).toBe('queued');
  const progress = log.flatMap((entry) => entry.progress ?? []);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  for (const { message } of log) {
    expect(message).toMatch(/\S/);
    expect(message).not.toMatch(/[^\P{Cc}\t\n]|sky-payload/u);
    for (const secret of withheld) expect(message).not.toContain(secret);
  }
}

/** RIG_LOGS names a folder in which the logs are kept, to be read by a person. */
function keep(log: readonly ReadEntry[]): void {
  const folder = process.env['RIG_LOGS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  const name = (expect.getState().currentTestName ?? 'log').replace(/[^\w]+/g, '-').slice(-100);
  writeFileSync(
    path.join(folder, `${name}.ndjson`),
    log.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  );
}

/** Asks the model for a few words, and returns them. */
export async function completionOf(node: ReadNode, model: string): Promise<string> {
  const response = await fetch(`${node.endpoint}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, prompt: 'import os', max_tokens: 8, ignore_eos: true }),
    signal: AbortSignal.timeout(COMPLETION_MS),
  });
  const body = (await response.json()) as {
    readonly choices?: readonly { readonly text: string }[];
    readonly usage?: { readonly completion_tokens: number };
  };
  expect(body, JSON.stringify(body)).toMatchObject({ usage: { completion_tokens: 8 } });
  return body.choices?.[0]?.text ?? '';
}
