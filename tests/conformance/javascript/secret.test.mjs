// Every public method of the official JavaScript client with the secret.
import assert from 'node:assert/strict';
import { conformance, newId, refused, withSecret } from './recorder.mjs';

const check = (name, body) => conformance('secret', withSecret, name, body);

const activity = (number = 1, fields = {}) => ({
  actor: 'ana',
  verb: 'add',
  object: `thing:${number}`,
  ...fields,
});
const named = (number = 1, fields = {}) =>
  activity(number, { foreign_id: `${newId()}:${number}`, time: `2026-01-02T03:04:0${number}.000001`, ...fields });
const objects = async (feed, options) => (await feed.get(options)).results.map((row) => row.object);

check('add and read an activity', async (client) => {
  const user = client.feed('user', newId());
  const { duration, ...added } = await user.addActivity(activity(3, { custom: { a: [1] }, at: '2026-01-02' }));
  assert.equal(typeof duration, 'string');
  const answer = await user.get();
  assert.deepEqual(Object.keys(answer).sort(), ['duration', 'next', 'results']);
  assert.equal(answer.next, '');
  assert.deepEqual(answer.results, [added]);
  const detail = await user.getActivityDetail(added.id);
  assert.deepEqual(detail.results, [added]);
});

check('add activities in order', async (client) => {
  const user = client.feed('user', newId());
  const { activities } = await user.addActivities([activity(0), activity(1), activity(2)]);
  assert.deepEqual(activities.map((row) => row.object), ['thing:0', 'thing:1', 'thing:2']);
  assert.deepEqual(await objects(user, { id_lt: activities[2].id, limit: 1 }), ['thing:1']);
});

check('remove by id and foreign id', async (client) => {
  const user = client.feed('user', newId());
  const sent = named();
  const { id } = await user.addActivity(activity());
  await user.addActivity(sent);
  assert.equal((await user.removeActivity(id)).removed, id);
  await user.removeActivity({ foreignId: sent.foreign_id });
  assert.deepEqual(await objects(user), []);
});

check('follow and unfollow', async (client) => {
  const user = client.feed('user', newId());
  const follower = client.feed('timeline', newId());
  await user.addActivities([activity(1), activity(2)]);
  await follower.follow('user', user.userId, { limit: 1 });
  assert.deepEqual(await objects(follower), ['thing:2']);
  const { results } = await follower.following({ filter: [user.id] });
  assert.equal(results[0].target_id, user.id);
  assert.deepEqual((await user.followers({ limit: 1 })).results, results);
  const stats = await user.followStats({ followerSlugs: ['timeline'] });
  assert.deepEqual(stats.results.followers, { feed: user.id, count: 1 });
  await follower.unfollow('user', user.userId, { keepHistory: true });
  assert.deepEqual(await objects(follower), ['thing:2']);
});

check('mark groups seen and read', async (client) => {
  const notification = client.feed('notification', newId());
  await notification.addActivities([activity(1), activity(2, { actor: 'ben' })]);
  const { results, unseen, unread } = await notification.get();
  assert.deepEqual([unseen, unread, results[0].activity_count], [1, 1, 2]);
  await notification.get({ mark_seen: true, mark_read: [results[0].id] });
  const after = await notification.get();
  assert.deepEqual([after.unseen, after.unread, after.results[0].is_read], [0, 0, true]);
});

check('update to targets', async (client) => {
  const user = client.feed('user', newId());
  const [one, two] = [client.feed('flat', newId()), client.feed('flat', newId())];
  const sent = named(1, { to: [one.id] });
  await user.addActivity(sent);
  const answer = await user.updateActivityToTargets(sent.foreign_id, sent.time, null, [two.id], [one.id]);
  assert.deepEqual([answer.activity.to, answer.added, answer.removed], [[two.id], [two.id], [one.id]]);
  assert.deepEqual([await objects(one), await objects(two)], [[], ['thing:1']]);
});

check('add to many feeds', async (client) => {
  const feeds = [client.feed('user', newId()), client.feed('flat', newId())];
  await client.addToMany(activity(), feeds.map((feed) => feed.id));
  assert.deepEqual([await objects(feeds[0]), await objects(feeds[1])], [['thing:1'], ['thing:1']]);
});

