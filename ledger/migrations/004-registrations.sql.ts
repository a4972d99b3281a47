/**
 * Operations on registrations: a line may name a user together with an activity, so that a user can have several lines, all of
 * them in one chunk.
 */
export const registrations = /* sql */ `
alter table lms_lifecycle.operation_target add column activity text;
`;
