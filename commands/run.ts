import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { startOperation } from '../client/start-operation.ts';
import { follow } from './follow.ts';
import { CommandFailed } from './output.ts';
import type { Answer } from './output.ts';
import { userIdOf } from './refs.ts';
import { withSession } from './session.ts';
import type { Session } from './session.ts';
import { storeFile } from './stored-list.ts';

/** What every command that starts an operation takes. */
export interface StartOptions {
  as?: string;
  reason?: string;
  preview?: boolean;
  planHash?: string;
  approval?: string;
  maxUsers?: number;
  maxShare?: number;
  yes?: boolean;
  detach?: boolean;
  json?: boolean;
}

/** Adds the options of `StartOptions` to a command. */
export function withStartOptions(command: Command): Command {
  return command
    .option('--as <ref>', 'who asks: a user by id or email')
    .option('--reason <text>', 'why, for the audit')
    .option('--preview', 'compute the plan and change nothing')
    .option('--plan-hash <hash>', 'apply only if the plan is still the one with this hash')
    .option('--approval <when>', 'auto, or required')
    .option('--max-users <n>', 'stop before the first change if more users would change', Number)
    .option('--max-share <s>', 'the same for a share of the living users (default 0.2)', Number)
    .option('--yes', 'approve the plan that is shown')
    .option('--wait', 'wait for the end (the default)')
    .option('--detach', 'start it and return');
}

/** `run WORKFLOW`: starts any operation with an input as JSON. */
export async function run(
  workflow: string,
  options: StartOptions & { input?: string; file?: string },
): Promise<Answer> {
  const input = await readInput(options.input);
  return withSession(async (session) => {
    const listed =
      options.file === undefined ? {} : { list: await storeFile(session, workflow, options.file) };
    return startAndFollow(session, workflow, { ...input, ...listed }, options);
  });
}

/** `delete-user REF`. */
export async function deleteUser(
  ref: string,
  options: StartOptions & { includePrivateSubgroups?: boolean },
): Promise<Answer> {
  return withSession(async (session) => {
    const id = await userIdOf(session.database, session.host, ref, 'the user');
    const includePrivateSubgroups = options.includePrivateSubgroups ?? false;
    return startAndFollow(session, 'deleteUser', { user: { id }, includePrivateSubgroups }, options);
  });
}

/** Starts an operation and, unless it is to be detached, waits for it. */
export async function startAndFollow(
  session: Session,
  workflow: string,
  given: Record<string, unknown>,
  options: StartOptions,
): Promise<Answer> {
  const requestedBy = options.as && (await userIdOf(session.database, session.host, options.as, '--as'));
  const input = {
    ...given,
    ...(requestedBy ? { requestedBy } : {}),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...(options.preview ? { mode: 'preview' } : {}),
    ...(options.planHash === undefined ? {} : { planHash: options.planHash }),
    ...(options.approval === undefined ? {} : { approval: options.approval }),
    ...(options.maxUsers === undefined ? {} : { maxUsers: options.maxUsers }),
    ...(options.maxShare === undefined ? {} : { maxShare: options.maxShare }),
  };
  const by = typeof input['requestedBy'] === 'string' ? input['requestedBy'] : '';
  const client = await session.client();
  const asked = { workflow, input, trigger: 'command-line', through: 'the command line' } as const;
  const handle = await startOperation(client, asked);
  if (options.detach) {
    const { workflowId } = handle;
    return { json: { workflowId }, text: `Started ${workflowId}. Look at it with: ops show ${workflowId}` };
  }
  process.stderr.write(`Started ${handle.workflowId}\n`);
  return follow(session, handle, { by, yes: options.yes });
}

async function readInput(input = '{}'): Promise<Record<string, unknown>> {
  const text = input.startsWith('@') ? await readFile(input.slice(1), 'utf8') : input;
  const parsed = parseJson(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new CommandFailed('InvalidInput', '--input must be a JSON object');
  }
  return parsed as Record<string, unknown>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandFailed(
      'InvalidInput',
      `--input is not JSON: ${error instanceof Error ? error.message : ''}`,
    );
  }
}
