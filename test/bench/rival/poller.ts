import type { Server } from 'node:http';
import { Redis } from 'ioredis';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { Rival } from './rival.js';

const POLL_MS = 500;

/** The way of the system before this one: each reader reads the whole list every half second and looks for what is newer. */
export function openPoller(server: Server, log: { redisUrl: string; nodeId: string }): Rival {
  const redis = new Redis(log.redisUrl);
  server.on('request', (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': connected\n\n');
    let newest = new Date().toISOString();
    const poll = async (): Promise<void> => {
      const lines = await redis.lrange(`node_logs:${log.nodeId}`, 0, -1);
      for (const entry of lines.map((line) => JSON.parse(line) as LogEntry)) {
        if (entry.timestamp <= newest) continue;
        newest = entry.timestamp;
        response.write(`event: log\ndata: ${JSON.stringify(entry)}\n\n`);
      }
    };
    const timer = setInterval(() => void poll().catch(() => undefined), POLL_MS);
    response.once('close', () => clearInterval(timer));
  });
  return {
    send() {
      throw new Error('what it reads is written to Redis');
    },
  };
}
