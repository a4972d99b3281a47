import { Context } from '@temporalio/activity';
import { approve, mayDecide } from './approval.ts';
import type { Decision } from './approval.ts';
import { applyStep } from './apply-step.ts';
import type { StepOutcome } from './apply-step.ts';
import { atTheEdge } from './at-the-edge.ts';
import { attentionOf, retryAttention, skipAttention } from './attention.ts';
import { begin } from './begin.ts';
import type { Begun } from './begin.ts';
import { close } from './close.ts';
import type { Closed, CloseRequest } from './close.ts';
import type { Dependencies } from './dependencies.ts';
import { findLatecomers } from './find-latecomers.ts';
import { findTargets } from './find-targets.ts';
import type { Found } from './find-targets.ts';
import { judge } from './judge.ts';
import { mailReport } from './mail-report.ts';
import { tell } from './notices.ts';
import { open } from './open.ts';
import type { Opened, OpenRequest } from './open.ts';
import { openReport } from './open-report.ts';
import type { OpenedReport } from './open-report.ts';
import { plan } from './plan.ts';
import type { ChunkRef } from './operation.ts';
import { refreshHost } from './refresh-host.ts';
import { seal } from './seal.ts';
import type { SealedPlan } from './seal.ts';
import { verify } from './verify.ts';
import type { Verified } from './verify.ts';
import { discardReport, writeReport } from './write-report.ts';
import type { Step } from '../contracts/changes.ts';
import type { Notice } from '../contracts/notices.ts';
import type { Attention } from '../contracts/operations.ts';
import type { WrittenReport } from '../contracts/reports.ts';

/** The activities by the names under which the Temporal UI shows them. */
export type Activities = ReturnType<typeof createActivities>;

/** Every activity may run again at any time; what it has committed it does not do twice. */
export function createActivities(deps: Dependencies) {
  const edge = <Input, Output>(
    activity: (input: Input) => Promise<Output>,
  ): ((input: Input) => Promise<Output>) => atTheEdge(activity, deps.metrics);
  const step = (name: Step): ((chunk: ChunkRef) => Promise<StepOutcome>) =>
    edge((chunk: ChunkRef) => applyStep(deps, name, chunk, Context.current().info.attempt));
  return {
    open: edge((request: OpenRequest): Promise<Opened> => open(deps, request)),
    findTargets: edge((ref: { operation: string; after: number }): Promise<Found> => findTargets(deps, ref)),
    findLatecomers: edge((ref: { operation: string; chunks: number }): Promise<number> =>
      findLatecomers(deps, ref),
    ),
    judge: edge((chunk: ChunkRef): Promise<void> => judge(deps, chunk)),
    plan: edge((chunk: ChunkRef): Promise<void> => plan(deps, chunk)),
    seal: edge((ref: { operation: string }): Promise<SealedPlan> => seal(deps, ref)),
    mayDecide: edge((decision: Decision): Promise<void> => mayDecide(deps, decision)),
    approve: edge((decision: Decision): Promise<void> => approve(deps, decision)),
    begin: edge((chunk: ChunkRef): Promise<Begun> => begin(deps, chunk)),
    updateProfiles: step('updateProfiles'),
    deleteGroups: step('deleteGroups'),
    restoreGroups: step('restoreGroups'),
    removeLinks: step('removeLinks'),
    restoreLinks: step('restoreLinks'),
    transferOwnership: step('transferOwnership'),
    leaveSlots: step('leaveSlots'),
    leaveSessions: step('leaveSessions'),
    leaveGroups: step('leaveGroups'),
    deassignContent: step('deassignContent'),
    unenrol: step('unenrol'),
    removeRegistrations: step('removeRegistrations'),
    enrolQualified: step('enrolQualified'),
    copyActivities: step('copyActivities'),
    retireAccounts: step('retireAccounts'),
    reinstateAccounts: step('reinstateAccounts'),
    joinGroups: step('joinGroups'),
    joinSessions: step('joinSessions'),
    joinSlots: step('joinSlots'),
    assignContent: step('assignContent'),
    reenrol: step('reenrol'),
    removeCopies: step('removeCopies'),
    returnOwnership: step('returnOwnership'),
    verify: edge((ref: ChunkRef & { round: number }): Promise<Verified> => verify(deps, ref)),
    listAttention: edge((ref: { operation: string }): Promise<Attention[]> => attentionOf(deps, ref)),
    retryAttention: edge((ref: { operation: string }): Promise<void> => retryAttention(deps, ref)),
    skipAttention: edge((ref: { operation: string }): Promise<void> => skipAttention(deps, ref)),
    refreshHost: edge((_: { operation: string }): Promise<{ warnings: string[] }> => refreshHost(deps)),
    openReport: edge((request: OpenRequest): Promise<OpenedReport> => openReport(deps, request)),
    writeReport: edge((ref: { operation: string }): Promise<WrittenReport> =>
      writeReport(deps, ref, Context.current().cancellationSignal),
    ),
    discardReport: edge((ref: { operation: string }): Promise<void> => discardReport(deps, ref)),
    mailReport: edge((ref: { operation: string; report: WrittenReport }): Promise<void> =>
      mailReport(deps, ref),
    ),
    close: edge((request: CloseRequest): Promise<Closed> => close(deps, request)),
    listRecipients: edge((_: { operation: string }): Promise<string[]> =>
      Promise.resolve([...(deps.recipients?.keys() ?? [])]),
    ),
    tell: edge((ref: { recipient: string; notice: Notice }): Promise<void> => tell(deps, ref)),
  };
}