check('follow many and unfollow many', async (client) => {
  const user = client.feed('user', newId());
  const followers = [client.feed('timeline', newId()), client.feed('timeline', newId())];
  await user.addActivities([activity(1), activity(2)]);
  const pairs = followers.map((feed) => ({ source: feed.id, target: user.id }));
  await client.followMany(pairs, 1);
  assert.deepEqual(await objects(followers[0]), ['thing:2']);
  await client.unfollowMany(pairs);
  assert.deepEqual((await user.followers()).results, []);
});

check('get and update activities', async (client) => {
  const user = client.feed('user', newId());
  const sent = named();
  const { id } = await user.addActivity(sent);
  await client.updateActivities([{ ...sent, object: 'thing:8' }]);
  await client.updateActivity({ ...sent, object: 'thing:9' });
  const byId = await client.getActivities({ ids: [id] });
  assert.deepEqual(byId.results.map((row) => row.object), ['thing:9']);
  const byForeignId = await client.getActivities({ foreignIDTimes: [{ foreignID: sent.foreign_id, time: sent.time }] });
  assert.deepEqual(byForeignId.results, byId.results);
  await refused(() => client.updateActivities([activity()]), 400);
});

check('partial update', async (client) => {
  const user = client.feed('user', newId());
  const sent = named(1, { product: { price: 2, name: 'boots' }, colour: 'red' });
  const { id } = await user.addActivity(sent);
  const changed = await client.activityPartialUpdate({ id, set: { 'product.price': 3 }, unset: ['colour'] });
  assert.deepEqual(changed.product, { price: 3, name: 'boots' });
  assert.equal(changed.colour, undefined);
  const change = { foreignID: sent.foreign_id, time: sent.time, set: { shared: { a: 1 } } };
  const { activities } = await client.activitiesPartialUpdate([change]);
  assert.deepEqual(activities, (await user.get()).results);
});

check('users', async (client) => {
  const ana = client.user(newId());
  assert.equal(ana.ref(), `SU:${ana.id}`);
  await ana.create({ name: 'Ana' });
  await refused(() => ana.create({ name: 'Eve' }), 409);
  assert.deepEqual((await ana.getOrCreate({ name: 'Eve' })).data, { name: 'Ana' });
  await ana.update({ name: 'Ann' });
  assert.deepEqual((await ana.get()).data, { name: 'Ann' });
  assert.equal((await ana.profile()).full.followers_count, 0);
  await ana.delete();
  await refused(() => ana.get(), 404);
});

check('many users', async (client) => {
  const [one, two] = [newId(), newId()];
  const users = [{ id: one, data: { name: 'Ana' } }, { id: two, data: {} }];
  assert.equal((await client.addUsers(users)).created_users.length, 2);
  await client.addUsers([{ id: one, data: { name: 'Ann' } }], true);
  const got = (await client.getUsers([one, two, newId()])).users;
  assert.deepEqual(got.find((user) => user.id === one).data, { name: 'Ann' });
  assert.equal(got.length, 2);
  assert.deepEqual((await client.deleteUsers([one, two])).deleted_user_ids.sort(), [one, two].sort());
});

check('objects', async (client) => {
  const { collections } = client;
  const id = newId();
  assert.equal(collections.buildURL('food', id), `collections/food/${id}/`);
  const added = await collections.add('food', id, { name: 'Bun' });
  assert.equal(added.full.foreign_id, `food:${id}`);
  await refused(() => collections.add('food', id, { name: 'Bun' }), 409);
  assert.deepEqual((await collections.update('food', id, { name: 'Burger' })).data, { name: 'Burger' });
  assert.deepEqual((await collections.get('food', id)).data, { name: 'Burger' });
  await collections.delete('food', id);
  await refused(() => collections.get('food', id), 404);
});

check('collection entries', async (client) => {
  const entry = client.collections.entry('food', newId(), { name: 'Bun' });
  assert.equal(entry.ref(), `SO:food:${entry.id}`);
  await entry.add();
  await entry.update();
  assert.deepEqual((await entry.get()).data, { name: 'Bun' });
  await entry.delete();
  await refused(() => entry.get(), 404);
});

