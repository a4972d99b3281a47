import { writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/**
 * Bundles the workflows into one script, which is what a worker loads; about ten seconds.
 *
 * @param failureConverterPath how workflows encode their failures; without one their messages are plain
 */
export async function bundleWorkflows(target: string, failureConverterPath?: string): Promise<void> {
  const compiled = import.meta.url.endsWith('.js');
  const path = (name: string): string =>
    fileURLToPath(new URL(`../workflows/${name}.${compiled ? 'js' : 'ts'}`, import.meta.url));
  const tracing = fileURLToPath(new URL('../workflows/tracing.cjs', import.meta.url));
  const { code } = await bundleWorkflowCode({
    workflowsPath: path('index'),
    workflowInterceptorModules: [path('interceptors'), tracing],
    logger: new DefaultLogger('WARN'),
    ...(failureConverterPath !== undefined && { failureConverterPath }),
  });
  await writeFile(target, code);
}

/** Where the build leaves the bundle, beside the compiled code. */
export const builtBundle = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

/** The same with encoded failures, for workers that encrypt payloads. */
export const builtEncodedBundle = fileURLToPath(new URL('../workflow-bundle-encoded.js', import.meta.url));

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await bundleWorkflows(builtBundle);
  await bundleWorkflows(
    builtEncodedBundle,
    fileURLToPath(new URL('../client/encoded-failures.cjs', import.meta.url)),
  );
}
