// Records of the methods of the JavaScript client that tests call, with their results: see recorder.py.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import * as getstream from 'getstream';

const PARTS = {
  client: getstream.StreamClient,
  feed: getstream.StreamFeed,
  user: getstream.StreamUser,
  collections: getstream.Collections,
  entry: getstream.CollectionEntry,
  reactions: getstream.StreamReaction,
  personalization: getstream.Personalization,
  files: getstream.StreamFileStore,
  images: getstream.StreamImageStore,
  auditLogs: getstream.StreamAuditLogs,
};
// Not a method of the client, but an object of a library.
const NO_METHODS = ['request'];

const { FEEDSERVER_API_KEY: key, FEEDSERVER_API_SECRET: secret, RECORDS: folder } = process.env;
const records = [];

export const newId = () => randomUUID().replaceAll('-', '');

export function withSecret() {
  return getstream.connect(key, secret);
}

export function withUserToken(userId) {
  return getstream.connect(key, withSecret().createUserToken(userId));
}

/** Run a test with the client that `connect` returns, and record its calls under `kind`. */
export function conformance(kind, connect, name, body) {
  test(name, async () => {
    const client = connect();
    const record = (method, result) => records.push([kind, method, name, result]);
    // After an upload open sockets would keep the process running for 30 seconds.
    await body(recorded(client, record)).finally(() => client.nodeOptions.httpAgent.destroy());
  });
}

/** Assert that a call is refused: by the server with a status, or by the client with an error class. */
export async function refused(call, expected) {
  await assert.rejects(
    async () => call(),
    (error) => {
      assert.equal(error.response?.status ?? error.constructor.name, expected, error.message);
      if (error.response) {
        const { code, detail, duration, exception, status_code: status } = error.error;
        assert.ok(code && detail && exception);
        assert.equal(status, expected);
        assert.match(duration, /ms$/);
      }
      return true;
    },
  );
}

function partOf(value) {
  return Object.keys(PARTS).find((name) => value instanceof PARTS[name]);
}

function recorded(part, record) {
  return new Proxy(part, {
    get(target, attribute) {
      const value = target[attribute];
      if (partOf(value)) return recorded(value, record);
      const isMethod = typeof value === 'function' && typeof attribute === 'string';
      if (!isMethod || NO_METHODS.includes(attribute)) return value;
      return (...given) => recordCall(`${partOf(target)}.${attribute}`, () => value.apply(target, given), record);
    },
  });
}

function recordCall(method, call, record) {
  const done = (result) => {
    record(method, 'works');
    return partOf(result) ? recorded(result, record) : result;
  };
  const failed = (error) => {
    record(method, resultOf(error));
    throw error;
  };
  try {
    const result = call();
    return result instanceof Promise ? result.then(done, failed) : done(result);
  } catch (error) {
    return failed(error);
  }
}

function resultOf(error) {
  if (error.response) return `${error.response.status} ${error.error.exception}`;
  return `raises ${error.constructor.name}`;
}

/** Return the names of all public methods, of classes and of instances. */
function methods() {
  const client = withSecret();
  const instances = {
    ...client,
    client,
    feed: client.feed('user', '1'),
    user: client.user('1'),
    entry: client.collections.entry('food', '1', {}),
  };
  return Object.keys(PARTS).flatMap((part) =>
    [...Object.getOwnPropertyNames(instances[part]), ...Object.getOwnPropertyNames(PARTS[part].prototype)]
      .filter((name) => typeof instances[part][name] === 'function')
      .filter((name) => !name.startsWith('_') && !['constructor', ...NO_METHODS].includes(name))
      .map((name) => `${part}.${name}`),
  );
}

after(() => {
  if (folder) {
    const file = path.join(folder, `${process.pid}.json`);
    writeFileSync(file, JSON.stringify({ records, methods: [...new Set(methods())] }));
  }
});
