import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

import { replaceFile } from '../../base/index.node.ts';

/**
 * What the tools of one client read before each call: where the app is to be found now, and the client's token. The file
 * is its owner's only and lasts as long as the app runs; so the token is in no argument, no environment and no
 * configuration.
 */
export interface DoorAddress {
  readonly at: { readonly socket: string } | { readonly port: number };
  readonly token: string;
}

const shape = z.strictObject({
  at: z.union([
    z.strictObject({ socket: z.string().min(1) }),
    z.strictObject({ port: z.int().min(1).max(65_535) }),
  ]),
  token: z.string().min(1).max(100),
}) satisfies z.ZodType<DoorAddress>;

function pathOf(folder: string, client: string): string {
  return join(folder, `${client}.client.json`);
}

/** @throws the system's error if it cannot be written */
export function writeAddress(folder: string, client: string, address: DoorAddress): void {
  replaceFile(pathOf(folder, client), `${JSON.stringify(address)}\n`);
}

/** Null where the app does not run, or does not let this client in. */
export function readAddress(folder: string, client: string): DoorAddress | null {
  try {
    return shape.parse(JSON.parse(readFileSync(pathOf(folder, client), 'utf8')));
  } catch {
    return null;
  }
}

/** Takes it away; it may be gone already. */
export function removeAddress(folder: string, client: string): void {
  rmSync(pathOf(folder, client), { force: true });
}