check('many objects', async (client) => {
  const [one, two] = [newId(), newId()];
  const data = async () => (await client.collections.select('food', [one, two])).response.data;
  await client.collections.upsert('food', [{ id: one, name: 'Bun' }]);
  await client.collections.upsertMany({ food: [{ id: two, name: 'Rice' }] });
  assert.deepEqual((await data()).map((row) => row.data.name).sort(), ['Bun', 'Rice']);
  await client.collections.deleteMany('food', [one, two]);
  assert.deepEqual(await data(), []);
});

check('enrichment', async (client) => {
  const feed = client.feed('user', newId());
  const ana = await client.user(newId()).create({ name: 'Ana' });
  const entry = await client.collections.add('food', newId(), { name: 'Bun' });
  await feed.addActivity({ actor: ana, verb: 'eat', object: entry, target: 'SU:nobody' });
  const [read] = (await feed.get({ enrich: true })).results;
  assert.deepEqual([read.actor.data, read.object.data], [{ name: 'Ana' }, { name: 'Bun' }]);
  assert.equal(read.target.error, 'ReferenceNotFound');
});

check('reactions', async (client) => {
  const { reactions } = client;
  const { id } = await client.feed('user', newId()).addActivity(activity());
  const reaction = await reactions.add('like', id, { a: 1 }, { userId: 'ana' });
  assert.equal(reactions.buildURL(reaction.id), `reaction/${reaction.id}/`);
  await reactions.update(reaction.id, { a: 2 });
  assert.deepEqual((await reactions.get(reaction.id)).data, { a: 2 });
  await reactions.delete(reaction.id, true);
  assert.ok((await reactions.get(reaction.id)).deleted_at);
  await reactions.restore(reaction.id);
  await reactions.delete(reaction.id);
  await refused(() => reactions.get(reaction.id), 404);
});

check('child reactions, lists and enrichment', async (client) => {
  const feed = client.feed('user', newId());
  const target = client.feed('notification', newId());
  const { id } = await feed.addActivity(activity());
  const reaction = await client.reactions.add('like', { id }, {}, { userId: 'ana', targetFeeds: [target] });
  await client.reactions.addChild('heart', reaction, {}, { userId: 'ben' });
  const listed = (await client.reactions.filter({ activity_id: id, kind: 'like' })).results;
  assert.deepEqual(listed.map((row) => [row.id, row.children_counts]), [[reaction.id, { heart: 1 }]]);
  const [read] = (await feed.get({ withReactionCounts: true, withRecentReactions: true })).results;
  assert.deepEqual(read.reaction_counts, { like: 1 });
  assert.equal(read.latest_reactions.like[0].id, reaction.id);
  assert.equal((await target.get()).results[0].activities[0].verb, 'like');
});

check('103 simultaneous reactions', async (client) => {
  const id = (await client.feed('user', newId()).addActivity(activity())).id;
  await Promise.all(Array.from({ length: 103 }, () => client.reactions.add('like', id, {}, { userId: 'ana' })));
  const seen = new Set();
  for (let before, page; page?.length !== 0; before = page.at(-1)?.id) {
    page = (await client.reactions.filter({ activity_id: id, limit: 25, ...(before && { id_lt: before }) })).results;
    page.forEach((row) => seen.add(row.id));
  }
  assert.equal(seen.size, 103);
});

check('audit log', async (client) => {
  const id = (await client.feed('user', newId()).addActivity(activity())).id;
  const { id: reaction } = await client.reactions.add('like', id, {}, { userId: 'ana' });
  assert.equal(client.auditLogs.buildURL('x'), 'audit_logs/x/');
  const answer = await client.auditLogs.filter({ entity_type: 'reaction', entity_id: reaction, limit: 5 });
  assert.deepEqual(Object.keys(answer).sort(), ['audit_logs', 'duration', 'next', 'prev']);
  assert.ok(answer.audit_logs.every((row) => row.entity_id === reaction));
});

