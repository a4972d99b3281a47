import { loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { binaryCacheDirs, defaultStateDir } from './dev/state-dir.ts';
import { parseReceivers } from './notifications/receivers.ts';
import { parseSourceKeys } from './webhooks/source-secrets.ts';
import { httpTokensSchema } from './http/tokens.ts';
import type { HttpToken } from './http/tokens.ts';

const seconds = (text: string): z.ZodType<number> => z.coerce.number().int().min(1).describe(text);

const port = (text: string): z.ZodType<number> => z.coerce.number().int().min(1).max(65_535).describe(text);

/** Of the names that Temporal puts together to one of a release. */
const versionPart = (text: string): z.ZodOptional<z.ZodString> =>
  z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,100}$/, 'may hold letters, digits, _, - and .')
    .optional()
    .describe(text);

function listed(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Mistakes are told by place: a key must not come to be shown. */
function codecKeys(text: string, context: z.RefinementCtx): { id: string; key: Buffer }[] {
  const keys = listed(text).map((part) => {
    const [, id = '', base64 = ''] = /^([A-Za-z0-9._-]{1,50}):([A-Za-z0-9+/]+={0,2})$/.exec(part) ?? [];
    return { id, key: Buffer.from(base64, 'base64') };
  });
  keys.forEach(({ id, key }, i) => {
    const problem =
      id === '' || key.length !== 32
        ? 'is not id:key with 32 bytes in base64'
        : keys.findIndex((other) => other.id === id) < i && 'has the name of an earlier one';
    if (problem) context.addIssue({ code: 'custom', message: `key ${i + 1} ${problem}` });
  });
  return keys;
}

function addHidden(context: z.RefinementCtx, message: string): void {
  context.addIssue({ code: 'custom', message, input: '(not shown)' });
}

/**
 * Every setting, by the name of its environment variable. Nothing has a secret as its default. Temporal's own
 * standard variables and configuration file are read beside these, by `temporalConfig`.
 */
const settingsSchema = z.object({
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe("The host's database, where the ledger lives too. Default: the embedded one."),
  LMS_ADAPTER: z.enum(['reference', 'moodle']).default('reference').describe('Which host it is.'),
  LMS_STATE_DIR: z
    .string()
    .min(1)
    .optional()
    .describe("Where the embedded data and caches lie. Default: in the user's state directory."),
  TEMPORAL_CLI: z.string().optional().describe('The `temporal` binary to use for the embedded server.'),
  LMS_WAIVED_DRIFT: z
    .string()
    .default('')
    .transform(listed)
    .describe('Schema findings that are accepted (table.column, comma-separated), see `host check`.'),
  LMS_APPROVAL_ABOVE: z.coerce
    .number()
    .int()
    .min(0)
    .default(100)
    .describe('A plan that changes more users than this waits for approval.'),
  LMS_APPROVAL_EXPIRY_S: seconds('How long a plan waits for approval.').default(7 * 24 * 60 * 60),
  LMS_CHUNK_USERS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3000)
    .default(3000)
    .describe('The most users that one chunk of an operation has.'),
  LMS_CHUNK_WINDOW: z.coerce
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe('How many chunks of one operation are applied side by side.'),
  LMS_STATEMENT_TIMEOUT_S: seconds('How long one SQL statement may run.').default(300),
  LMS_LOCK_TIMEOUT_S: seconds('How long one SQL statement may wait for a lock.').default(30),
  LMS_HTTP_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(7280)
    .describe('Where the HTTP server listens; 0 for any free port.'),
  LMS_HTTP_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('The address that it listens on; others only behind a proxy that speaks TLS.'),
  LMS_WEBHOOK_SECRETS: z
    .string()
    .default('')
    .transform((text, context) => parseSourceKeys(text, (message) => addHidden(context, message)))
    .describe(
      'Who may send webhooks: lms=whsec_a whsec_b;moodle=whpk_c (several keys while they are rotated).',
    ),
  LMS_INBOX_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .default(90)
    .describe('How long the inbox remembers a delivery: longer than any source sends it again.'),
  LMS_HTTP_TOKENS: httpTokensSchema
    .optional()
    .describe(
      'Who may import over HTTP and deprovision by SCIM: name=token, or name:imports=token, name:scim=token.',
    ),
  LMS_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug'])
    .default('info')
    .describe('What is logged.'),
  MOODLE_TABLE_PREFIX: z
    .string()
    .regex(/^[a-z0-9_]*$/, 'may hold a-z, 0-9 and _')
    .default('mdl_')
    .describe("The prefix of Moodle's tables."),
  MOODLE_POLICY: z
    .enum(['rules', 'host'])
    .default('rules')
    .describe("Where the rules and Moodle's own habit differ: which one holds."),
  MOODLE_UNENROL: z
    .enum(['suspend', 'remove'])
    .default('suspend')
    .describe(
      "What unenrolling does: suspends enrolments, or removes them as Moodle's own unenrolment does.",
    ),
  MOODLE_CACHE_COMMAND: z
    .string()
    .optional()
    .describe(
      "A shell command that empties Moodle's caches, run once after an operation that changed something.",
    ),
  LMS_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where people reach the HTTP side: what links in mails begin with.'),
  LMS_LINK_SECRET: z
    .string()
    .min(32, 'must have at least 32 characters')
    .optional()
    .describe('What download links are signed with. A new one makes all earlier links invalid.'),
  LMS_LINK_EXPIRY_S: seconds('How long a download link and its file last.').default(3 * 24 * 60 * 60),
  LMS_MAIL_URL: z
    .url({ protocol: /^smtps?$/ })
    .optional()
    .describe('The mail server, smtp://user:password@host:port or smtps://…'),
  LMS_MAIL_FROM: z.string().min(3).optional().describe('The sender of mails.'),
  LMS_NOTIFY_MAIL_TO: z
    .string()
    .default('')
    .transform(listed)
    .pipe(z.array(z.email('is not a list of addresses')))
    .describe('Who is mailed when an operation waits for somebody or went wrong, comma-separated.'),
  LMS_NOTIFY_WEBHOOKS: z
    .string()
    .default('')
    .transform((text, context) => parseReceivers(text, (message) => addHidden(context, message)))
    .describe('Who is told of the same by webhook: ops=https://… whsec_a whsec_b;siem=https://… whsec_c'),
  LMS_TEMPORAL_UI_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('The Temporal Web UI: what links in these mails begin with.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where traces are sent, by OTLP over HTTP; without it there are none.'),
  OTEL_SERVICE_NAME: z.string().min(1).default('lms-lifecycle').describe('What they say that they are of.'),
  LMS_METRICS_PORT: port('Where the worker shows its own metrics on this machine, at /metrics.').optional(),
  LMS_TEMPORAL_METRICS_PORT: port("Where it shows those of Temporal's SDK, at /metrics.").optional(),
  LMS_CODEC_KEYS: z
    .string()
    .default('')
    .transform(codecKeys)
    .describe(
      'Keys that payloads are encrypted with, id:base64 of 32 bytes, comma-separated: the first encrypts, all decrypt.',
    ),
  LMS_CODEC_TOKEN: z
    .string()
    .min(32, 'must have at least 32 characters')
    .optional()
    .describe('What the codec server asks for; whoever has it can read every payload.'),
  LMS_CODEC_ORIGINS: z
    .string()
    .default('')
    .transform(listed)
    .describe('The addresses of the Web UIs that may ask the codec server, comma-separated.'),
  LMS_DEPLOYMENT: versionPart("The deployment that workers belong to, for Temporal's worker versioning."),
  LMS_BUILD_ID: versionPart('The release of it that this worker is.'),
});

