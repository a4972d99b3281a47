/** How large a file may be; all of it is checked before anything is unpacked, and again while it is. */
export interface ImportLimits {
  /** Of the file. */
  fileBytes: number;
  /** Of all that is packed in it, unpacked. */
  expandedBytes: number;
  /** How many files may be packed in it. */
  entries: number;
  /** Lines with an email. */
  rows: number;
  /** How long reading it may take. */
  timeoutMs: number;
  /** How much memory reading it may take. */
  memoryMb: number;
}

/** Room for 50,000 lines with 50 activities, however they were written. */
export const importLimits: ImportLimits = {
  fileBytes: 32 * 1024 * 1024,
  expandedBytes: 512 * 1024 * 1024,
  entries: 500,
  rows: 50_000,
  timeoutMs: 60_000,
  memoryMb: 256,
};
