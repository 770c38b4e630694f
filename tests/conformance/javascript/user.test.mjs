// Every public method of the official JavaScript client with a user token.
import assert from 'node:assert/strict';
import { conformance, newId, refused, withSecret, withUserToken } from './recorder.mjs';

const check = (name, body) => conformance('user', () => withUserToken(newId()), name, body);

const activity = (fields = {}) => ({ verb: 'add', object: 'thing:1', ...fields });
const named = () => activity({ foreign_id: newId(), time: '2026-01-02T03:04:05.000001' });

check('add to and read own feeds', async (client) => {
  const user = await client.setUser({ name: 'Ana' });
  const feed = client.feed('user');
  const added = await feed.addActivity(activity());
  assert.equal(added.actor.id ?? added.actor, client.currentUser.ref());
  await feed.addActivities([activity({ actor: user.ref() })]);
  const { results } = await feed.get();
  assert.equal(results.length, 2);
  assert.deepEqual(results[1].actor.data, { name: 'Ana' });
  assert.equal((await feed.getActivityDetail(added.id)).results.length, 1);
  assert.equal((await client.getActivities({ ids: [added.id] })).results.length, 1);
  await feed.removeActivity(added.id);
});

check('cannot act as another user', async (client) => {
  await refused(() => client.feed('user').addActivity(activity({ actor: 'SU:ben' })), 403);
  await refused(() => client.feed('timeline', 'ben').get(), 403);
  await refused(() => client.feed('user', 'ben').addActivity(activity()), 403);
  await refused(() => client.feed('user', 'ben').removeActivity(newId()), 403);
  assert.deepEqual((await client.feed('user', newId()).get()).results, []);
  await client.feed('notification', newId()).addActivity(activity());
});

check('follow with own feeds only', async (client) => {
  const timeline = client.feed('timeline');
  const other = newId();
  await timeline.follow('user', other);
  assert.equal((await timeline.following()).results.length, 1);
  assert.deepEqual((await timeline.followers()).results, []);
  await timeline.followStats();
  await timeline.unfollow('user', other);
  await refused(() => client.feed('timeline', 'ben').follow('user', other), 403);
  await refused(() => client.feed('timeline', 'ben').following(), 403);
});

check('change own activities', async (client) => {
  const feed = client.feed('user');
  const sent = named();
  const { id } = await feed.addActivity(sent);
  const notified = `notification:${newId()}`;
  const targets = await feed.updateActivityToTargets(sent.foreign_id, sent.time, [notified]);
  assert.deepEqual(targets.added, [notified]);
  assert.equal((await client.activityPartialUpdate({ id, set: { a: 1 } })).a, 1);
  const { activities } = await client.activitiesPartialUpdate([{ id, set: { a: 2 } }]);
  assert.equal(activities[0].a, 2);
});

check('change own user only', async (client) => {
  const me = client.user(client.userId);
  await me.create({ name: 'Ana' });
  await me.getOrCreate({ name: 'Eve' });
  await me.update({ name: 'Ann' });
  assert.deepEqual((await me.get()).data, { name: 'Ann' });
  await me.profile();
  const ben = await withSecret().user(newId()).create({ name: 'Ben' });
  assert.deepEqual((await client.user(ben.id).get()).data, { name: 'Ben' });
  await refused(() => client.user(ben.id).update({ name: 'Eve' }), 403);
  await refused(() => client.user(ben.id).delete(), 403);
  await me.delete();
  assert.equal(me.ref(), `SU:${client.userId}`);
});

check('change own objects', async (client) => {
  const entry = await client.collections.add('food', newId(), { name: 'Bun' });
  assert.equal(entry.ref(), `SO:food:${entry.id}`);
  await client.collections.update('food', entry.id, { name: 'Burger' });
  assert.deepEqual((await entry.get()).data, { name: 'Burger' });
  await entry.update();
  assert.deepEqual((await client.collections.get('food', entry.id)).data, { name: 'Burger' });
  const eve = withUserToken(newId());
  assert.deepEqual((await eve.collections.get('food', entry.id)).data, { name: 'Burger' });
  await refused(() => eve.collections.update('food', entry.id, { name: 'Rice' }), 403);
  await refused(() => eve.collections.delete('food', entry.id), 403);
  await entry.delete();
  const again = client.collections.entry('food', newId(), { name: 'Rice' });
  await again.add();
  await client.collections.delete('food', again.id);
  assert.equal(client.collections.buildURL('food'), 'collections/food/');
});

