// A small generic client, simple-oauth2: code, refresh, revocation.

import assert from 'node:assert/strict';
import { check, failing, load, report, settings } from './checks.mjs';
import { authorize } from './person.mjs';

const { AuthorizationCode } = load('simple-oauth2');
const origin = `https://${settings.host}`;

const client = (options = {}) =>
  new AuthorizationCode({
    client: { id: settings.key, secret: options.secret ?? settings.secret },
    auth: { tokenHost: origin, tokenPath: '/oauth/token', authorizePath: '/oauth/auth', revokePath: '/oauth/revoke' },
    options: { authorizationMethod: options.method ?? 'header' },
  });

async function tokens(options) {
  const oauth = client(options);
  const link = oauth.authorizeURL({ redirect_uri: settings.redirectUri, scope: ['signature', 'extended'], state: 'a state' });
  const back = await authorize(link);
  assert.equal(back.searchParams.get('state'), 'a state');
  return oauth.getToken({ code: back.searchParams.get('code'), redirect_uri: settings.redirectUri });
}

const userinfo = (token) =>
  fetch(`${origin}/oauth/userinfo`, { headers: { Authorization: `Bearer ${token.token.access_token}` } });

check('code with a secret in the header', async () => {
  const token = await tokens({ method: 'header' });
  assert.deepEqual([token.token.token_type, token.token.expires_in, token.expired()], ['Bearer', 28_800, false]);
  assert.equal((await (await userinfo(token)).json()).sub, settings.user);
});

check('code with a secret in the form', async () => {
  assert.equal((await userinfo(await tokens({ method: 'body' }))).status, 200);
});

check('refresh', async () => {
  const first = await tokens();
  const second = await first.refresh();
  assert.notEqual(second.token.refresh_token, first.token.refresh_token);
  assert.equal((await userinfo(second)).status, 200);
  assert.equal((await failing(() => first.refresh())).data.payload.error, 'invalid_grant');
});

check('refresh with fewer scopes', async () => {
  const token = await (await tokens()).refresh({ scope: ['signature'] });
  assert.equal(token.token.scope, 'signature');
});

check('revocation of an access token', async () => {
  const token = await tokens();
  await token.revoke('access_token');
  assert.equal((await userinfo(token)).status, 401);
});

check('revocation of everything', async () => {
  const token = await tokens();
  await token.revokeAll();
  assert.equal((await failing(() => token.refresh())).data.payload.error, 'invalid_grant');
});

check('refusals are errors of the client', async () => {
  const code = await failing(() => client().getToken({ code: 'bogus', redirect_uri: settings.redirectUri }));
  assert.deepEqual([code.output.statusCode, code.data.payload.error], [400, 'invalid_grant']);
  const secret = await failing(() => client({ secret: 'bogus' }).getToken({ code: 'bogus' }));
  assert.deepEqual([secret.output.statusCode, secret.data.payload.error], [401, 'invalid_client']);
});

await report();
