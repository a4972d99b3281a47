/** Who may import whom. A room that is not named here may import nothing of ours. */
const rooms = {
  contracts: [],
  rules: ['contracts'],
  workflows: ['contracts', 'activities(t)'],
  activities: ['contracts', 'rules', 'ledger', 'database', 'imports', 'reports', 'adapters/host-lms.ts(t)'],
  notifications: ['contracts', 'reports/mailer.ts(t)', 'webhooks/signature.ts', 'webhooks/source-secrets.ts'],
  adapters: ['contracts', 'database'],
  ledger: ['contracts', 'database', 'adapters/host-lms.ts(t)'],
  database: ['contracts/sql.ts(t)'],
  client: ['contracts', 'workflows(t)', 'http/tokens.ts'],
  imports: ['contracts', 'client'],
  reports: ['contracts', 'client', 'imports/cell-ref.ts', 'imports/crc32.ts'],
  webhooks: ['contracts', 'client', 'ledger', 'database', 'adapters/host-lms.ts(t)'],
  'imports/http': ['contracts', 'activities', 'client', 'database', 'http', 'imports', 'ledger'],
  http: ['contracts', 'database'],
  'webhooks/scim': [
    'contracts',
    'rules',
    'database',
    'http',
    'ledger',
    'webhooks',
    'adapters/host-lms.ts(t)',
  ],
  dev: ['workflows/index.ts'],
  composition: [
    'config.ts',
    'contracts',
    'activities/preflight.ts',
    'activities(t)',
    'adapters',
    'client',
    'database',
    'ledger',
    'notifications',
    'reports',
    'webhooks/trace-carrier.ts(t)',
    'dev',
  ],
  commands: ['.'],
};

/** Packages that a room may use; node's own modules are for rooms that do I/O. */
const packages = {
  contracts: ['zod'],
  rules: ['temporal-polyfill', 'json-logic-engine'],
  workflows: ['@temporalio/workflow', '@temporalio/common', '@temporalio/interceptors-opentelemetry'],
  activities: ['@temporalio/activity', 'zod', 'node:'],
  adapters: ['pg', 'node:'],
  ledger: ['pg'],
  database: ['pg', 'knex'],
  client: ['@temporalio/client', '@temporalio/common', 'fastify', 'zod', 'node:'],
  webhooks: ['fastify', 'zod', 'node:'],
  imports: ['csv-parse', 'saxes', 'stream-json', 'write-excel-file', 'yauzl', 'node:'],
  'imports/http': ['fastify', '@fastify/multipart', '@temporalio/client', 'zod', 'node:'],
  http: ['fastify', '@temporalio/client', 'zod', 'node:'],
  'webhooks/scim': ['fastify', 'zod', 'node:'],
  reports: ['csv-stringify', 'fastify', 'nodemailer', 'node:'],
  notifications: [],
};

/** Rooms within a room have rules of their own. */
const within = (room) =>
  Object.keys(rooms)
    .filter((name) => name.startsWith(`${room}/`))
    .map((name) => `^${name}/`);
const from = (room) => ({ path: `^${room}/`, ...(within(room).length > 0 ? { pathNot: within(room) } : {}) });

const escape = (text) => text.replaceAll('.', '\\.').replaceAll('/', '\\/');
const valueImports = ['local', 'import', 'require', 'dynamic-import', 'export'];

function roomRule(room, allowed) {
  const own = `^${room}/`;
  const whole = allowed.filter((name) => !name.endsWith('(t)')).map((name) => `^${escape(name)}`);
  const types = allowed.filter((name) => name.endsWith('(t)')).map((name) => `^${escape(name.slice(0, -3))}`);
  const anywhere = allowed.includes('.') ? ['.'] : whole;
  return [
    {
      name: `${room}-imports-only-its-rooms`,
      severity: 'error',
      from: from(room),
      to: {
        pathNot: [own, ...anywhere, ...types, 'node_modules', '^(node:)?[a-z_/]+$'],
        dependencyTypesNot: ['core'],
      },
    },
    ...types.map((path) => ({
      name: `${room}-takes-only-types-from-${path}`,
      severity: 'error',
      from: from(room),
      to: { path, pathNot: whole.length > 0 ? whole : undefined, dependencyTypesNot: ['type-only', 'core'] },
    })),
  ];
}

function packageRule(room, allowed) {
  const npm = allowed
    .filter((name) => name !== 'node:')
    .map((name) => `node_modules/(@types/)?${escape(name)}/`);
  return [
    {
      name: `${room}-uses-only-its-packages`,
      severity: 'error',
      from: from(room),
      to: { path: 'node_modules/', pathNot: npm.length > 0 ? npm : undefined },
    },
    ...(allowed.includes('node:')
      ? []
      : [
          {
            name: `${room}-uses-no-node-module`,
            severity: 'error',
            from: from(room),
            to: { dependencyTypes: ['core'] },
          },
        ]),
  ];
}

module.exports = {
  forbidden: [
    ...Object.entries(rooms).flatMap(([room, allowed]) => roomRule(room, allowed)),
    ...Object.entries(packages).flatMap(([room, allowed]) => packageRule(room, allowed)),
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-imports-a-root',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^(cli|worker|server)\\.ts$' },
    },
    {
      name: 'only-compositions-build-an-adapter',
      severity: 'error',
      from: { pathNot: '^(adapters|composition|commands|test|bench)/' },
      to: { path: '^adapters/(reference|moodle)/' },
    },
    {
      name: 'adapters-know-no-temporal',
      severity: 'error',
      from: { path: '^adapters/' },
      to: { path: '@temporalio' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
