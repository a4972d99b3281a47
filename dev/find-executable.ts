import { access, constants } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/** The paths of the programs of this name in these directories, in their order. */
export async function findExecutables(name: string, dirs: readonly string[]): Promise<string[]> {
  const paths = dirs.filter((dir) => isAbsolute(dir)).map((dir) => join(dir, name));
  const there = await Promise.all(paths.map(isExecutable));
  return paths.filter((_, index) => there[index]);
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
