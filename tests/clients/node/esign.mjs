// Docusign's own Node SDK, unmodified: every grant it knows, envelopes, the account and refusals.

import assert from 'node:assert/strict';
import { check, failing, load, report, settings } from './checks.mjs';
import { authorize } from './person.mjs';

const docusign = load('docusign-esign');
const SCOPES = ['signature', 'impersonation'];
const UNKNOWN = '00000000-0000-0000-0000-000000000000';
const STATE = '*^.$DGj*)+}Jk';

function client() {
  const made = new docusign.ApiClient();
  made.setOAuthBasePath(settings.host);
  return made;
}

const impersonate = (key = settings.key, user = settings.user) =>
  client().requestJWTUserToken(key, user, SCOPES, settings.privateKey, 600);

// A client at the base URI of the default account, and the account.
async function atHome() {
  const made = client();
  const { body } = await impersonate();
  const { accounts } = await made.getUserInfo(body.access_token);
  const { accountId, baseUri } = accounts.find(({ isDefault }) => isDefault === 'true');
  made.setBasePath(`${baseUri}/restapi`);
  made.addDefaultHeader('Authorization', `Bearer ${body.access_token}`);
  return [made, accountId];
}

const definition = (status) =>
  docusign.EnvelopeDefinition.constructFromObject({
    emailSubject: 'Lease',
    status,
    documents: [{ documentBase64: btoa('A lease'), name: 'Lease', fileExtension: 'txt', documentId: '1' }],
    recipients: { signers: [{ email: 'sig@example.com', name: 'Sig Ner', recipientId: '1', routingOrder: '1' }] },
  });

check('jwt grant for a user', async () => {
  const { body } = await impersonate();
  assert.deepEqual([body.token_type, body.expires_in, body.refresh_token], ['Bearer', 3600, undefined]);
  const info = await client().getUserInfo(body.access_token);
  assert.deepEqual([info.sub, info.email], [settings.user, settings.email]);
  assert.equal(info.accounts.filter(({ isDefault }) => isDefault === 'true').length, 1);
});

check('jwt grant for an application', async () => {
  const { body } = await client().requestJWTApplicationToken(settings.key, SCOPES, settings.privateKey, 600);
  assert.ok(body.access_token);
});

check('authorization code grant, the state byte for byte', async () => {
  const made = client();
  const link = made.getAuthorizationUri(settings.key, ['signature', 'extended'], settings.redirectUri, 'code', STATE);
  const back = await authorize(link);
  assert.equal(back.searchParams.get('state'), STATE);
  const token = await made.generateAccessToken(settings.key, settings.secret, back.searchParams.get('code'));
  assert.deepEqual([token.expiresIn, Boolean(token.refreshToken)], ['28800', true]);
  assert.equal((await made.getUserInfo(token.accessToken)).email, settings.email);
});

check('consent link of the jwt grant', async () => {
  const back = await authorize(client().getJWTUri(settings.key, settings.redirectUri, settings.host));
  assert.ok(back.searchParams.get('code'));
});

check('implicit grant', async () => {
  const link = client().getAuthorizationUri(settings.key, ['signature'], settings.redirectUri, 'token', 's');
  const told = new URLSearchParams((await authorize(link)).hash.slice(1));
  assert.deepEqual([told.get('token_type'), told.get('expires_in'), told.get('state')], ['bearer', '28800', 's']);
  assert.equal((await client().getUserInfo(told.get('access_token'))).email, settings.email);
});

check('the request log, from off to off', async () => {
  const [made, account] = await atHome();
  const api = new docusign.DiagnosticsApi(made);
  const turn = (state) =>
    api.updateRequestLogSettings({ diagnosticsSettingsInformation: { apiRequestLogging: state } });
  await api.deleteRequestLogs();
  assert.equal((await turn('true')).apiRequestLogging, 'true');
  await new docusign.EnvelopesApi(made).createEnvelope(account, { envelopeDefinition: definition('created') });
  assert.equal((await api.getRequestLogSettings()).apiRequestLogRemainingEntries, '49');
  const { apiRequestLogs } = await api.listRequestLogs();
  const text = await api.getRequestLog(apiRequestLogs[0].requestLogId);
  assert.deepEqual([typeof text, text.includes('/envelopes'), text.includes('Bearer')], ['string', true, false]);
  await api.deleteRequestLogs();
  await turn('false');
  const off = { apiRequestLogging: 'false', apiRequestLogMaxEntries: '50', apiRequestLogRemainingEntries: '0' };
  assert.deepEqual({ ...(await api.getRequestLogSettings()) }, off);
});

