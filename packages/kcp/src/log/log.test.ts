import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLog, type Log } from './log.js';

function told(format: 'text' | 'json', verbosity: number, tell: (log: Log) => void): string {
  let text = '';
  const write = (line: string) => {
    text += line;
  };
  tell(createLog({ format, verbosity, write, now: () => Date.UTC(2026, 0, 1, 12) }));
  return text;
}

describe('the log', () => {
  test('for people is a line of time, level, message and facts', () => {
    const text = told('text', 0, (log) =>
      log.info('serving', { url: 'https://h:1', why: 'a b', port: 1, none: undefined }),
    );
    assert.equal(text, '12:00:00.000 INFO  serving url=https://h:1 why="a b" port=1\n');
  });

  test('for machines is an object in a line', () => {
    const text = told('json', 0, (log) => log.warn('slow', { revision: 12n, ms: 7 }));
    assert.deepEqual(JSON.parse(text), {
      ts: '2026-01-01T12:00:00.000Z',
      level: 'warn',
      msg: 'slow',
      revision: '12',
      ms: 7,
    });
  });

  test('no message can forge a second line', () => {
    const text = told('text', 0, (log) =>
      log.error('a\nb\u2028', { who: 'x\n12:00 ERROR y', error: new Error('1\n2') }),
    );
    assert.equal(text.split(/[\n\u2028]/).length, 2, text);
    assert.match(text, /error="1\\n2"/);
  });

  test('tells an error by its message, and to those who want more by its stack', () => {
    const tell = (log: Log) => log.error('failed', { error: new RangeError('boom') });
    assert.match(told('text', 0, tell), /error=boom\n$/);
    assert.match(told('text', 2, tell), /RangeError: boom\\n +at /);
  });

  test('tells only as much as was asked for', () => {
    const tell = (log: Log) => {
      for (const level of [1, 4, 5]) log.debug(level, `level ${level}`);
    };
    assert.equal(told('text', 0, tell), '');
    assert.match(told('text', 4, tell), /level 1\n.*level 4\n$/);
  });
});
