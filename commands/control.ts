import type { WorkflowHandle } from '@temporalio/client';
import {
  cancelAfterChunkUpdate,
  pauseUpdate,
  resumeUpdate,
  retryAttentionUpdate,
  setPaceUpdate,
  skipAttentionUpdate,
} from '../workflows/messages.ts';
import { fail } from './follow.ts';
import { running } from './ops.ts';
import { CommandFailed } from './output.ts';
import type { Answer } from './output.ts';
import { withSession } from './session.ts';

/** What can be asked of an operation while it runs, by the name of its command. */
const controls = {
  pause: pauseUpdate,
  resume: resumeUpdate,
  cancel: cancelAfterChunkUpdate,
  retry: retryAttentionUpdate,
  skip: skipAttentionUpdate,
} as const;
type Control = keyof typeof controls;

/** `ops pause|resume|cancel|retry|skip ID`. */
export function control(name: Control): (id: string) => Promise<Answer> {
  return (id) => told(id, (handle) => handle.executeUpdate(controls[name]));
}

/** `ops pace ID N`: at most so many users a second; `none` for no limit. */
export async function pace(id: string, limit: string): Promise<Answer> {
  const usersPerSecond = limit === 'none' ? null : Number(limit);
  if (Number.isNaN(usersPerSecond))
    throw new CommandFailed('InvalidInput', `${limit} is no number of users a second`);
  return told(id, (handle) => handle.executeUpdate(setPaceUpdate, { args: [{ usersPerSecond }] }));
}

function told(id: string, ask: (handle: WorkflowHandle) => Promise<string>): Promise<Answer> {
  return withSession(async (session) => {
    const { handle, operation } = await running(session, id);
    const said = await ask(handle).catch(fail);
    return { json: { operation: operation.id, said }, text: `${operation.id} ${said}` };
  });
}
