/** What an upload may cost beside what its file may (imports/import-limits.ts). */
export interface UploadLimits {
  /** How long it may take to arrive. */
  timeoutMs: number;
  /** How many may be under way, their checks included. */
  together: number;
}

export const uploadLimits: UploadLimits = { timeoutMs: 120_000, together: 4 };