/** Nobody is to believe that people are mailed where no mail can be sent. */
function requireMailServer(settings: z.infer<typeof settingsSchema>, context: z.RefinementCtx): void {
  if (settings.LMS_NOTIFY_MAIL_TO.length === 0) return;
  for (const needed of ['LMS_MAIL_URL', 'LMS_MAIL_FROM'] as const) {
    const message = 'is needed where LMS_NOTIFY_MAIL_TO is set';
    if (settings[needed] === undefined) context.addIssue({ code: 'custom', message, path: [needed] });
  }
}

const checkedSchema = settingsSchema
  .superRefine(requireMailServer)
  .refine((given) => (given.LMS_DEPLOYMENT === undefined) === (given.LMS_BUILD_ID === undefined), {
    path: ['LMS_BUILD_ID'],
    message: 'goes with LMS_DEPLOYMENT: give both, or neither',
  });

export type Config = Omit<z.infer<typeof settingsSchema>, 'LMS_STATE_DIR'> & { LMS_STATE_DIR: string };

/** The settings are not usable; the message lists every mistake. */
class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Reads the settings. @throws ConfigError with all mistakes at once */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = checkedSchema.safeParse(given);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`the settings have mistakes: ${mistakes.join('; ')}`);
  }
  return { ...parsed.data, LMS_STATE_DIR: parsed.data.LMS_STATE_DIR ?? defaultStateDir(env) };
}

