import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../activities/metrics.ts';
import type { Database } from '../database/pool.ts';
import { countOpenOperations } from '../ledger/open-operations.ts';

/** A registry with what every process of ours shows, and the operations that the ledger says are open. */
export function openRegistry(database: Pick<Database, 'transaction'>): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = new Gauge({
    name: 'lms_operations_open',
    help: 'Operations that are under way or wait for somebody, by the ledger: the same in every process.',
    labelNames: ['kind', 'state'],
    registers: [],
    async collect() {
      this.reset();
      // While the database is away the rest is shown all the same, and this one is absent: an alert may ask for that.
      const counted = await database.transaction(countOpenOperations).catch(() => []);
      for (const { kind, state, n } of counted) this.set({ kind, state }, n);
    },
  });
  registry.registerMetric(gauge);
  return registry;
}

/**
 * What a worker counts. Labels are kinds, states, steps and outcomes that the code names, never what people wrote, so that their
 * number is bounded and nothing personal is among them.
 */
export function workerMetrics(registry: Registry): Metrics {
  const registers = [registry];
  const counter = (name: string, help: string, ...labelNames: string[]): Counter =>
    new Counter({ name, help, labelNames, registers });
  const ended = counter('lms_operations_ended_total', 'Operations that ended, by how.', 'kind', 'state');
  const users = counter(
    'lms_operation_users_total',
    'Users of operations that were applied.',
    'kind',
    'outcome',
  );
  const changes = counter('lms_changes_applied_total', 'Changes that were made in the host.', 'change');
  const conflicts = counter('lms_conflicts_total', "Changes left alone for somebody else's.", 'kind');
  const seconds = new Histogram({
    name: 'lms_activity_seconds',
    help: 'How long each run of an activity (a step, on a chunk of users) took.',
    labelNames: ['activity', 'outcome'],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300],
    registers,
  });
  return {
    activityRan: (activity, outcome, took) => seconds.observe({ activity, outcome }, took),
    operationEnded(kind, result) {
      const { state } = result;
      ended.inc({ kind, state });
      if (state === 'previewed') return;
      for (const [outcome, n] of Object.entries(result.users)) users.inc({ kind, outcome }, n);
      for (const [change, n] of Object.entries(result.counts)) changes.inc({ change }, n);
      conflicts.inc({ kind }, result.conflicts);
    },
  };
}
