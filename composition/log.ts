import type { Logger as TemporalLogger } from '@temporalio/worker';
import pino from 'pino';
import type { Logger } from 'pino';

/** Structured logs, one JSON object a line, on stderr; ids only. */
export function openLog(level: string): Logger {
  return pino({ level, base: { service: 'lms-lifecycle' } }, pino.destination(2));
}

/** What Temporal's SDK says, in the same log. */
export function temporalLogger(log: Logger): TemporalLogger {
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
  return {
    log: (level, message, meta) => {
      log[levels[level]](meta ?? {}, message);
    },
    trace: (message, meta) => {
      log.trace(meta ?? {}, message);
    },
    debug: (message, meta) => {
      log.debug(meta ?? {}, message);
    },
    info: (message, meta) => {
      log.info(meta ?? {}, message);
    },
    warn: (message, meta) => {
      log.warn(meta ?? {}, message);
    },
    error: (message, meta) => {
      log.error(meta ?? {}, message);
    },
  };
}
