/**
 * How often something random is tried: so often when `LMS_THOROUGH` is set, a quarter of it (or `few`) otherwise, so that all
 * tests together take minutes.
 */
export function runs(many: number, few = Math.max(2, Math.ceil(many / 4))): number {
  return process.env['LMS_THOROUGH'] === undefined ? few : many;
}
