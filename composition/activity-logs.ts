import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** What an activity is about. */
export interface About {
  operation?: string;
  chunk?: number;
}

/** Whatever an activity says in the log, it says of which operation, and of which chunk where there is one. */
export const activityLogs: ActivityInterceptorsFactory = () => {
  let about: About = {};
  return {
    inbound: {
      execute: (input, next) => {
        about = aboutOf(input.args[0]);
        return next(input);
      },
    },
    outbound: { getLogAttributes: (attributes, next) => next({ ...attributes, ...about }) },
  };
};

/** All activities take the operation's id, and a chunk's its number; who is told something takes the notice. */
export function aboutOf(input: unknown): About {
  if (typeof input !== 'object' || input === null) return {};
  if ('notice' in input) return aboutOf(Reflect.get(Object(input.notice), 'data'));
  const { operation, chunk } = input as Record<string, unknown>;
  return {
    ...(typeof operation === 'string' && { operation }),
    ...(typeof chunk === 'number' && { chunk }),
  };
}
