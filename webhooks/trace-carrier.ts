/** Carries the trace of a request through the inbox to the operation that it leads to. */
export interface TraceCarrier {
  /** The trace that is under way here, as a W3C `traceparent`; undefined outside of any. */
  current(): string | undefined;
  /** Does something as a part of a trace. */
  within<T>(traceparent: string | undefined, work: () => Promise<T>): Promise<T>;
}
