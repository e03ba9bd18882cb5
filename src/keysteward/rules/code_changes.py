"""Which three things change in an app's code between demo and production, in the language it is written in?

CHANGES is all of it: a snippet for each change and language, with the SDK where there is one. What stands between
two at signs is filled in with what is so for a key.
"""

from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["python", "node", "java", "csharp", "php", "ruby", "curl"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
NAMES: dict[Language, str] = {
    "python": "Python",
    "node": "Node.js",
    "java": "Java",
    "csharp": "C#",
    "php": "PHP",
    "ruby": "Ruby",
    "curl": "curl",
}


@dataclass(frozen=True, slots=True)
class Values:
    """What is so for one key: the account server, the key, and a user whom the app impersonates."""

    host: str
    key: str
    user: str


@dataclass(frozen=True, slots=True)
class CodeChange:
    """One of the three, with its snippet in each language."""

    code: str
    title: str
    text: str
    snippets: dict[Language, str]


def filled(change: CodeChange, language: Language, values: Values) -> str:
    """A snippet with the values of a key."""
    text = change.snippets[language]
    for name, value in (("@HOST@", values.host), ("@KEY@", values.key), ("@USER@", values.user)):
        text = text.replace(name, value)
    return text


ACCOUNT_SERVER = CodeChange(
    "account-server",
    "Account server",
    "Where your app asks for tokens, and the aud of its assertions.",
    {
        "python": """\
from docusign_esign import ApiClient

client = ApiClient(oauth_host_name="@HOST@")
""",
        "node": """\
const docusign = require("docusign-esign");

const client = new docusign.ApiClient();
client.setOAuthBasePath("@HOST@");
""",
        "java": """\
ApiClient client = new ApiClient();
client.setOAuthBasePath("@HOST@");
""",
        "csharp": """\
var client = new DocuSignClient();
client.SetOAuthBasePath("@HOST@");
""",
        "php": """\
$config = new DocuSign\\eSign\\Configuration();
$client = new DocuSign\\eSign\\Client\\ApiClient($config);
$client->getOAuth()->setOAuthBasePath("@HOST@");
""",
        "ruby": """\
configuration = DocuSign_eSign::Configuration.new
client = DocuSign_eSign::ApiClient.new(configuration)
client.set_oauth_base_path("@HOST@")
""",
        "curl": """\
curl https://@HOST@/oauth/token \\
  --data-urlencode grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer \\
  --data-urlencode assertion="$ASSERTION"
""",
    },
)
BASE_URI = CodeChange(
    "base-uri",
    "Base URI",
    "Ask userinfo for it once a user and keep the answer; do not write it into the code.",
    {
        "python": """\
info = client.get_user_info(token.access_token)
account = next(each for each in info.accounts if each.is_default == "True")
client.host = account.base_uri + "/restapi"
client.set_default_header("Authorization", "Bearer " + token.access_token)
""",
        "node": """\
const info = await client.getUserInfo(token);
const account = info.accounts.find((each) => each.isDefault === "true");
client.setBasePath(`${account.baseUri}/restapi`);
client.setOAuthBasePath("@HOST@"); // setBasePath forgets it
client.addDefaultHeader("Authorization", `Bearer ${token}`);
""",
        "java": """\
OAuth.UserInfo info = client.getUserInfo(token.getAccessToken());
OAuth.Account account = info.getAccounts().stream()
    .filter(each -> "true".equals(each.getIsDefault())).findFirst().orElseThrow();
client.setBasePath(account.getBaseUri() + "/restapi");
client.setOAuthBasePath("@HOST@"); // setBasePath forgets it
client.addDefaultHeader("Authorization", "Bearer " + token.getAccessToken());
""",
        "csharp": """\
var info = client.GetUserInfo(token.access_token);
var account = info.Accounts.First(each => each.IsDefault == "true");
client.SetBasePath(account.BaseUri + "/restapi");
client.Configuration.DefaultHeader["Authorization"] = "Bearer " + token.access_token;
""",
        "php": """\
[$info] = $client->getUserInfo($token->getAccessToken());
$isDefault = fn($each) => filter_var($each->getIsDefault(), FILTER_VALIDATE_BOOLEAN);
$account = current(array_filter($info->getAccounts(), $isDefault));
$config->setHost($account->getBaseUri() . "/restapi");
$config->addDefaultHeader("Authorization", "Bearer " . $token->getAccessToken());
""",
        "ruby": """\
info = client.get_user_info(token.access_token)
account = info.accounts.find { |each| each.is_default.to_s == "true" }
configuration.host = account.base_uri
client.default_headers["Authorization"] = "Bearer #{token.access_token}"
""",
        "curl": """\
curl https://@HOST@/oauth/userinfo --header "Authorization: Bearer $ACCESS_TOKEN" \\
  | jq --raw-output '.accounts[] | select(.is_default) | .base_uri'
""",
    },
)
IMPERSONATED_USER = CodeChange(
    "impersonated-user",
    "Impersonated user",
    "For the JWT Grant only: users have another GUID in production. This one is yours.",
    {
        "python": """\
token = client.request_jwt_user_token(
    client_id="@KEY@",
    user_id="@USER@",
    oauth_host_name="@HOST@",
    private_key_bytes=private_key,
    expires_in=3600,
    scopes=["signature", "impersonation"],
)
""",
        "node": """\
const scopes = ["signature", "impersonation"];
const answer = await client.requestJWTUserToken("@KEY@", "@USER@", scopes, privateKey, 3600);
const token = answer.body.access_token;
""",
        "java": """\
OAuth.OAuthToken token = client.requestJWTUserToken(
    "@KEY@", "@USER@", List.of("signature", "impersonation"), privateKey, 3600);
""",
        "csharp": """\
var scopes = new List<string> { "signature", "impersonation" };
var token = client.RequestJWTUserToken("@KEY@", "@USER@", "@HOST@", privateKey, 1, scopes);
""",
        "php": """\
[$token] = $client->requestJWTUserToken("@KEY@", "@USER@", $privateKey, "signature impersonation");
""",
        "ruby": """\
scopes = "signature impersonation"
token = client.request_jwt_user_token("@KEY@", "@USER@", private_key, 3600, scopes)
""",
        "curl": """\
CLAIMS=$(jq --null-input --compact-output '{
  iss: "@KEY@", sub: "@USER@", aud: "@HOST@",
  iat: (now | floor), exp: ((now | floor) + 3600), scope: "signature impersonation"
}')
encoded() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
SIGNED=$(printf '{"alg":"RS256","typ":"JWT"}' | encoded).$(printf %s "$CLAIMS" | encoded)
ASSERTION=$SIGNED.$(printf %s "$SIGNED" | openssl dgst -sha256 -sign private.pem -binary | encoded)
""",
    },
)

CHANGES: tuple[CodeChange, ...] = (ACCOUNT_SERVER, IMPERSONATED_USER, BASE_URI)
