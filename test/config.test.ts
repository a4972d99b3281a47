import { describe, expect, it } from 'vitest';
import { effectiveSettings, readConfig } from '../config.ts';

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

  it('are refused with all mistakes at once', () => {
    const read = () =>
      readConfig({ LMS_ADAPTER: 'sakai', DATABASE_URL: 'mysql://x', LMS_APPROVAL_ABOVE: 'many' });
    expect(read).toThrow(/DATABASE_URL.*LMS_ADAPTER.*LMS_APPROVAL_ABOVE/s);
  });

  it('are shown without the password', () => {
    const shown = effectiveSettings(readConfig({ DATABASE_URL: 'postgres://lms:hidden@127.0.0.1/lms' }));
    expect(JSON.stringify(shown)).not.toContain('hidden');
  });
});
