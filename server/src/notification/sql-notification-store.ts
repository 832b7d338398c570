import type { SQL } from 'drizzle-orm';
import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm';
import type {
  DeliveryPage,
  DeliveryQuery,
  NotificationDelivery,
  NotificationRule,
} from '@launchlog/shared/notification';
import type { SqlDatabase } from '../database/sql-database.js';
import type { SqlQueries } from '../database/sql-queries.js';
import { answerOf, queriesOf } from '../database/sql-queries.js';
import type { UnknownWords } from '../database/unknown-words.js';
import { formatNodeListCursor, parseNodeListCursor } from '../node/node-list-cursor.js';
import { DELIVERY_WORDS, deliveryOf, RULE_WORDS, ruleOf, sealedTargetOf } from './notification-row.js';
import type {
  ClaimedDelivery,
  DeliveryClaimRequest,
  DeliveryLease,
  DeliveryResult,
  NewRule,
  NotificationStore,
  OutboxSight,
  ResendReply,
  RuleChanges,
  StoredRule,
} from './notification-store.js';
import { deliveryTable, ruleTable, type DeliveryRow, type RuleRow } from './notification-table.js';
import { claimStatement, fillStatement, lookStatement, milliseconds } from './outbox-statements.js';

type Changes<Row> = Partial<{ [Column in keyof Row]: Row[Column] | SQL }>;

/** How far a changed rule applies to the past. The outbox is filled far more often. */
const CHANGE_OVERLAP_MS = 60_000;

/** Deliveries removed by one statement, so that none takes long. */
const PRUNED_MAX = 500;

/** Rules and outbox in PostgreSQL, embedded or not. The migrations of notifications and nodes must have run. */
export class SqlNotificationStore implements NotificationStore {
  readonly #words: UnknownWords | undefined;
  readonly #scanRowsMax: number | undefined;
  readonly #queries: SqlQueries;
  readonly #scans: SqlQueries;

  /** `scans` is the lane for lists of deliveries. */
  constructor(database: SqlDatabase, scans = database) {
    this.#words = database.words;
    this.#scanRowsMax = database.scanRowsMax;
    this.#queries = queriesOf(database);
    this.#scans = queriesOf(scans);
  }

