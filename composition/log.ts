import type { LogLevel, Logger as TemporalLogger } from '@temporalio/worker';
import pino from 'pino';
import type { Logger } from 'pino';

/** Structured logs, one JSON object a line, on stderr; ids only. */
export function openLog(level: string): Logger {
  return pino({ level, base: { service: 'lms-lifecycle' } }, pino.destination(2));
}

/** What Temporal's SDK says, in the same log. */
export function temporalLogger(log: Logger): TemporalLogger {
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
  const at =
    (level: LogLevel): Say =>
    (message, meta = {}) => {
      log[levels[level]](withoutMessages(meta), message);
    };
  return {
    log: (level, message, meta) => {
      at(level)(message, meta);
    },
    trace: at('TRACE'),
    debug: at('DEBUG'),
    info: at('INFO'),
    warn: at('WARN'),
    error: at('ERROR'),
  };
}

type Say = (message: string, meta?: Record<string, unknown>) => void;

/** Of an error only its type: a message may hold what somebody wrote, as the reason of a rejection. */
function withoutMessages({ error, ...meta }: Record<string, unknown>): Record<string, unknown> {
  if (!(error instanceof Error)) return error === undefined ? meta : { ...meta, error: typeof error };
  const type: unknown = Reflect.get(error, 'type');
  return { ...meta, error: typeof type === 'string' ? type : error.name };
}
