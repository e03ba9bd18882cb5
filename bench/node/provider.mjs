// An authorization server that does the work of Keysteward's JWT grant with what oidc-provider has for it: it checks
// an RS256 assertion (of a client, for there is no JWT grant) and answers with a signed JWT for the API.
import { generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';

const [algorithm, client, publicKey] = process.argv.slice(2);
const issuer = 'http://localhost';
const kind = algorithm === 'RS256' ? ['rsa', { modulusLength: 2048 }] : ['ec', { namedCurve: 'P-256' }];
const { privateKey } = generateKeyPairSync(...kind);

const provider = new Provider(issuer, {
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: algorithm, use: 'sig' }] },
  scopes: ['signature', 'impersonation'],
  clients: [
    {
      client_id: client,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'RS256',
      id_token_signed_response_alg: algorithm,
      jwks: { keys: [JSON.parse(publicKey)] },
    },
  ],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'https://api.example.com',
      getResourceServerInfo: () => ({
        scope: 'signature impersonation',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 3600,
        jwt: { sign: { alg: algorithm } },
      }),
    },
  },
});
provider.ReplayDetection.unique = async () => true; // so that one assertion can be sent again, as it can to Keysteward

const server = provider.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
