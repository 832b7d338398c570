import { Counter, Histogram, type Registry } from 'prom-client';
import type { HttpAnswer } from './http-meter.js';

/** Counts requests by route and status. */
export class PrometheusHttpMeter {
  readonly #requests: Counter<'method' | 'route' | 'status'>;
  readonly #seconds: Histogram<'method' | 'route'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'launchlog_http_requests_total',
      help: 'HTTP requests that have ended. A stream counts when it ends.',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'launchlog_http_request_seconds',
      help: 'Duration of requests, without streams.',
      labelNames: ['method', 'route'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
  }

  answered({ method, route, status, seconds, stream }: HttpAnswer): void {
    this.#requests.inc({ method, route, status: String(status) });
    if (!stream) this.#seconds.observe({ method, route }, seconds);
  }
}
