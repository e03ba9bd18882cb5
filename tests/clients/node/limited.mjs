// Docusign's own Node SDK where an account may make one call: what does the error of the second one carry?

import { createRequire } from 'node:module';
import { join } from 'node:path';

const docusign = createRequire(join(process.env.NODE_CLIENTS, 'package.json'))('docusign-esign');
const [account] = process.argv.slice(2);

const client = new docusign.ApiClient();
client.setBasePath(process.env.BASE);
client.addDefaultHeader('Authorization', `Bearer ${process.env.TOKEN}`);
const envelopes = new docusign.EnvelopesApi(client);
const call = () => envelopes.listStatusChanges(account, { fromDate: '2026-01-01' });

await call();
const { response } = await call().then(
  () => ({ response: { status: 200, data: {}, headers: {} } }),
  (error) => error,
);
console.log(
  JSON.stringify({
    status: response.status,
    code: response.data.errorCode,
    remaining: response.headers['x-ratelimit-remaining'],
    retryAfter: response.headers['retry-after'] ?? null,
    trace: response.headers['x-docusign-tracetoken'],
  }),
);
