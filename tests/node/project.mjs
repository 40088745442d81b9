// The packed tarball in an empty project, as a user installs it.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../../', import.meta.url));
/** Runs a command; its output is in the error when it fails. */
export const execute = promisify(execFile);

/** A project with the package of `dist/npm` installed; `remove` deletes it. */
export async function emptyProject() {
  const folder = await mkdtemp(join(tmpdir(), 'dextr-project-'));
  await writeFile(join(folder, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }\n');
  const { stdout } = await execute('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: join(root, 'dist/npm') });
  await execute('npm', ['install', '--offline', '--no-audit', '--no-fund', join(folder, stdout.trim())], { cwd: folder });
  return { folder, remove: () => rm(folder, { recursive: true }) };
}
