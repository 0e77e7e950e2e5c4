import type { JoinContent } from '../pair-join.ts';

/** What a pairing code gives, as `planJoin` makes it for a pair of two computers; shortened where nothing looks. */
export const joinContent: JoinContent = {
  folder: 'switchyard-house',
  files: [
    {
      name: 'guardian.json',
      text: JSON.stringify({
        version: 1,
        stateDir: 'state',
        socket: 'state/guardian.sock',
        pairs: [
          {
            id: 'house',
            name: 'House',
            local: 'standby',
            primary: {
              id: 'den',
              name: 'Den',
              url: 'wss://10.0.0.11:18789',
              tls: { fingerprint: 'ab'.repeat(32) },
            },
            standby: {
              id: 'attic',
              name: 'Attic',
              url: 'ws://127.0.0.1:18789',
              addr: 'ws://10.0.0.12:18789',
              token: { file: 'secrets/token-attic' },
            },
            register: {
              kind: 'witness',
              host: '10.0.0.5',
              port: 18_971,
              secret: { file: 'secrets/register' },
            },
            peer: {
              listen: { host: '10.0.0.12', port: 18_970 },
              connect: { host: '10.0.0.11', port: 18_970 },
              secret: { file: 'secrets/peer' },
            },
          },
        ],
      }),
    },
    { name: 'plugin.json', text: '{}' },
    { name: 'secrets/register', text: 'register-secret' },
    { name: 'secrets/peer', text: 'peer-secret' },
    { name: 'secrets/token-attic', text: '' },
  ],
  commands: ['cd ~/switchyard-house && node guardian.js'],
};
