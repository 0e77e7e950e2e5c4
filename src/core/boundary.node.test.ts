import { expect, test } from 'vitest';

import { boundaryOf } from './boundary.ts';
import { listenerOf } from './gateway-places.node.ts';

const keyring = { kind: 'keyring', detail: 'a keychain' } as const;
const at = (place: 'same-user' | 'other-user' | 'other-computer' | 'unknown') => ({
  gatewayId: place,
  place,
  detail: '',
});

test.each([
  [[], 'unknown'],
  [[at('other-user')], 'strong'],
  [[at('other-computer'), at('other-user')], 'strong'],
  [[at('other-computer'), at('same-user')], 'weak'],
  [[at('other-computer'), at('unknown')], 'fair'],
] as const)('the boundary of %j is %s', (gateways, strength) => {
  expect(boundaryOf(gateways, keyring).strength).toBe(strength);
});

test('without a keychain it is never strong', () => {
  const memory = { kind: 'memory', detail: 'none' } as const;
  expect(boundaryOf([at('other-computer')], memory).strength).toBe('fair');
  expect(boundaryOf([at('same-user')], memory).strength).toBe('weak');
});

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:4965 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 1
   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2
   2: 0100007F:4966 0100007F:4965 01 00000000:00000000 00:00000000 00000000  1000        0 3
`;

test('the table of sockets tells as whom a port is served', () => {
  expect(listenerOf([table], 0x4965)).toBe(1001);
  expect(listenerOf([table], 0x1f90)).toBe(0);
  expect(listenerOf([table], 0x4966)).toBeNull(); // a connection, not a listener
  expect(listenerOf(['nonsense\n', ''], 80)).toBeNull();
});
