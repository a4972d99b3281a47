import type { WorkerOptions } from '@temporalio/worker';
import type { Config } from '../config.ts';

/**
 * Which release of a deployment this worker is, for Temporal's worker versioning; nothing where the settings name none. Every
 * workflow goes on with the current release from its next step on, wherever it began: an operation may wait for a week, and must
 * never depend on workers of a release that nobody runs any more (docs/adr/0014).
 */
export function versioningOf({
  LMS_DEPLOYMENT: deploymentName,
  LMS_BUILD_ID: buildId,
}: Config): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (deploymentName === undefined || buildId === undefined) return {};
  return {
    workerDeploymentOptions: {
      version: { deploymentName, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
  };
}