check('change own reactions only', async (client) => {
  const { id } = await client.feed('user').addActivity(activity());
  const { reactions } = client;
  const reaction = await reactions.add('like', id, { a: 1 });
  assert.equal(reaction.user_id, client.userId);
  await reactions.addChild('heart', reaction);
  await reactions.update(reaction.id, { a: 2 });
  assert.deepEqual((await reactions.get(reaction.id)).data, { a: 2 });
  assert.equal((await reactions.filter({ activity_id: id })).results.length, 1);
  const eve = withUserToken(newId());
  await refused(() => eve.reactions.update(reaction.id, {}), 403);
  await refused(() => eve.reactions.delete(reaction.id), 403);
  const [read] = (await client.feed('user').get({ withOwnReactions: true, withReactionCounts: true })).results;
  assert.equal(read.own_reactions.like[0].id, reaction.id);
  await reactions.delete(reaction.id, true);
  await reactions.restore(reaction.id);
  await reactions.delete(reaction.id);
  await refused(() => reactions.delete(reaction.id), 404);
  assert.equal(reactions.buildURL('x'), 'reaction/x/');
});

check('mark own notifications', async (client) => {
  const feed = client.feed('notification');
  await feed.addActivity(activity());
  assert.equal((await feed.get({ mark_seen: true, mark_read: true })).unseen, 1);
  assert.equal((await feed.get()).unseen, 0);
});

check('server-side calls refused by the client', async (client) => {
  for (const call of [
    () => client.addToMany(activity(), []),
    () => client.followMany([]),
    () => client.unfollowMany([]),
    () => client.updateActivities([]),
    () => client.updateActivity({}),
    () => client.createUserToken('ana'),
    () => client.flagUser('ana'),
    () => client.user('ana').flag(),
    () => client.deleteActivities([]),
    () => client.deleteReactions([]),
    () => client.getAnalyticsToken(),
    () => client.getCollectionsToken(),
    () => client.getPersonalizationToken(),
    () => client.personalization.get('x'),
    () => client.personalization.post('x'),
    () => client.personalization.delete('x'),
    () => client.collections.upsert('food', []),
    () => client.collections.upsertMany({}),
    () => client.collections.select('food', []),
    () => client.collections.deleteMany('food', []),
  ]) {
    await refused(call, 'SiteError');
  }
  await refused(() => client.getReadOnlyToken('user', '1'), 'Error');
  await refused(() => client.getReadWriteToken('user', '1'), 'Error');
  await refused(() => client.createRedirectUrl('https://example.org/', 'ana', []), 'Error');
});

check('read many users, change none', async (client) => {
  await refused(() => client.addUsers([{ id: newId(), data: {} }]), 403);
  await refused(() => client.deleteUsers([client.userId]), 403);
  assert.deepEqual((await client.getUsers([newId()])).users, []);
});

check('unsupported services', async (client) => {
  const file = Buffer.from('text');
  for (const call of [
    () => client.og('https://example.org/'),
    () => client.personalizedFeed({ feed_slug: 'timeline', user_id: client.userId }),
    () => client.auditLogs.filter({ entity_type: 'reaction', entity_id: newId() }),
    () => client.exportUserActivitiesAndReactionIDs('ana'),
    () => client.files.upload(file, 'a.txt', 'text/plain'),
    () => client.files.delete('https://example.org/a.txt'),
    () => client.images.upload(file, 'a.png', 'image/png'),
    () => client.images.delete('https://example.org/a.png'),
    () => client.images.process('https://example.org/a.png', { w: 10, h: 10 }),
    () => client.images.thumbnail('https://example.org/a.png', 10, 10),
    () => client.upload('files/', file, 'a.txt'),
  ]) {
    await assert.rejects(call, (error) => error.response.status < 500 && error.error.detail.length > 0);
  }
  assert.equal(client.auditLogs.buildURL(), 'audit_logs/');
});

check('low-level calls', async (client) => {
  const [id, token] = [client.userId, client.getOrCreateToken()];
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
  await client.feed('user').get();
  client.send('request', 'by hand');
  client.off();
  await client.feed('user').get();
  assert.deepEqual(methods, ['GET', 'by hand']);
});

check('enrichment options', async (client) => {
  const options = { reactions: { own: true } };
  client.replaceReactionOptions(options);
  assert.equal(client.shouldUseEnrichEndpoint({ enrich: false }), false);
  assert.equal(client.shouldUseEnrichEndpoint(options), true);
});

check('no realtime', async (client) => {
  const feed = client.feed('user');
  await refused(() => feed.subscribe(() => {}), 'SiteError');
  feed.unsubscribe();
  assert.equal(feed.getFayeClient(), client.getFayeClient());
  assert.ok(client.getFayeAuthorization().outgoing);
});
