import { statfs } from 'node:fs/promises';

/**
 * The server's settings, given on its command line at each start, so that a new release of ours brings
 * new ones to old data. Sensible on a developer's machine with a million users in the world; the data are
 * safe against a crash unless `durable` is false (for tests, whose data nobody misses).
 */
export async function postgresSettings(port: number, durable: boolean): Promise<string[]> {
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '256MB',
    dynamic_shared_memory_type: await sharedMemoryType(),
    work_mem: '32MB',
    maintenance_work_mem: '256MB',
    random_page_cost: '1.1',
    jit: 'off',
    // Nobody replicates from here; less is written to the log that way.
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    log_checkpoints: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Containers often have a /dev/shm of 64 MB, too small for parallel queries: files in the data directory then. */
async function sharedMemoryType(): Promise<string> {
  if (process.platform === 'win32') return 'windows';
  if (process.platform !== 'linux') return 'posix';
  const found = await statfs('/dev/shm').catch(() => undefined);
  return found !== undefined && found.blocks * found.bsize >= 512 * 2 ** 20 ? 'posix' : 'mmap';
}
