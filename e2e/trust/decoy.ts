/** A server that nobody has a reason to speak to: it stands at the address in the place of every host that a payload names. */
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface Decoy {
  readonly port: number;
  /** What began each connection since the last call. */
  take(): readonly string[];
  stop(): Promise<void>;
}

/** Starts it on the loopback. */
export async function startDecoy(): Promise<Decoy> {
  const came: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    const index = came.push('a connection') - 1;
    socket.once('data', (data: Buffer) => {
      came[index] = opening(data.toString('latin1'));
      socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    take: () => came.splice(0),
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The first line of plain HTTP; of TLS the name that was asked for. */
function opening(text: string): string {
  if (/^[A-Z]+ /u.test(text)) return text.split('\r\n', 1)[0] ?? '';
  const name = /[a-z0-9-]+(?:\.[a-z0-9-]+)+\.[a-z]{2,}|[a-z0-9-]{3,}\.[a-z]{2,}/u.exec(text)?.[0];
  return `TLS to ${name ?? 'an address'}`;
}

/** The text with every host of an address replaced by the decoy; null when it names none. Pure. */
export function aimedAt(port: number, text: string): string | null {
  const aimed = text
    .replace(/\b(?:https?|wss?|ftp):\/\/[^\s/"'`<>()[\]\\?#]+/giu, `http://127.0.0.1:${port}`)
    .replace(/(["'(=\s]|^)\/\/[\w-]+(?:\.[\w-]+)+/gu, `$1//127.0.0.1:${port}`);
  return aimed === text ? null : aimed;
}
