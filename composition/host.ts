import type { HostLms } from '../adapters/host-lms.ts';
import { moodleHost } from '../adapters/moodle/moodle-host.ts';
import { migrateReferenceHost } from '../adapters/reference/migrate.ts';
import { referenceHost } from '../adapters/reference/reference-host.ts';
import type { Config } from '../config.ts';
import type { OperationKind } from '../contracts/operations.ts';
import type { DatabaseLimits } from '../database/pool.ts';
import { migrateLedger } from '../ledger/migrate.ts';

/** The adapter that the settings name; only roots build one. */
export function hostOf(config: Config): HostLms {
  if (config.LMS_ADAPTER === 'reference') return referenceHost;
  return moodleHost({
    tablePrefix: config.MOODLE_TABLE_PREFIX,
    policy: config.MOODLE_POLICY,
    unenrol: config.MOODLE_UNENROL,
    cacheCommand: config.MOODLE_CACHE_COMMAND,
  });
}

/** Whether the host knows of what an operation is about, as qualifications, or groups with a rule. */
export function supportsOf(host: HostLms): (workflow: OperationKind) => boolean {
  const needs: Partial<Record<OperationKind, unknown>> = {
    reconcileQualifications: host.registrations,
    updateProfiles: host.profiles,
    deleteGroup: host.groups,
    removeCoursesFromGroup: host.content,
    removePathsFromGroup: host.content,
    removeCoursesFromPath: host.content,
  };
  return (workflow) => !(workflow in needs) || needs[workflow] !== undefined;
}

/** Brings the ledger up to date, and the reference host's own schema; a real host's schema is never touched. */
export async function migrateHost(config: Config, databaseUrl: string): Promise<void> {
  if (config.LMS_ADAPTER === 'reference') await migrateReferenceHost(databaseUrl);
  await migrateLedger(databaseUrl);
}

export function limitsOf(config: Config): DatabaseLimits {
  return {
    statementTimeoutMs: config.LMS_STATEMENT_TIMEOUT_S * 1000,
    lockTimeoutMs: config.LMS_LOCK_TIMEOUT_S * 1000,
    maxConnections: 20,
  };
}
