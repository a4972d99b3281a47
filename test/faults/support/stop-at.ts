import { onTestFinished } from 'vitest';
import type { Adas } from './adas.ts';
import { closeGates } from './gates.ts';
import type { ClosedGates, Gate } from './gates.ts';
import type { Handle } from './site.ts';
import { deletions, undisturbed } from './wave.ts';

/** Brings a deletion to each of the gates; another one, undisturbed, is the model. The gates open with the end of the test. */
export async function stopAt(
  adas: Adas,
  gates: readonly Gate[],
): Promise<{ closed: ClosedGates; model: Handle; stopped: Handle[] }> {
  const closed = await closeGates(adas.site.databaseUrl, gates);
  onTestFinished(() => closed.open());
  const names = adas.lives.names.slice(0, 1 + gates.length);
  const { handles } = await deletions(adas.site, { ...adas.lives, names }, gates);
  await closed.reached();
  const [model, ...stopped] = [undisturbed, ...gates].flatMap((gate) => handles.get(gate) ?? []);
  if (model === undefined) throw new Error('nothing was started');
  return { closed, model, stopped };
}
