import { DefaultLogger, Runtime } from '@temporalio/worker';

let installed = false;

/** Failures are what these tests are about: only errors that nobody handles are logged. */
export function quiet(): void {
  if (installed) return;
  const telemetryOptions = { logging: { filter: 'ERROR', forward: {} } };
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions });
  installed = true;
}
