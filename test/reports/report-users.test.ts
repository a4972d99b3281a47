import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnsOf, reportFile } from '../../activities/read-report.ts';
import type { Selection } from '../../activities/read-report.ts';
import { loadWorld } from '../../adapters/reference/load-world.ts';
import { referenceHost } from '../../adapters/reference/reference-host.ts';
import type { HostLms } from '../../adapters/host-lms.ts';
import type { World } from '../../contracts/world.ts';
import { findSavedReport, saveReport } from '../../ledger/saved-reports.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { the, world } from '../support/world-builder.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let sql: pg.Client;
beforeAll(async () => {
  database = await freshDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** The report as lines of CSV. */
async function lines(
  given: World | null,
  selection: Selection,
  host: HostLms = referenceHost,
): Promise<string[]> {
  if (given) await loadWorld(sql, given, { replace: true });
  const columns = await columnsOf(sql, host, selection);
  let text = '';
  for await (const piece of reportFile(sql, host, { columns, format: 'csv' }, { users: 0 }))
    text += piece.toString();
  return text.trimEnd().split('\n');
}

const gone = (id: string, deletedAt: string, deletionKind: 'manual' | 'automatic', deletedBy: string) => ({
  ...{ id, status: 'deleted' as const, deletedAt, deletionKind, deletedBy },
});

describe('the user report', () => {
  it('P-01 tells deletion dates in the time zone of the platform, and midnight is an automatic one', async () => {
    const given = world({
      timeZone: 'Europe/Amsterdam',
      users: [
        gone('auto', '2026-06-30T22:00:00Z', 'automatic', 'system'),
        gone('late', '2026-06-30T22:00:31Z', 'manual', 'u-admin'),
        gone('winter', '2026-01-15T12:34:56Z', 'manual', 'u-admin'),
      ],
    });
    const columns = ['id', 'Learner deletion date', 'Deletion kind', 'deletedBy'];
    expect(await lines(given, { columns })).toEqual([
      'ID,Learner deletion date,Deletion kind,Deleted by',
      'auto,2026-07-01 00:00,automatic,system',
      'late,2026-07-01 00:00,manual,u-admin',
      'u-admin,,,',
      'u-owner,,,',
      'winter,2026-01-15 13:34,manual,u-admin',
    ]);
  });

  it('P-01 D-19 tells the first instant of a day whose midnight the clocks skip', async () => {
    const given = world({
      timeZone: 'America/Sao_Paulo',
      users: [gone('auto', '2018-11-04T03:00:00Z', 'automatic', 'system')],
    });
    const [, row] = await lines(given, { columns: ['id', 'learner-deletion-date'] });
    expect(row).toBe('auto,2018-11-04 01:00');
  });

  it('P-01 has every column that the host knows', async () => {
    const given = world({
      users: [
        {
          ...{ id: 'ada', name: 'Ada "Countess", Lovelace', email: 'ada@example.org', loginSessions: 2 },
          ...{ profile: { team: 'a' }, deletionScheduledOn: '2098-01-01' },
        },
      ],
      members: [
        ['ada', 'learner', 'g-b'],
        ['ada', 'admin', 'g-b'],
        ['ada', 'coach', 'g-a'],
      ],
      courses: [{ id: 'c-1', mainAuthor: 'u-admin' }],
      paths: [{ id: 'p-1', mainAuthor: 'u-admin' }],
      registrations: [
        { user: 'ada', activity: 'p-1' },
        { user: 'ada', activity: 'c-1', status: 'completed', completedAt: '2021-05-01T10:00:00Z' },
      ],
    });
    the(given.groups, 'g-b').name = 'Bees';
    const [header, row] = await lines(given, 'users');
    expect(header).toBe(
      'ID,Email,Name,Status,Groups,Group IDs,Profile,Registrations,Completions,Open sessions,Automatic deletion date,' +
        'Learner deletion date,Deletion kind,Deleted by',
    );
    expect(row).toBe(
      'ada,ada@example.org,"Ada ""Countess"", Lovelace",active,Bees; g-a,"g-a (coach); g-b (admin, learner)",' +
        '"{""team"": ""a""}",2,1,2,2098-01-01,,,',
    );
  });

  it('P-04 defuses whatever users can write', async () => {
    const given = world({
      users: [{ id: 'ada', name: '=HYPERLINK("http://evil")', email: '+1@example.org' }],
    });
    const [, row] = await lines(given, { columns: ['name', 'email'] });
    expect(row).toBe(`"'=HYPERLINK(""http://evil"")",'+1@example.org`);
  });

  it('P-01 refuses columns that there are not, and says which there are', async () => {
    const refused = columnsOf(sql, referenceHost, { columns: ['id', 'shoeSize', 'username'] });
    await expect(refused).rejects.toThrow(/there is no "shoeSize", "username"; there are id, email, name/);
    await expect(columnsOf(sql, referenceHost, { columns: [] })).rejects.toThrow('name at least one');
  });

  it('P-02 saves columns under a name, again under the same name, and finds them', async () => {
    const saved = { name: 'leavers', report: 'users', columns: ['id', 'email'] } as const;
    await saveReport(sql, { ...saved, columns: [...saved.columns] });
    await saveReport(sql, { ...saved, columns: ['id', 'deletionKind'] });
    expect(await findSavedReport(sql, 'leavers')).toMatchObject({ columns: ['id', 'deletionKind'] });
    expect((await lines(null, { saved: 'leavers' }))[0]).toBe('ID,Deletion kind');
    await expect(columnsOf(sql, referenceHost, { saved: 'other' })).rejects.toThrow('saved are leavers');
  });

  it('X-12 a report of which users are missing is an error and no shorter report', async () => {
    const { users } = referenceHost.reports;
    const short: HostLms = {
      ...referenceHost,
      reports: {
        ...referenceHost.reports,
        users: async (...asked) => (await users(...asked)).slice(1),
      },
    };
    await expect(lines(null, { columns: ['id'] }, short)).rejects.toThrow('the report is not complete');
  });

  it('P-03 reads more users than a page has, each once, in the order of their ids', async () => {
    const ids = Array.from({ length: 4_100 }, (_, i) => `u-${String(i).padStart(5, '0')}`);
    const read = await lines(world({ users: ids.map((id) => ({ id })) }), { columns: ['id'] });
    expect(read.slice(1)).toEqual([...ids, 'u-admin', 'u-owner']);
  });
});
