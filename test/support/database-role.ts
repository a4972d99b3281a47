import { randomUUID } from 'node:crypto';
import type { Lab } from './lab.ts';

/** What docs/operations.md says that the server needs in any case. */
const server = `
  usage on schema lms_lifecycle, lms;
  select, insert, update, delete on lms_lifecycle.inbox, lms_lifecycle.inbox_event, lms_lifecycle.stored_list, lms_lifecycle.stored_list_line;
  select on lms_lifecycle.operation, lms_lifecycle.operation_target, lms_lifecycle.change, lms_lifecycle.migration, lms_lifecycle.instance, lms.account`;

/** A database role that may do what the server needs, and more where it is named: privileges, separated by semicolons. */
export async function serverRole(lab: Lab, more: string): Promise<{ url: string; drop(): Promise<void> }> {
  const role = `server_${randomUUID().replaceAll('-', '')}`;
  const grants = `${server};${more}`.split(';').map((privilege) => `grant ${privilege} to ${role}`);
  await lab.sql.query(`create role ${role} login password 'secret'; ${grants.join(';')}`);
  const url = new URL(lab.databaseUrl);
  [url.username, url.password] = [role, 'secret'];
  return {
    url: url.href,
    drop: async () => {
      await lab.sql.query(`drop owned by ${role}; drop role ${role}`);
    },
  };
}
