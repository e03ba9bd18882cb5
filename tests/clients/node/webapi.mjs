// The strictest of the generic clients, oauth4webapi: it looks at everything that it is told.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { check, failing, load, report, settings } from './checks.mjs';
import { authorize } from './person.mjs';

const oauth = await import(load.resolve('oauth4webapi'));
const issuer = new URL(`https://${settings.host}/`);
const client = { client_id: settings.key };
const redirectUri = settings.redirectUri;

const discovered = async (options) =>
  oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
const server = await discovered({ algorithm: 'oidc' });

const post = oauth.ClientSecretPost(settings.secret);
const basic = oauth.ClientSecretBasic(settings.secret);
const signed = async () => {
  const pem = crypto.createPrivateKey(settings.privateKey);
  const der = pem.export({ type: 'pkcs8', format: 'der' });
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  return oauth.PrivateKeyJwt(await globalThis.crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']));
};

// The way to the server and back; `validateAuthResponse` demands state and, since discovery promises it, iss.
async function walk(parameters, authentication) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(server.authorization_endpoint);
  const challenge = await oauth.calculatePKCECodeChallenge(verifier);
  const asked = { client_id: settings.key, redirect_uri: redirectUri, response_type: 'code', state, ...parameters };
  url.search = new URLSearchParams({ ...asked, code_challenge: challenge, code_challenge_method: 'S256' });
  const back = oauth.validateAuthResponse(server, client, await authorize(url), state);
  return oauth.authorizationCodeGrantRequest(server, client, authentication, back, redirectUri, verifier);
}

async function tokens(parameters, authentication, expectedNonce) {
  const answer = await walk({ scope: 'signature extended', ...parameters }, authentication);
  return oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce });
}

check('discovery of either kind', async () => {
  const other = await discovered({ algorithm: 'oauth2' });
  assert.deepEqual([other.issuer, other.token_endpoint], [server.issuer, server.token_endpoint]);
});

check('code with a secret in the form', async () => {
  const given = await tokens({}, post);
  assert.deepEqual([given.token_type, given.expires_in, given.scope], ['bearer', 28_800, 'signature extended']);
});

check('code with a secret in the header', async () => {
  assert.ok((await tokens({}, basic)).refresh_token);
});

check('code with a private key', async () => {
  assert.ok((await tokens({}, await signed())).refresh_token);
});

check('code of a public client', async () => {
  assert.ok((await tokens({}, oauth.None())).refresh_token);
});

check('id token with a nonce and its signature', async () => {
  const nonce = oauth.generateRandomNonce();
  const answer = await walk({ scope: 'openid signature', nonce }, basic);
  const given = await oauth.processAuthorizationCodeResponse(server, client, answer, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(server, answer);
  const claims = oauth.getValidatedIdTokenClaims(given);
  assert.deepEqual([claims.sub, claims.aud], [settings.user, settings.key]);
  const info = await oauth.userInfoRequest(server, client, given.access_token);
  assert.equal((await oauth.processUserInfoResponse(server, client, claims.sub, info)).email, settings.email);
});

check('how old the sign-in may be', async () => {
  const nonce = oauth.generateRandomNonce();
  const answer = await walk({ scope: 'openid', nonce, max_age: '300' }, basic);
  const given = await oauth.processAuthorizationCodeResponse(server, client, answer, {
    expectedNonce: nonce,
    maxAge: 300,
  });
  assert.equal(typeof oauth.getValidatedIdTokenClaims(given).auth_time, 'number');
});

check('refresh', async () => {
  const first = await tokens({}, basic);
  const answer = await oauth.refreshTokenGrantRequest(server, client, basic, first.refresh_token);
  const second = await oauth.processRefreshTokenResponse(server, client, answer);
  assert.notEqual(second.refresh_token, first.refresh_token);
});

check('introspection and revocation', async () => {
  const given = await tokens({}, basic);
  const about = async () =>
    oauth.processIntrospectionResponse(
      server,
      client,
      await oauth.introspectionRequest(server, client, basic, given.access_token),
    );
  assert.deepEqual([(await about()).active, (await about()).client_id], [true, settings.key]);
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, basic, given.access_token));
  assert.equal((await about()).active, false);
});

check('access tokens are those of RFC 9068', async () => {
  const given = await tokens({}, basic);
  const request = new Request('https://api.example/', { headers: { Authorization: `Bearer ${given.access_token}` } });
  const claims = await oauth.validateJwtAccessToken(server, request, server.issuer);
  assert.deepEqual([claims.sub, claims.client_id, claims.scope], [settings.user, settings.key, 'signature extended']);
});

check('an error of the authorization endpoint', async () => {
  const error = await failing(() => walk({ scope: '' }, basic));
  assert.deepEqual([error.code, error.error], [oauth.AUTHORIZATION_RESPONSE_ERROR, 'invalid_scope']);
});

check('errors of the token endpoint', async () => {
  const refused = await failing(async () =>
    oauth.processRefreshTokenResponse(
      server,
      client,
      await oauth.refreshTokenGrantRequest(server, client, basic, 'bogus'),
    ),
  );
  assert.deepEqual([refused.code, refused.error], [oauth.RESPONSE_BODY_ERROR, 'invalid_grant']);
});

await report();
