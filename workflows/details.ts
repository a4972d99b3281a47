import type { Lifecycle } from './lifecycle.ts';

/** What the workflow's page in the Temporal UI says at this moment, as Markdown; ids only. */
export function currentDetails(life: Lifecycle): string {
  return [heading(life), planTable(life), whatCanBeDone(life), attentionList(life)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function heading({ state, step, sealed, applied, conflicts }: Lifecycle): string {
  const progress = sealed ? ` · ${applied} of ${sealed.total} changes applied` : '';
  const drift = conflicts > 0 ? ` · ${conflicts} met somebody else's change and were left alone` : '';
  return `**${state}** · step ${step}${progress}${drift}`;
}

function planTable({ sealed }: Lifecycle): string {
  if (!sealed) return '';
  const counts = Object.entries(sealed.counts).map(([kind, n]) => `| ${kind} | ${n} |`);
  if (counts.length === 0) return 'The plan is empty: nothing has to change.';
  const lines = sealed.lines.slice(0, 10).map(({ kind, user, item, rule, because }) => {
    const what = Object.values(item).map(String).join(' ');
    return `- ${kind} ${what} (user ${user}): ${rule}, ${because}`;
  });
  const more = sealed.total > lines.length ? [`- … all: \`ops show\` with \`--changes\``] : [];
  return ['| change | how many |', '| --- | --- |', ...counts, '', ...lines, ...more].join('\n');
}

function whatCanBeDone({ state, sealed }: Lifecycle): string {
  if (state !== 'waiting-for-approval' || !sealed) return '';
  return [
    `Waits for approval: ${sealed.approvalBecause ?? ''}. Send the Update **approve** with`,
    '```json',
    JSON.stringify({ by: '<your user id>', planHash: sealed.planHash }),
    '```',
    'or **reject** with',
    '```json',
    JSON.stringify({ by: '<your user id>', reason: '<why>' }),
    '```',
  ].join('\n');
}

function attentionList({ attention }: Lifecycle): string {
  if (attention.length === 0) return '';
  const lines = attention
    .slice(0, 20)
    .map(({ line, user, type, message }) => `- line ${line}, user ${user ?? '?'}: ${type}, ${message}`);
  return ['Needs attention:', ...lines].join('\n');
}
