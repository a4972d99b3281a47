import type { Dependencies } from './dependencies.ts';
import { requireOperation } from './operation.ts';
import { Refusal } from '../contracts/failures.ts';
import { approveOperation } from '../ledger/operations.ts';
import { isPlatformAdmin } from '../rules/authorization.ts';

/** A decision on a plan, and who takes it. */
export interface Decision {
  operation: string;
  by: string;
}

/**
 * Whether somebody may approve or reject a plan: a living user who is the platform owner, a platform admin, or
 * asked for the operation.
 *
 * @throws Refusal NotAuthorized
 */
export async function mayDecide(deps: Dependencies, { operation: id, by }: Decision): Promise<void> {
  await deps.database.transaction(async (sql) => {
    const operation = await requireOperation(sql, id);
    const [actor] = await deps.host.users(sql, [by]);
    const allowed =
      isPlatformAdmin(actor ?? null, await deps.host.platform(sql)) ||
      (actor?.living === true && actor.id === operation.requestedBy);
    if (!allowed) {
      throw new Refusal(
        'NotAuthorized',
        `user ${by} is neither a platform admin nor who asked for the operation`,
      );
    }
  });
}

/** Lets the plan be applied, and records who approved it. */
export async function approve(deps: Dependencies, { operation, by }: Decision): Promise<void> {
  await deps.database.transaction((sql) => approveOperation(sql, operation, by));
}
