#!/usr/bin/env node
// The one entry of every npm script. It runs before anything is installed and on any Node from 20 on,
// so it and everything it imports (build/, build/setup/) use `node:` modules only.

const oldestNode = [20, 19];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < (oldestNode[0] ?? 0) || (major === oldestNode[0] && minor < (oldestNode[1] ?? 0))) {
  process.stderr.write(
    `Node ${oldestNode.join('.')} or later is needed to start; this is ${process.versions.node}.\n`,
  );
  process.exit(1);
}

const { runCommand } = await import('./commands.mjs');
// npm removes the `--` before a script's arguments; whoever runs this file directly may have typed it.
const [command, ...args] = process.argv.slice(2);
if (args[0] === '--') args.shift();
process.exitCode = await runCommand(command, args);