check('the life of an envelope', async () => {
  const [made, account] = await atHome();
  const api = new docusign.EnvelopesApi(made);
  const sent = await api.createEnvelope(account, { envelopeDefinition: definition('sent') });
  assert.deepEqual([sent.status, sent.uri], ['sent', `/envelopes/${sent.envelopeId}`]);
  const byDate = await api.listStatusChanges(account, { fromDate: new Date(Date.now() - 86_400_000).toISOString() });
  assert.ok(byDate.envelopes.some(({ envelopeId }) => envelopeId === sent.envelopeId));
  assert.equal(typeof byDate.resultSetSize, 'string');
  const envelopeIdsRequest = { envelopeIds: [sent.envelopeId] };
  const byBody = await api.listStatus(account, { envelopeIds: 'request_body', envelopeIdsRequest });
  assert.equal(byBody.envelopes[0].envelopeId, sent.envelopeId);
  await api.update(account, sent.envelopeId, { envelope: { status: 'voided', voidedReason: 'A test' } });
  assert.equal((await api.getEnvelope(account, sent.envelopeId)).status, 'voided');
});

check('rate limits are told', async () => {
  const [made, account] = await atHome();
  const api = new docusign.EnvelopesApi(made);
  const headers = await new Promise((resolve, reject) => {
    api.listStatusChanges(account, { fromDate: '2026-01-01' }, (error, _, answer) =>
      error ? reject(error) : resolve(answer.headers),
    );
  });
  const reset = new Date(Number(headers['x-ratelimit-reset']) * 1000);
  assert.ok(reset.toISOString() && reset - Date.now() <= 3_601_000);
  assert.equal(headers['x-ratelimit-limit'], '3000');
});

check('what an account is', async () => {
  const [made, account] = await atHome();
  const accounts = new docusign.AccountsApi(made);
  assert.equal((await accounts.getAccountInformation(account)).accountIdGuid, account);
  assert.equal((await accounts.listPermissions(account)).permissionProfiles.length, 4);
  const users = new docusign.UsersApi(made);
  assert.equal((await users.list(account)).users.length, 4);
  assert.equal((await users.getInformation(account, settings.user)).userId, settings.user);
  assert.ok((await new docusign.BillingApi(made).getPlan(account)).billingPlan.planId);
  const login = await new docusign.AuthenticationApi(made).login({ includeAccountIdGuid: 'true' });
  assert.equal(login.loginAccounts[0].accountIdGuid, account);
});

check('refusals of the api', async () => {
  const [made, account] = await atHome();
  const { response } = await failing(() => new docusign.EnvelopesApi(made).getEnvelope(account, UNKNOWN));
  assert.deepEqual([response.status, response.data.errorCode], [404, 'ENVELOPE_DOES_NOT_EXIST']);
  assert.ok(response.data.message && response.headers['x-docusign-tracetoken']);
});

check('refusals of the token endpoint', async () => {
  const user = await failing(() => impersonate(settings.key, UNKNOWN));
  assert.deepEqual(user.response.data, { error: 'invalid_grant', error_description: 'user_not_found' });
  const key = await failing(() => impersonate(UNKNOWN));
  assert.deepEqual(key.response.data, { error: 'invalid_grant', error_description: 'issuer_not_found' });
  const code = await failing(() => client().generateAccessToken(settings.key, settings.secret, 'bogus'));
  assert.deepEqual([code.response.status, code.response.data.error], [400, 'invalid_grant']);
});

await report();