  async createRule(rule: NewRule): Promise<NotificationRule> {
    const values = {
      id: rule.id,
      name: rule.name,
      ...targetColumns(rule),
      events: [...rule.events],
      provider: rule.provider ?? null,
      deploymentId: rule.deploymentId ?? null,
      enabled: rule.enabled,
    };
    const [row] = await answerOf(this.#queries.insert(ruleTable).values(values).returning());
    if (row === undefined) throw new Error('the database has answered an insert with no row');
    return ruleOf(row);
  }

  async changeRule(id: string, changes: RuleChanges): Promise<NotificationRule | undefined> {
    const { target, name, events, provider, deploymentId, enabled } = changes;
    const asksForMore = [events, provider, deploymentId, enabled].some((field) => field !== undefined);
    const columns: Changes<RuleRow> = {
      ...(name !== undefined && { name }),
      ...(target !== undefined && targetColumns(target)),
      ...(events !== undefined && { events: [...events] }),
      ...(provider !== undefined && { provider }),
      ...(deploymentId !== undefined && { deploymentId }),
      ...(enabled !== undefined && { enabled }),
      ...(asksForMore && {
        activeSince: sql`greatest(${ruleTable.activeSince}, now() - ${milliseconds(CHANGE_OVERLAP_MS)})`,
      }),
      updatedAt: sql`now()`,
    };
    const update = this.#queries.update(ruleTable).set(columns).where(eq(ruleTable.id, id));
    const [row] = await answerOf(update.returning());
    return row && this.#rule(row);
  }

  async removeRule(id: string): Promise<boolean> {
    const removed = await answerOf(
      this.#queries.delete(ruleTable).where(eq(ruleTable.id, id)).returning({ id: ruleTable.id }),
    );
    return removed.length > 0;
  }

  async findRule(id: string): Promise<StoredRule | undefined> {
    const [row] = await answerOf(this.#queries.select().from(ruleTable).where(eq(ruleTable.id, id)));
    return row && { rule: this.#rule(row), sealedTarget: sealedTargetOf(row) };
  }

  async listRules(): Promise<readonly NotificationRule[]> {
    const rows = await answerOf(
      this.#queries.select().from(ruleTable).orderBy(asc(ruleTable.createdAt), asc(ruleTable.id)),
    );
    return rows.map((row) => this.#rule(row));
  }

  async look(): Promise<OutboxSight> {
    const rows = await answerOf(this.#queries.execute(lookStatement()));
    const [hasRules, hasDue] = (rows as unknown as unknown[][])[0] ?? [];
    return { hasRules: hasRules === true, hasDue: hasDue === true };
  }

  async fill(sinceMs: number, untilMs?: number): Promise<number> {
    return (await answerOf(this.#queries.execute(fillStatement(sinceMs, untilMs, this.#scanRowsMax)))).length;
  }

  async claim(request: DeliveryClaimRequest): Promise<ClaimedDelivery | undefined> {
    const [row] = await answerOf(
      this.#queries
        .update(deliveryTable)
        .set({
          leaseId: sql`gen_random_uuid()`,
          leaseUntil: sql`now() + ${milliseconds(request.leaseMs)}`,
          attempt: sql`${deliveryTable.attempt} + 1`,
          updatedAt: sql`now()`,
        })
        .from(ruleTable)
        .where(
          and(eq(ruleTable.id, deliveryTable.ruleId), sql`${deliveryTable.id} = ${claimStatement(request)}`),
        )
        .returning(),
    );
    if (row === undefined) return undefined;
    const { notification_rules: rule, ...claimed } = row;
    return {
      lease: { deliveryId: claimed.id, leaseId: claimed.leaseId ?? '' },
      delivery: this.#delivery(claimed),
      subjectId: claimed.nodeId,
      occurrence: claimed.occurrence,
      body: claimed.body ?? undefined,
      host: rule.targetHost,
      sealedTarget: sealedTargetOf(rule),
    };
  }

  keepBody(lease: DeliveryLease, body: string): Promise<boolean> {
    return this.#changeLeased(lease, { body });
  }

  settle(lease: DeliveryLease, result: DeliveryResult): Promise<boolean> {
    return this.#changeLeased(lease, {
      ...FREED,
      status: result.kind,
      responseStatus: result.responseStatus ?? null,
      error: result.kind === 'delivered' ? null : result.error,
      ...(result.kind === 'delivered' && { deliveredAt: sql`now()` }),
      ...(result.kind === 'failed' && { nextAttemptAt: sql`now() + ${milliseconds(result.retryInMs)}` }),
    });
  }

  async release(lease: DeliveryLease): Promise<void> {
    await this.#changeLeased(lease, { ...FREED, attempt: sql`greatest(0, ${deliveryTable.attempt} - 1)` });
  }

  async resend(id: string): Promise<ResendReply> {
    const [row] = await answerOf(
      this.#queries
        .update(deliveryTable)
        .set({ ...FREED, status: 'pending', attempt: 0, nextAttemptAt: sql`now()`, updatedAt: sql`now()` })
        .where(and(eq(deliveryTable.id, id), sql`coalesce(${deliveryTable.leaseUntil} <= now(), true)`))
        .returning(),
    );
    if (row !== undefined) return { kind: 'due', delivery: deliveryOf(row) };
    const found = await answerOf(
      this.#queries.select({ id: deliveryTable.id }).from(deliveryTable).where(eq(deliveryTable.id, id)),
    );
    return { kind: found.length > 0 ? 'in_flight' : 'unknown' };
  }

  async listDeliveries(query: DeliveryQuery): Promise<DeliveryPage> {
    const rows = await answerOf(
      this.#scans
        .select()
        .from(deliveryTable)
        .where(and(...filtersOf(query)))
        .orderBy(desc(deliveryTable.createdAt), desc(deliveryTable.id))
        .limit(query.limit + 1),
    );
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    return {
      deliveries: page.map((row) => this.#delivery(row)),
      ...(rows.length > page.length && last && { nextCursor: formatNodeListCursor(last.createdAt, last.id) }),
    };
  }

  async prune(ageMs: number): Promise<number> {
    const old = this.#queries
      .select({ id: deliveryTable.id })
      .from(deliveryTable)
      .where(
        and(
          inArray(deliveryTable.status, ['delivered', 'dead']),
          sql`${deliveryTable.updatedAt} < now() - ${milliseconds(ageMs)}`,
        ),
      )
      .limit(PRUNED_MAX);
    const removed = this.#queries.delete(deliveryTable).where(inArray(deliveryTable.id, old));
    return (await answerOf(removed.returning({ id: deliveryTable.id }))).length;
  }

  #rule(row: RuleRow): NotificationRule {
    RULE_WORDS.look(this.#words, row.id, row);
    return ruleOf(row);
  }

  #delivery(row: DeliveryRow): NotificationDelivery {
    DELIVERY_WORDS.look(this.#words, row.id, row);
    return deliveryOf(row);
  }

  async #changeLeased(lease: DeliveryLease, changes: Changes<DeliveryRow>): Promise<boolean> {
    const changed = await answerOf(
      this.#queries
        .update(deliveryTable)
        .set({ ...changes, updatedAt: sql`now()` })
        .where(and(eq(deliveryTable.id, lease.deliveryId), eq(deliveryTable.leaseId, lease.leaseId)))
        .returning({ id: deliveryTable.id }),
    );
    return changed.length > 0;
  }
}

const FREED = { leaseId: null, leaseUntil: null } as const;

function targetColumns(target: Pick<NewRule, 'kind' | 'host' | 'view' | 'sealedTarget'>) {
  return {
    targetKind: target.kind,
    targetHost: target.host,
    targetView: target.view,
    sealedTarget: target.sealedTarget.bytes,
    targetKeyId: target.sealedTarget.keyId,
  };
}

function filtersOf(query: DeliveryQuery): (SQL | undefined)[] {
  const place = query.cursor === undefined ? undefined : parseNodeListCursor(query.cursor);
  return [
    query.ruleId === undefined ? undefined : eq(deliveryTable.ruleId, query.ruleId),
    query.nodeId === undefined ? undefined : eq(deliveryTable.nodeId, query.nodeId),
    query.status === undefined ? undefined : inArray(deliveryTable.status, query.status),
    place &&
      sql`(${deliveryTable.createdAt}, ${deliveryTable.id}) < (${place.createdAt}::timestamptz, ${place.id}::uuid)`,
  ];
}
