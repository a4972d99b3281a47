import { afterEach, describe, expect, it, vi } from 'vitest';
import { effectiveSettings, readConfig, temporalConfig } from '../config.ts';

describe('the settings', () => {
  it('have a default where that is safe, and none for a secret', () => {
    const config = readConfig({ HOME: '/home/ada' });
    expect(config).toMatchObject({
      LMS_ADAPTER: 'reference',
      LMS_APPROVAL_ABOVE: 100,
      MOODLE_TABLE_PREFIX: 'mdl_',
    });
    expect(config.DATABASE_URL).toBeUndefined();
    expect(config.LMS_STATE_DIR).toBe('/home/ada/.local/state/lms-lifecycle');
  });

  it('name a release of workers wholly or not at all', () => {
    expect(readConfig({ LMS_DEPLOYMENT: 'lms', LMS_BUILD_ID: '2026.11' })).toMatchObject({
      LMS_BUILD_ID: '2026.11',
    });
    expect(() => readConfig({ LMS_DEPLOYMENT: 'lms' })).toThrow('LMS_BUILD_ID: goes with LMS_DEPLOYMENT');
    expect(() => readConfig({ LMS_BUILD_ID: '2026.11' })).toThrow('give both, or neither');
  });

  it('are refused with all mistakes at once', () => {
    const read = () =>
      readConfig({ LMS_ADAPTER: 'sakai', DATABASE_URL: 'mysql://x', LMS_APPROVAL_ABOVE: 'many' });
    expect(read).toThrow(/DATABASE_URL.*LMS_ADAPTER.*LMS_APPROVAL_ABOVE/s);
  });

  it('are shown without the password', () => {
    const shown = effectiveSettings(readConfig({ DATABASE_URL: 'postgres://lms:hidden@127.0.0.1/lms' }));
    expect(JSON.stringify(shown)).not.toContain('hidden');
  });

  it('are shown without keys and tokens, and say whether there are any', () => {
    const key = Buffer.alloc(32, 'k').toString('base64');
    const secret = 'hidden hidden hidden hidden hidden hidden';
    const shown = effectiveSettings(
      readConfig({
        ...{
          LMS_CODEC_KEYS: `new:${key},old:${Buffer.alloc(32).toString('base64')}`,
          LMS_CODEC_TOKEN: secret,
        },
        ...{ LMS_LINK_SECRET: secret, LMS_MAIL_URL: 'smtp://lms:hidden@127.0.0.1:25' },
      }),
    );
    expect(shown).toMatchObject({
      LMS_CODEC_KEYS: 'new:***,old:***',
      LMS_LINK_SECRET: '***',
      LMS_CODEC_TOKEN: '***',
    });
    for (const hidden of ['hidden', key]) expect(JSON.stringify(shown)).not.toContain(hidden);
  });

  it('have keys of 32 bytes, each of its own name; the message shows none', () => {
    const key = Buffer.alloc(32, 'k').toString('base64');
    const read = () => readConfig({ LMS_CODEC_KEYS: `a:${key},a:${key},b:c2hvcnQ=,${key}` });
    expect(read).toThrow(/key 2 has the name.*key 3 is not id:key.*key 4 is not id:key/);
    expect(read).not.toThrow(key);
    expect(readConfig({ LMS_CODEC_KEYS: `a:${key}` }).LMS_CODEC_KEYS).toEqual([
      { id: 'a', key: Buffer.alloc(32, 'k') },
    ]);
  });

  it('name whom to tell, and are shown without keys, in addresses too', () => {
    const secret = `whsec_${Buffer.alloc(24, 's').toString('base64')}`;
    const mail = { LMS_MAIL_URL: 'smtp://127.0.0.1:25', LMS_MAIL_FROM: 'lms@example.org' };
    const config = readConfig({
      ...mail,
      LMS_NOTIFY_MAIL_TO: 'ada@example.org, grace@example.org',
      LMS_NOTIFY_WEBHOOKS: `ops=https://ops.example.org/hidden ${secret} ${secret}`,
    });
    expect(config.LMS_NOTIFY_MAIL_TO).toEqual(['ada@example.org', 'grace@example.org']);
    const shown = effectiveSettings(config);
    expect(shown['LMS_NOTIFY_WEBHOOKS']).toBe('ops (https://ops.example.org, secrets: 2)');
    for (const hidden of ['hidden', secret]) expect(JSON.stringify(shown)).not.toContain(hidden);
    expect(() => readConfig({ ...mail, LMS_NOTIFY_MAIL_TO: 'ada' })).toThrow('is not a list of addresses');
    expect(() => readConfig({ LMS_NOTIFY_WEBHOOKS: `ops=hidden ${secret}` })).toThrow(
      /^(?!.*(hidden|whsec_))/s,
    );
  });

  it('are refused when people are to be mailed and no mail can be sent', () => {
    const read = () => readConfig({ LMS_NOTIFY_MAIL_TO: 'ada@example.org' });
    expect(read).toThrow(/LMS_MAIL_URL: is needed.*LMS_MAIL_FROM: is needed/);
  });
});

describe('Temporal', () => {
  afterEach(() => void vi.unstubAllEnvs());

  it('is the embedded one where nothing names another', () => {
    vi.stubEnv('TEMPORAL_ADDRESS', undefined);
    vi.stubEnv('TEMPORAL_CONFIG_FILE', '/nowhere/temporal.toml');
    expect(temporalConfig()).toBeNull();
  });

  it('is reached by its standard variables', () => {
    vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example.org:7233');
    vi.stubEnv('TEMPORAL_NAMESPACE', 'lms');
    vi.stubEnv('TEMPORAL_API_KEY', 'a-key');
    expect(temporalConfig()).toMatchObject({
      connectionOptions: { address: 'temporal.example.org:7233', apiKey: 'a-key', tls: true },
      namespace: 'lms',
    });
  });
});
