import { Gauge, type Registry } from 'prom-client';
import type { RedisHealth } from '../redis/redis-health.js';
import type { ScrapeSource } from './prometheus-registry.js';

/** The state of Redis when the metrics are requested. */
export class RedisGauges implements ScrapeSource {
  readonly name = 'redis';
  readonly #health: () => Promise<RedisHealth>;
  readonly #roundTrip: Gauge;
  readonly #used: Gauge;
  readonly #max: Gauge;
  readonly #evicted: Gauge;

  constructor(health: () => Promise<RedisHealth>, registry: Registry) {
    this.#health = health;
    const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] });
    this.#roundTrip = gauge('launchlog_redis_round_trip_seconds', 'One PING to Redis and back.');
    this.#used = gauge('launchlog_redis_memory_used_bytes', 'Memory Redis uses.');
    this.#max = gauge('launchlog_redis_memory_max_bytes', 'Memory Redis may use; 0 is no limit.');
    this.#evicted = gauge(
      'launchlog_redis_evicted_keys',
      'Keys that Redis evicted because its memory was full: logs are lost.',
    );
  }

  async read(): Promise<void> {
    const health = await this.#health();
    this.#roundTrip.set(health.roundTripMs / 1_000);
    this.#used.set(health.memoryUsedBytes);
    this.#max.set(health.memoryMaxBytes);
    this.#evicted.set(health.evictedKeys);
  }

  forget(): void {
    for (const gauge of [this.#roundTrip, this.#used, this.#max, this.#evicted]) gauge.remove();
  }
}
