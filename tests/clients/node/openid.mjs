// A generic OAuth and OpenID Connect client, openid-client, with what discovery tells it.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { check, failing, load, report, settings } from './checks.mjs';
import { authorize } from './person.mjs';

const oauth = load('openid-client');
const issuer = new URL(`https://${settings.host}/`);
const discover = (authentication, options) =>
  oauth.discovery(issuer, settings.key, undefined, authentication, options);

// The authorization code grant through the browser, then userinfo and a refresh.
async function flow(config, { scope = 'signature extended', pkce = true, nonce } = {}) {
  const verifier = oauth.randomPKCECodeVerifier();
  const state = oauth.randomState();
  const challenge = { code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' };
  const asked = { redirect_uri: settings.redirectUri, scope, state, ...(pkce && challenge), ...(nonce && { nonce }) };
  const back = await authorize(oauth.buildAuthorizationUrl(config, asked));
  const tokens = await oauth.authorizationCodeGrant(config, back, {
    expectedState: state,
    pkceCodeVerifier: pkce ? verifier : undefined,
    expectedNonce: nonce,
    idTokenExpected: Boolean(nonce),
  });
  const subject = tokens.claims()?.sub ?? oauth.skipSubjectCheck;
  const info = await oauth.fetchUserInfo(config, tokens.access_token, subject);
  assert.deepEqual([info.email, info.accounts[0].is_default], [settings.email, true]);
  const refreshed = await oauth.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(refreshed.access_token, tokens.access_token);
  assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
  return tokens;
}

check('discovery', async () => {
  const metadata = (await discover()).serverMetadata();
  assert.equal(metadata.issuer, issuer.href);
  assert.ok(metadata.supportsPKCE());
});

check('discovery of an OAuth server', async () => {
  const metadata = (await discover(undefined, { algorithm: 'oauth2' })).serverMetadata();
  assert.equal(metadata.issuer, issuer.href);
});

check('code with a secret in the header', async () => {
  const tokens = await flow(await discover(oauth.ClientSecretBasic(settings.secret)));
  assert.deepEqual([tokens.token_type, tokens.expires_in, tokens.scope], ['bearer', 28_800, 'signature extended']);
});

check('code with a secret in the form', async () => {
  await flow(await discover(oauth.ClientSecretPost(settings.secret)), { pkce: false });
});

check('code of a public client', async () => {
  await flow(await discover(oauth.None()));
});

check('a public client needs a challenge', async () => {
  const config = await discover(oauth.None());
  const error = await failing(() => flow(config, { pkce: false }));
  assert.equal(error.error, 'invalid_request');
});

check('id token with a nonce', async () => {
  const config = await discover(oauth.ClientSecretBasic(settings.secret));
  const tokens = await flow(config, { scope: 'openid signature', nonce: oauth.randomNonce() });
  assert.equal(tokens.claims().sub, settings.user);
});

check('jwt bearer', async () => {
  const config = await discover();
  const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: settings.key, sub: settings.user, aud: settings.host, iat: now, exp: now + 600, scope: 'signature' };
  const signed = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded(claims)}`;
  const signature = crypto.sign('sha256', Buffer.from(signed), settings.privateKey).toString('base64url');
  const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  const tokens = await oauth.genericGrantRequest(config, grant, { assertion: `${signed}.${signature}` });
  assert.equal((await oauth.fetchUserInfo(config, tokens.access_token, settings.user)).sub, settings.user);
});

check('refusals are errors of the client', async () => {
  const config = await discover(oauth.ClientSecretBasic(settings.secret));
  const refresh = await failing(() => oauth.refreshTokenGrant(config, 'bogus'));
  assert.deepEqual([refresh.name, refresh.status, refresh.error], ['ResponseBodyError', 400, 'invalid_grant']);
  const wrong = await discover(oauth.ClientSecretBasic('bogus'));
  const client = await failing(() => oauth.refreshTokenGrant(wrong, 'bogus'));
  assert.deepEqual([client.status, client.cause[0].scheme], [401, 'basic']);
  const info = await failing(() => oauth.fetchUserInfo(config, 'bogus', settings.user));
  assert.equal(info.cause[0].parameters.error, 'invalid_token');
});

await report();