check('unsupported services', async (client) => {
  const file = Buffer.from('text');
  for (const call of [
    () => client.og('https://example.org/'),
    () => client.personalizedFeed({ feed_slug: 'timeline' }),
    () => client.personalization.get('follow_recommendations'),
    () => client.personalization.post('meta', {}, { a: 1 }),
    () => client.personalization.delete('meta'),
    () => client.files.upload(file, 'a.txt', 'text/plain'),
    () => client.files.delete('https://example.org/a.txt'),
    () => client.images.upload(file, 'a.png', 'image/png'),
    () => client.images.delete('https://example.org/a.png'),
    () => client.images.process('https://example.org/a.png', { w: 10, h: 10 }),
    () => client.images.thumbnail('https://example.org/a.png', 10, 10),
    () => client.upload('files/', file, 'a.txt'),
    () => client.flagUser('ana', { user_id: 'ben', reason: 'spam' }),
    () => client.user('ana').flag({ user_id: 'ben' }),
    () => client.deleteActivities([{ id: newId(), remove_from_feeds: ['user:1'] }]),
    () => client.deleteReactions([newId()]),
    () => client.exportUserActivitiesAndReactionIDs('ana'),
  ]) {
    await assert.rejects(call, (error) => error.response.status < 500 && error.error.detail.length > 0);
  }
});

check('tokens', async (client) => {
  const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  assert.equal(claims(client.getReadOnlyToken('user', '1')).action, 'read');
  assert.equal(claims(client.getReadWriteToken('user', '1')).feed_id, 'user1');
  assert.deepEqual(claims(client.createUserToken('ana', { role: 'x' })), { user_id: 'ana', role: 'x' });
  assert.equal(claims(client.getAnalyticsToken()).resource, 'analytics');
  assert.equal(claims(client.getCollectionsToken()).resource, 'collections');
  assert.equal(claims(client.getPersonalizationToken()).resource, 'personalization');
  assert.equal(claims(client.getOrCreateToken()).feed_id, '*');
  const url = new URL(client.createRedirectUrl('https://example.org/a', 'ana', []));
  assert.equal(claims(url.searchParams.get('authorization')).resource, 'redirect_and_track');
  await refused(() => client.setUser({ name: 'Ana' }), 'SiteError');
});

check('read-only token', async (client) => {
  const id = newId();
  const feed = client.feed('user', id, client.getReadOnlyToken('user', id));
  await feed.get();
  await refused(() => feed.addActivity(activity()), 403);
});

check('low-level calls', async (client) => {
  const [id, token] = [newId(), client.getOrCreateToken()];
  assert.ok(client.enrichUrl('user/').startsWith(client.getBaseUrl()));
  await client.post({ url: 'user/', body: { id }, token });
  await client.put({ url: `user/${id}/`, body: { data: { a: 1 } }, token });
  assert.deepEqual((await client.get({ url: `user/${id}/`, token })).data, { a: 1 });
  await client.doAxiosRequest('GET', { url: `user/${id}/`, token });
  await client.delete({ url: `user/${id}/`, token });
  const options = { method: 'GET', url: 'user/', token };
  assert.equal(client.enrichKwargs(options).headers['X-Stream-Client'], client.userAgent());
  assert.equal(client.handleResponse({ status: 200, data: 1 }), 1);
});

check('event handlers', async (client) => {
  const methods = [];
  client.on('request', (method) => methods.push(method));
  await client.feed('user', newId()).get();
  client.send('request', 'by hand');
  client.off('request');
  await client.feed('user', newId()).get();
  assert.deepEqual(methods, ['GET', 'by hand']);
});

check('enrichment options', async (client) => {
  const options = { reactions: { counts: true } };
  client.replaceReactionOptions(options);
  assert.deepEqual(options, { withReactionCounts: true });
  assert.equal(client.shouldUseEnrichEndpoint(options), true);
});

check('no realtime', async (client) => {
  const feed = client.feed('user', newId());
  await refused(() => feed.subscribe(() => {}), 'SiteError');
  feed.unsubscribe();
  assert.equal(feed.getFayeClient(), client.getFayeClient());
  assert.ok(client.getFayeAuthorization().outgoing);
});
