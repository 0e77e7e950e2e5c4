import { connect, createServer, type AddressInfo, type Server } from 'node:net';

/** What only our page is called; everything else that arrives under its name goes on to the door. */
export const evilPath = '/evil.html';

const page = '<!doctype html><title>evil</title><body></body>';
const answer = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\nConnection: close\r\n\r\n${page}`;

export interface EvilSite {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * A site that serves an empty page at `evilPath`. With `rebound`, anything else is handed on, byte for byte, to that port
 * of 127.0.0.1: what a browser finds after the name of the site was made to point there.
 */
export async function startEvilSite(
  address: string,
  port: number,
  rebound: number | null,
): Promise<EvilSite> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (head) => {
      if (head.toString('latin1').startsWith(`GET ${evilPath} `)) socket.end(answer);
      else if (rebound === null) socket.destroy();
      else {
        const door = connect(rebound, '127.0.0.1');
        door.on('error', () => socket.destroy());
        socket.on('close', () => door.destroy());
        door.write(head);
        socket.pipe(door).pipe(socket);
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
