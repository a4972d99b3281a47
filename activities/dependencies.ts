import type { HostLms } from '../adapters/host-lms.ts';
import type { Metrics } from './metrics.ts';
import type { Recipients } from './notices.ts';
import type { ReportDelivery } from './report-delivery.ts';
import type { Database } from '../database/pool.ts';

/** What the activities need; built by a root, or by a test's support. */
export interface Dependencies {
  database: Database;
  host: HostLms;
  executions: Executions;
  settings: OperationSettings;
  /** Without it no report is mailed. */
  reports?: ReportDelivery | undefined;
  /** Who is told when an operation waits for somebody, or went wrong while nobody waited for it. */
  recipients?: Recipients | undefined;
  /** Who counts. */
  metrics?: Metrics | undefined;
}

/** What the activities ask Temporal. */
export interface Executions {
  /** Whether the workflow execution chain of an operation is still under way. */
  isOpen(workflowId: string, operation: string): Promise<boolean>;
}

export interface OperationSettings {
  /** A plan that changes more users than this waits for approval. */
  approvalAbove: number;
  /** How long a plan waits for approval. */
  approvalExpiryMs: number;
  /** Schema findings that the operator accepts, by name. */
  waivedDrift: readonly string[];
  /** The most users that one chunk has (D-18). */
  chunkUsers: number;
  /** How many chunks of an operation are applied side by side. */
  window: number;
}
