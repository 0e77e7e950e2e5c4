import { loadChanged } from '../../src/base/testing/changed-sources.node.ts';
import type { DoorParts } from './loopback.ts';

/** The door with a hole: it asks neither where a request was meant to go nor whether a web page sent it. */
export async function unguardedDoor(): Promise<DoorParts> {
  const file = 'trust/door/http-way.node.ts';
  const holes = [
    [
      "if (headers.host !== host || count('host') !== 1)",
      'if (headers.host === host && count("") === 1)',
    ],
    ['if (isFromBrowser) return', 'if (isFromBrowser && host === "") return'],
  ] as const;
  const [door] = await loadChanged(
    ['base', 'shared', 'trust'],
    holes.map(([from, to]) => ({ file, from, to })),
    ['trust/door/open-agent-door.node.ts'],
  );
  return door as DoorParts;
}
