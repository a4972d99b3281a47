#!/usr/bin/env node
/** Root: the command line (spec: interface). Parses, and hands over to commands/. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { control, pace } from './commands/control.ts';
import { explainUser } from './commands/explain.ts';
import * as host from './commands/host.ts';
import * as imports from './commands/import.ts';
import * as inbox from './commands/inbox.ts';
import * as ops from './commands/ops.ts';
import { exitCodes, print, reportFailure } from './commands/output.ts';
import type { Answer } from './commands/output.ts';
import { reportUsers } from './commands/report.ts';
import { deleteUser, run, withStartOptions } from './commands/run.ts';
import * as schedule from './commands/schedule.ts';
import { start } from './commands/start.ts';
import { generate } from './commands/world.ts';
import { effectiveSettings, readConfig } from './config.ts';
import { importActions } from './contracts/imports.ts';
import { purposes } from './ledger/privileges.ts';
import { reportFormats, userColumns } from './contracts/reports.ts';

const program = new Command('lms-lifecycle')
  .description('Safe, durable, explainable removal of people from an existing LMS')
  .exitOverride();
program.showHelpAfterError();

program
  .command('start')
  .description(
    'everything embedded: PostgreSQL, Temporal with its Web UI, a demo world, the worker, the HTTP server',
  )
  .option('--fresh', 'forget the data of earlier starts')
  .option('--world <file>', 'the world to begin with, in an empty host')
  .option('--users <n>', 'begin with a generated world of this many users', count)
  .option('--ports <which>', 'auto: free ones; fixed: the usual ones', 'fixed')
  .option('--json', 'print the addresses as one line of JSON when everything is ready')
  .action(async (options: Parameters<typeof start>[0]) => {
    await start(options).catch((error: unknown) => reportFailure(error, {}));
  });

const hosts = program.command('host').description('the host LMS');
command(hosts, 'load <file>', 'write a world file into the reference host', host.load).option(
  '--replace',
  'empty it first',
);
command(hosts, 'dump [file]', "write the reference host's world to a file or stdout", host.dump);
command(hosts, 'migrate', 'bring our schema up to date, as its owner', host.migrate);
command(hosts, 'grants', 'the SQL that gives a database role what it needs, and no more', host.grants)
  .addOption(new Option('--for <purpose>', 'what runs with the role').choices(purposes).makeOptionMandatory())
  .requiredOption('--role <name>', 'made unless it is there; not the owner of our schema');
command(hosts, 'check', "compare the host's schema with the one that is known", host.check);

command(program.command('world').description('world files'), 'generate', 'write a realistic world', generate)
  .requiredOption('--users <n>', 'how many users', count)
  .requiredOption('--seed <s>', 'the same seed makes the same world')
  .option('--shape <shape>', 'small-business, university or enterprise')
  .option('--out <file>', 'default: stdout');

withStartOptions(command(program, 'run <workflow>', 'start any operation', run))
  .option('--input <json>', 'its input as JSON, or @FILE')
  .option('--file <list>', 'its users: a CSV file with a header, or one user per line');
withStartOptions(
  command(program, 'delete-user <ref>', 'delete a user, named by id or email', deleteUser),
).option('--include-private-subgroups', 'also where the user is in private subgroups');

const operations = program.command('ops').description('operations');
command(operations, 'list', 'the latest ones', ops.list).option('--limit <n>', 'how many', count, 50);
command(operations, 'show <id>', 'the story of one', ops.show).option('--changes', 'every change, and why');
command(operations, 'approve <id>', 'approve its plan', ops.approveOperation)
  .option('--as <ref>', 'who approves (default: who asked for it)')
  .option('--plan-hash <hash>', 'the plan that you have looked at')
  .option('--yes', 'do not ask');
command(operations, 'reject <id>', 'end it without a change', ops.rejectOperation)
  .option('--as <ref>', 'who rejects (default: who asked for it)')
  .requiredOption('--reason <text>', 'why');
command(operations, 'pause <id>', 'begin no further chunk until it is resumed', control('pause'));
command(operations, 'resume <id>', 'go on after a pause', control('resume'));
command(operations, 'cancel <id>', 'end it after the chunks that are being applied', control('cancel'));
command(operations, 'retry <id>', 'try again the users whom the host refused to change', control('retry'));
command(operations, 'skip <id>', 'give up the users whom the host refused to change', control('skip'));
command(operations, 'pace <id> <users-per-second>', 'slow it down; `none` for no limit', pace);
withStartOptions(command(operations, 'undo <id>', 'take it back', ops.undoOperation)).option(
  '--user <ref...>',
  'only what it did to these users',
);

const deliveries = program.command('inbox').description('what was told by webhook, and what became of it');
command(deliveries, 'list', 'the latest deliveries', inbox.list)
  .option('--limit <n>', 'how many', count, 50)
  .option('--state <state>', 'only those that are received, ignored, started or failed');

const importing = program.command('import').description('many users at once, by spreadsheet');
command(importing, 'find <text>', 'courses and paths by title or id', imports.findActivities).option(
  '--limit <n>',
  'how many',
  count,
  50,
);
command(importing, 'template', 'a spreadsheet to fill in', imports.template)
  .requiredOption('--action <action>', importActions.join(', '))
  .option('--activity <id...>', 'the courses and paths that get a column')
  .option('--group <id>', 'the group to remove users from')
  .option('--include-private-subgroups', 'when users are deleted or removed from a group')
  .requiredOption('--out <file>', 'an xlsx file');
command(importing, 'check <file>', 'who will be dealt with, who cannot be, and why', imports.check).option(
  '--as <ref>',
  "look at this user's rights",
);
withStartOptions(command(importing, 'start <id>', 'run what a check has shown', imports.startImport));

const reporting = program.command('report').description('lists for spreadsheet programs');
command(reporting, 'users', 'all users, the deleted ones too', reportUsers)
  .option('--columns <names>', 'which columns, separated by commas: see below')
  .option('--saved <name>', 'the columns that were saved under this name')
  .option('--save <name>', 'save these columns under a name')
  .addOption(
    new Option('--format <format>', 'default: by the ending of --out, or csv').choices(reportFormats),
  )
  .option('--out <file>', 'default: stdout')
  .option('--as <ref>', "look at this user's rights")
  .addHelpText('after', () => columnsText());

const schedules = program
  .command('schedule')
  .description('the daily automatic deletion, and the daily sweep of qualifications');
command(schedules, 'install', "in the platform's time zone, every day", schedule.install)
  .option('--repair', 'the sweep repairs what it finds, from now on')
  .option('--report', 'the sweep only reports what it finds (so it begins)');
command(schedules, 'remove', 'neither any more', schedule.remove);

const explanations = program.command('explain').description('why something is as it is');
command(explanations, 'user <ref>', 'what happened to a user, by which operation and rule', explainUser)
  .option('--activity <id>', 'only a course, path or session')
  .option('--group <id>', 'only a group');

command(program, 'config', 'the effective settings, without secrets', settings);

function settings(): Promise<Answer> {
  const effective = effectiveSettings(readConfig());
  const lines = Object.entries(effective).map(([name, value]) => `${name}=${String(value)}`);
  return Promise.resolve({ json: effective, text: lines.join('\n') });
}

function columnsText(): string {
  const lines = Object.entries(userColumns).map(([name, { says }]) => `  ${name.padEnd(24)}${says}`);
  return ['', 'Columns (not every LMS knows all):', ...lines].join('\n');
}

/** A command whose arguments, and then options, go to `action`, and whose answer is printed. */
function command(
  parent: Command,
  usage: string,
  description: string,
  action: (...args: never[]) => Promise<Answer>,
): Command {
  const made = parent.command(usage).description(description).option('--json', 'one JSON document on stdout');
  return made.action(async (...given: unknown[]) => {
    const options: { json?: boolean } = made.opts();
    const args = [...given.slice(0, made.registeredArguments.length), options];
    await action(...(args as never[])).then(
      (answer) => {
        print(answer, options);
      },
      (error: unknown) => {
        reportFailure(error, options);
      },
    );
  });
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('not a whole number');
  return Number(text);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
}
