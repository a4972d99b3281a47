import type { Notice, NoticeData, NoticeType } from '../contracts/notices.ts';

/** Where the Temporal Web UI is. */
export interface Ui {
  url: string;
  namespace: string;
}

const titles: Readonly<Record<NoticeType, (data: NoticeData) => string>> = {
  'operation.approval_requested': ({ kind, users }) => `Approval needed: ${kind}, ${many(users, 'user')}`,
  'operation.attention_needed': ({ kind }) => `Needs attention: ${kind}`,
  'operation.ended': ({ kind, state }) => `Ended: ${kind}, ${state}`,
};

/** A notice as a mail: plain text, ids only. */
export function mailOf(notice: Notice, ui?: Ui): { subject: string; text: string } {
  const { type, timestamp, data } = notice;
  const parts = [
    [...about(data), `at: ${timestamp}`],
    plan(data),
    attention(data),
    [...whatCanBeDone(type, data), ...(ui ? [`In the Temporal Web UI: ${pageOf(ui, data)}`] : [])],
  ];
  const text = parts.filter((part) => part.length > 0).map((part) => part.map(oneLine).join('\n'));
  return { subject: titles[type](data), text: `${text.join('\n\n')}\n` };
}

/** Ids are free text: a line stays one line. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}

function about({ operation, kind, state, requestedBy, user, because }: NoticeData): string[] {
  return [
    `operation: ${operation} (${kind})`,
    ...(user === null ? [] : [`of user: ${user}`]),
    `asked for by user: ${requestedBy ?? 'unknown'}`,
    `state: ${state}`,
    `because: ${because}`,
  ];
}

function plan({ planHash, counts, users, expiresAt }: NoticeData): string[] {
  if (planHash === null) return [];
  return [
    `The plan changes ${many(users, 'user')}:`,
    ...Object.entries(counts).map(([kind, n]) => `  ${kind}: ${n}`),
    `plan hash: ${planHash}`,
    ...(expiresAt === null ? [] : [`can be approved until: ${expiresAt}`]),
  ];
}

function attention({ attention: lines }: NoticeData): string[] {
  if (lines.length === 0) return [];
  const texts = lines.map(
    ({ line, user, type, message }) => `  line ${line}, user ${user ?? '?'}: ${type}, ${message}`,
  );
  return ['Lines that need attention, the first ones:', ...texts];
}

function whatCanBeDone(type: NoticeType, { operation, planHash }: NoticeData): string[] {
  const look = `lms-lifecycle ops show ${operation} --changes`;
  const commands: Record<NoticeType, string[]> = {
    'operation.approval_requested': [
      look,
      `lms-lifecycle ops approve ${operation} --as <your user id> --plan-hash ${planHash ?? ''}`,
      `lms-lifecycle ops reject ${operation} --as <your user id> --reason <why>`,
    ],
    'operation.attention_needed': [
      look,
      `lms-lifecycle ops retry ${operation}`,
      `lms-lifecycle ops skip ${operation}`,
    ],
    'operation.ended': [look],
  };
  return ['What can be done, on the command line:', ...commands[type].map((command) => `  ${command}`)];
}

function pageOf({ url, namespace }: Ui, { workflowId }: NoticeData): string {
  const path = ['namespaces', namespace, 'workflows', workflowId].map(encodeURIComponent).join('/');
  return new URL(path, url.endsWith('/') ? url : `${url}/`).href;
}

function many(n: number, what: string): string {
  return n === 1 ? `1 ${what}` : `${n} ${what}s`;
}
