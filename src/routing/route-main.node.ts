import { runRoute } from './route-cli.node.ts';

process.exitCode = await runRoute(process.argv.slice(2), (text) => process.stderr.write(text));