/**
 * How to reach Temporal by its standard variables (TEMPORAL_ADDRESS, _NAMESPACE, _API_KEY, _TLS…) and its
 * configuration file; null when neither names an address.
 */
export function temporalConfig(): ClientConnectConfig | null {
  const profile = loadClientConfigProfile();
  return profile.address === undefined ? null : toClientOptions(profile);
}

/** Where a `temporal` binary may have been left by an earlier start. */
export function temporalCaches(config: Config): string[] {
  return binaryCacheDirs(config.LMS_STATE_DIR, process.env);
}

/** The effective settings as lines, without secrets. */
export function effectiveSettings(config: Config): Record<string, string | number> {
  const {
    DATABASE_URL: url,
    TEMPORAL_CLI: cli = '(searched for)',
    MOODLE_CACHE_COMMAND: cacheCommand = '(none)',
    LMS_WAIVED_DRIFT: waived,
    LMS_WEBHOOK_SECRETS: sources,
    LMS_HTTP_TOKENS: tokens = [],
    LMS_PUBLIC_URL: publicUrl = '(none)',
    LMS_LINK_SECRET: linkSecret,
    LMS_MAIL_URL: mailUrl,
    LMS_MAIL_FROM: mailFrom = '(none)',
    LMS_NOTIFY_MAIL_TO: notifiedByMail,
    LMS_NOTIFY_WEBHOOKS: receivers,
    LMS_TEMPORAL_UI_URL: uiUrl = '(none)',
    OTEL_EXPORTER_OTLP_ENDPOINT: traces,
    LMS_CODEC_KEYS: codecKeys,
    LMS_CODEC_TOKEN: codecToken,
    LMS_CODEC_ORIGINS: codecOrigins,
    LMS_METRICS_PORT: metricsPort = '(none)',
    LMS_TEMPORAL_METRICS_PORT: temporalMetricsPort = '(none)',
    LMS_DEPLOYMENT: deployment = '(none)',
    LMS_BUILD_ID: buildId = '(none)',
    ...rest
  } = config;
  return {
    DATABASE_URL: url === undefined ? '(embedded)' : withoutSecrets(url),
    TEMPORAL_CLI: cli,
    MOODLE_CACHE_COMMAND: cacheCommand,
    ...rest,
    LMS_WAIVED_DRIFT: waived.join(','),
    LMS_WEBHOOK_SECRETS: [...sources].map(([name, keys]) => `${name} (keys: ${keys.length})`).join(', '),
    LMS_HTTP_TOKENS: tokens.length === 0 ? '(none)' : tokens.map(shownToken).join(','),
    LMS_PUBLIC_URL: publicUrl,
    LMS_LINK_SECRET: secretShown(linkSecret),
    LMS_MAIL_URL: mailUrl === undefined ? '(none)' : withoutSecrets(mailUrl),
    LMS_MAIL_FROM: mailFrom,
    LMS_NOTIFY_MAIL_TO: notifiedByMail.join(','),
    LMS_NOTIFY_WEBHOOKS: receivers
      .map(({ name, url, secrets }) => `${name} (${new URL(url).origin}, secrets: ${secrets.length})`)
      .join(', '),
    LMS_TEMPORAL_UI_URL: uiUrl,
    OTEL_EXPORTER_OTLP_ENDPOINT: traces === undefined ? '(none)' : withoutSecrets(traces),
    LMS_CODEC_KEYS: codecKeys.map(({ id }) => `${id}:***`).join(','),
    LMS_CODEC_TOKEN: secretShown(codecToken),
    LMS_CODEC_ORIGINS: codecOrigins.join(','),
    LMS_METRICS_PORT: metricsPort,
    LMS_TEMPORAL_METRICS_PORT: temporalMetricsPort,
    LMS_DEPLOYMENT: deployment,
    LMS_BUILD_ID: buildId,
  };
}

function shownToken({ name, scope }: HttpToken): string {
  return `${name}${scope === null ? '' : `:${scope}`}=***`;
}

function secretShown(secret: string | undefined): string {
  return secret === undefined ? '(none)' : '***';
}

/** A URL that may be shown. */
export function withoutSecrets(url: string): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  return shown.href;
}
