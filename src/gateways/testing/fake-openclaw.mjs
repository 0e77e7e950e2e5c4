// Stands in for OpenClaw's entry in tests of the process host. What it does is written in `behaviour` in its own folder.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const behaviour = readFileSync('behaviour', 'utf8').trim();
process.stdout.write(`argv ${JSON.stringify(process.argv.slice(2))}\n`);
if (process.argv[2] === 'doctor') process.exit(0);
if (behaviour.startsWith('exit')) process.exit(Number(behaviour.split(' ')[1]));
const { gateway } = JSON.parse(readFileSync(process.env.OPENCLAW_CONFIG_PATH, 'utf8'));
createServer((_request, response) =>
  response.end(
    JSON.stringify({
      ok: true,
      tokenLength: process.env.OPENCLAW_GATEWAY_TOKEN.length,
      env: Object.keys(process.env),
    }),
  ),
).listen(gateway.port, '127.0.0.1');
