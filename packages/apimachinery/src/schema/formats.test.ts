import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkedFormat, hasFormat } from './formats.js';

// examples from the tests of kube-openapi strfmt and from the RFCs
const GOOD: Readonly<Record<string, readonly string[]>> = {
  'date-time': ['2014-12-15T19:30:20.000Z', '2006-01-02t15:04:05+07:00', '2999-01-02T03:04:05Z'],
  date: ['2024-02-29', '2000-12-31'],
  duration: ['1h30m', '5 seconds', '22 ns', '1 week', '0', '-1.5h', '3 hours'],
  email: ['a@example.com', 'Ann <ann@example.com>', '"a b"@example.com'],
  hostname: ['example.com', 'localhost', 'a-b.example.org'],
  ipv4: ['10.0.0.1', '192.168.001.001', '::ffff:1.2.3.4'],
  ipv6: ['::1', '2001:db8::1', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4'],
  cidr: ['10.0.0.0/8', '2001:db8::/32'],
  mac: ['01:02:03:04:05:06', '01-02-03-04-05-06', '0123.4567.89ab'],
  uri: ['https://example.com/x', '/absolute', 'urn:x'],
  uuid: ['123e4567-e89b-12d3-a456-426614174000', '123E4567E89B12D3A456426614174000'],
  uuid4: ['25e7b3b9-4d1e-4c7e-8f3a-0123456789ab'],
  isbn10: ['0321751043'],
  isbn13: ['978-0321751041'],
  creditcard: ['4111-1111-1111-1111'],
  ssn: ['111-11-1111'],
  hexcolor: ['#FFFFFF', 'abc'],
  rgbcolor: ['rgb(255, 0,10)'],
  byte: ['aGVsbG8=', 'AA=='],
  bsonobjectid: ['507f1f77bcf86cd799439011'],
  password: ['anything'],
};
const BAD: Readonly<Record<string, readonly string[]>> = {
  'date-time': ['yesterday', '2014-12-15', '2014-02-30T00:00:00Z', '2014-12-15T25:00:00Z', ''],
  date: ['2023-02-29', '24-1-1', '2024-13-01'],
  duration: ['5 parsecs', '', 'one hour', `${'1'.repeat(100_000)}x`],
  email: ['a', '@b', 'a@', 'a b@c'],
  hostname: ['-a', 'a_b', ''],
  ipv4: ['300.1.1.1', '1.2.3', '::1'],
  ipv6: ['10.0.0.1', '1::2::3', ':::', '1:2:3:4:5:6:7', 'fe80::1%eth0'],
  cidr: ['10.0.0.0', '10.0.0.0/33', '::/129'],
  mac: ['01:02:03', '01:02-03:04:05:06'],
  uri: ['', 'not a uri', 'http://a/%zz'],
  uuid: ['1234'],
  uuid4: ['123e4567-e89b-12d3-a456-426614174000'],
  isbn10: ['0321751044'],
  isbn13: ['978-0321751042'],
  creditcard: ['4111-1111-1111-1112'],
  ssn: ['111111111'],
  hexcolor: ['#FFFF'],
  rgbcolor: ['rgb(256,0,0)'],
  byte: ['***', 'AAA', ''],
  bsonobjectid: ['507f'],
};

for (const [format, values] of Object.entries(GOOD)) {
  test(`${format} accepts what it should`, () => {
    for (const value of values) assert.equal(hasFormat(value, format), true, value);
  });
}
for (const [format, values] of Object.entries(BAD)) {
  test(`${format} refuses what it should`, () => {
    for (const value of values) assert.equal(hasFormat(value, format), false, value);
  });
}

test('formats count only for the type that they are for', () => {
  assert.equal(checkedFormat(['string'], 'date-time'), 'date-time');
  assert.equal(checkedFormat(['string'], 'postcode'), '');
  assert.equal(checkedFormat(['integer'], 'int32'), 'int32');
  assert.equal(checkedFormat(['integer'], 'date'), '');
  assert.equal(checkedFormat(['object'], 'date'), '');
});
