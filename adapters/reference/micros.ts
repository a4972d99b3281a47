/** SQL for an instant as whole microseconds since 1970 (contracts: Micros); exact, unlike epoch as a double. */
export function micros(expression: string): string {
  return `(extract(epoch from ${expression}) * 1000000)::bigint::float8`;
}
