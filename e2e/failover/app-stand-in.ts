/** What an app is to a guardian: a client that holds its control socket. `app-stand-in.ts SOCKET` */
import { attach } from './world/status-feed.ts';

const feed = attach(process.argv[2] ?? '');
await feed.until(() => true);
process.stdout.write('attached\n');
