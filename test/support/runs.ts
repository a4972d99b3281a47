/**
 * How often something random is tried: so often when `LMS_THOROUGH` is set, a quarter of it otherwise, so that all tests
 * together take minutes.
 */
export function runs(many: number): number {
  return process.env['LMS_THOROUGH'] === undefined ? Math.max(2, Math.ceil(many / 4)) : many;
}
