// A web app that signs its users in with passport-docusign, sessions and all.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { check, load, report, settings } from './checks.mjs';
import { authorize } from './person.mjs';

const express = load('express');
const session = load('express-session');
const { Passport } = load('passport');
const { Strategy } = load('passport-docusign');
const base = `https://${settings.host}/oauth`;

// The app itself, as its README would have it; only the addresses of the account server are ours.
function app(options) {
  const passport = new Passport();
  const addresses = { authorizationURL: `${base}/auth`, tokenURL: `${base}/token`, profileURL: `${base}/userinfo` };
  const client = { clientID: settings.key, clientSecret: settings.secret, callbackURL: settings.redirectUri };
  const verify = (accessToken, refreshToken, profile, done) => done(null, { accessToken, refreshToken, profile });
  passport.use(new Strategy({ ...addresses, ...client, ...options }, verify));
  passport.serializeUser((user, done) => done(null, user));
  passport.deserializeUser((user, done) => done(null, user));
  const web = express();
  web.use(session({ secret: 'of the app', resave: false, saveUninitialized: false }));
  web.use(passport.session());
  web.get('/login', passport.authenticate('docusign', { scope: 'signature extended' }));
  web.get(new URL(settings.redirectUri).pathname, passport.authenticate('docusign', { failWithError: true }), (request, answer) =>
    answer.json(request.user),
  );
  web.use((error, request, answer, next) => answer.status(500).json({ name: error.name, code: error.code, message: error.message }));
  return web;
}

// A browser that begins at the app, goes to sign in, and comes back with the app's own session.
async function walk(options, { cookie, change = (back) => back } = {}) {
  const server = app(options).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  try {
    const begun = await fetch(`${origin}/login`, { redirect: 'manual' });
    const kept = cookie ?? begun.headers.getSetCookie().map((set) => set.split(';')[0]).join('; ');
    const back = change(await authorize(begun.headers.get('location')));
    const answer = await fetch(origin + back.pathname + back.search, { headers: { Cookie: kept }, redirect: 'manual' });
    return { status: answer.status, body: await answer.json().catch(() => undefined) };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const changed = (name, value) => (back) => {
  back.searchParams.set(name, value);
  return back;
};

check('sign-in with state and PKCE', async () => {
  const { status, body } = await walk({ state: true, pkce: true });
  assert.deepEqual([status, body.profile.provider, body.profile.email], [200, 'docusign', settings.email]);
  assert.equal(body.profile.sub, settings.user);
  assert.ok(body.refreshToken.length > 20);
});

check('sign-in with state alone', async () => {
  const { status, body } = await walk({ state: true });
  assert.deepEqual([status, body.profile.accounts[0].is_default], [200, true]);
});

check('the plain method of PKCE is refused', async () => {
  const { status, body } = await walk({ state: true, pkce: 'plain' });
  assert.deepEqual([status, body.code], [500, 'invalid_request']);
});

check('another browser cannot finish the sign-in', async () => {
  const { status } = await walk({ state: true, pkce: true }, { cookie: 'connect.sid=none' });
  assert.notEqual(status, 200);
});

check('a changed state is noticed by the app', async () => {
  const { status } = await walk({ state: true }, { change: changed('state', 'evil') });
  assert.notEqual(status, 200);
});

check('a changed code is refused in words that passport reads', async () => {
  const { status, body } = await walk({ state: true }, { change: changed('code', 'evil') });
  assert.deepEqual([status, body.code, body.message], [500, 'invalid_grant', 'expired_client_token']);
});

check('a wrong secret is refused in words that passport reads', async () => {
  const { body } = await walk({ state: true, clientSecret: 'wrong' });
  assert.equal(body.code, 'invalid_client');
});

await report();
