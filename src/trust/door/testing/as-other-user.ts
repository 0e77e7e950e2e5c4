import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Whether this process may become somebody else. */
export const canBecomeOther = process.getuid?.() === 0;

/** Becomes the user of nobody's things, and tries. Node is loaded before, so it need not be readable for that user. */
const program = `
const [kind, target] = process.argv.slice(1);
const { connect } = require('node:net');
const { readFileSync, readdirSync } = require('node:fs');
process.setgroups([]); process.setgid(65534); process.setuid(65534);
const say = (text) => process.stdout.write(text);
const tries = {
  read: () => say(readFileSync(target, 'utf8')),
  list: () => say(readdirSync(target).join()),
  connect: () => connect(target, function () { say('connected'); this.destroy(); }).on('error', ({ code }) => say(code)),
  post: () => {
    const [url, body] = JSON.parse(target);
    const headers = { 'content-type': 'application/json', 'content-length': body.length, authorization: 'Bearer guessed' };
    const request = require('node:http').request(url, { method: 'POST', headers }, async (answer) => {
      say(answer.statusCode + ' ' + (await answer.toArray()).join(''));
    });
    request.end(body);
  },
};
(async () => tries[kind]())().catch(({ code }) => say(code));
`;

/**
 * What another user of this computer gets who reads a file, lists a folder, connects to a socket, or posts to an address
 * (`target` is then JSON of the address and the body): what it read, or the code of the system’s refusal.
 */
export async function asOtherUser(
  kind: 'read' | 'list' | 'connect' | 'post',
  target: string,
): Promise<string> {
  const child = spawn(process.execPath, ['-e', program, kind, target], {
    cwd: '/',
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (part) => (out += String(part)));
  await once(child, 'close');
  return out;
}
