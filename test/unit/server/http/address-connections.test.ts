import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { AddressConnections } from '@launchlog/server/http/address-connections';

class Connection extends EventEmitter {
  readonly remoteAddress: string;
  destroyed = false;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): this {
    this.destroyed = true;
    return this;
  }
}

const limited = () => new AddressConnections({ max: 2, isTrusted: (address) => address === '10.0.0.1' });

test('one address gets its number of connections, another one its own, and a closed one makes room', () => {
  const connections = limited();
  const [first, second, third] = Array.from({ length: 3 }, () => new Connection('192.0.2.1'));
  const admitted = [first, second, third].map((each) => each !== undefined && connections.admit(each));
  expect(admitted).toEqual([true, true, false]);
  expect([first?.destroyed, third?.destroyed]).toEqual([false, true]);
  expect(connections.admit(new Connection('192.0.2.2'))).toBe(true);
  first?.emit('close');
  expect(connections.admit(new Connection('192.0.2.1'))).toBe(true);
  expect(connections.admit(new Connection('::ffff:192.0.2.1'))).toBe(false);
});

test('the addresses of one IPv6 network are one client', () => {
  const connections = limited();
  const admitted = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:1::1'].map((address) =>
    connections.admit(new Connection(address)),
  );
  expect(admitted).toEqual([true, true, false, true]);
});

test('the connections of a trusted proxy are those of many clients', () => {
  const connections = limited();
  for (let count = 0; count < 9; count += 1) expect(connections.admit(new Connection('10.0.0.1'))).toBe(true);
});
