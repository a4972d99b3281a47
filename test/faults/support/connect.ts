import pg from 'pg';

/** A connection of the test's own; that its server is killed is no surprise to it. */
export async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client(databaseUrl);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
