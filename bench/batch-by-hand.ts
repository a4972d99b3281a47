import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { deletionByHand } from './by-hand.sql.ts';
import { recordDeletion } from './deletion.ts';

/** Who is deleted, in which chunk; `leaver` has all of them, because nobody of them takes anything over. */
const begin = /* sql */ `
begin;
insert into lms_lifecycle.operation_target (operation_id, line, chunk, user_id, ref, state)
  select :operation, l.line, (row_number() over (order by l.line) - 1) / :chunkUsers + 1, a.id, l.ref, 'open'
    from lms_lifecycle.stored_list_line l
    join lms.account a on lower(a.email) = lower(l.email) and a.status = 'active'
   where l.list_id = :list;
create temp table leaver as select user_id as id from lms_lifecycle.operation_target where operation_id = :operation;
create unique index on leaver (id);
analyze leaver;
commit;
analyze lms_lifecycle.operation_target;`;

/** Deletes the users of a stored list by the hand-written script, chunk by chunk; how long it took, in milliseconds. */
export async function deleteByHand(
  client: pg.Client,
  { list, chunkUsers }: { list: string; chunkUsers: number },
): Promise<number> {
  const operation = randomUUID();
  await recordDeletion(client, operation);
  const since = performance.now();
  await client.query(
    begin
      .replaceAll(':operation', `'${operation}'`)
      .replaceAll(':chunkUsers', String(chunkUsers))
      .replaceAll(':list', `'${list}'`),
  );
  const { rows } = await client.query<{ chunks: number }>(
    'select max(chunk) as chunks from lms_lifecycle.operation_target where operation_id = $1',
    [operation],
  );
  for (let chunk = 1; chunk <= (rows[0]?.chunks ?? 0); chunk++) {
    await client.query(deletionByHand(operation, chunk, 'leaver'));
  }
  const took = performance.now() - since;
  await client.query('drop table leaver');
  return took;
}
