import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  configMapKey,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  labelValue,
  nameIsDnsSubdomain,
  nameIsPathSegment,
  qualifiedName,
} from './names.js';

test('names that upstream accepts', () => {
  for (const name of ['a', 'ab', 'a-1', 'a.b', '0.0.0.0', `${'a'.repeat(63)}.b`])
    assert.deepEqual(dns1123Subdomain(name), []);
  for (const name of ['a', 'a-1', '123-abc']) assert.deepEqual(dns1123Label(name), []);
  for (const name of ['a', 'a-1', 'abc-123']) assert.deepEqual(dns1035Label(name), []);
  for (const name of ['simple', '1.2.3.4/5678', 'Uppercase_Is_OK_123', 'example.com/Uppercase_Is_OK_123']) {
    assert.deepEqual(qualifiedName(name), []);
  }
  for (const value of ['', 'now-with-dashes', '1-starts-with-num', 'UPPERCASEisOK'])
    assert.deepEqual(labelValue(value), []);
});

test('names that upstream refuses', () => {
  for (const name of ['', 'A', 'a_b', '-a', 'a-', 'a..b', '.a', 'a b', 'a'.repeat(254)]) {
    assert.notDeepEqual(dns1123Subdomain(name), [], name);
  }
  for (const name of ['0', '1a', 'a.b', 'A']) assert.notDeepEqual(dns1035Label(name), [], name);
  for (const name of ['nospecialchars%^=@', '/simple', 'a/b/c', 'simple/', '-x', 'x'.repeat(64)]) {
    assert.notDeepEqual(qualifiedName(name), [], name);
  }
  for (const value of ['a/b', '-bad-', 'a'.repeat(64), 'nospecialchars$%^'])
    assert.notDeepEqual(labelValue(value), [], value);
});

test('the texts are those that a real server sends', () => {
  assert.deepEqual(dns1123Subdomain('Bad_Name'), [
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ]);
  assert.deepEqual(labelValue('-bad-'), [
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
  ]);
  assert.deepEqual(qualifiedName('a b'), [
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
  ]);
  assert.deepEqual(configMapKey('a/b'), [
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
  ]);
  assert.deepEqual(dns1123Label('a.b'), ['must not contain dots']);
});

test('a generateName may end with a dash', () => {
  assert.deepEqual(nameIsDnsSubdomain('made-up-', true), []);
  assert.notDeepEqual(nameIsDnsSubdomain('made-up-', false), []);
});

test('RBAC names are path segments', () => {
  assert.deepEqual(nameIsPathSegment('system:node Reader', false), []);
  assert.deepEqual(nameIsPathSegment('..', false), ["may not be '..'"]);
  assert.deepEqual(nameIsPathSegment('a/b%', false), ["may not contain '/'", "may not contain '%'"]);
  assert.deepEqual(nameIsPathSegment('..', true), []);
});
