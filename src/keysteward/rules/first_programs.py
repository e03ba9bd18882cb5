"""Which program makes an app's first call, in the language of whoever writes it?

PROGRAMS is all of it. What stands between two at signs is filled in with what is so for an app and a user. No secret
is: programs read the secret key, the code and the name of the private key's file from their environment.
"""

import json
import shlex
from dataclasses import dataclass
from typing import Literal, get_args

from keysteward.rules.first_call import Way

Language = Literal["python", "node", "curl"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
NAMES: dict[Language, str] = {"python": "Python", "node": "Node.js", "curl": "curl"}
FILES: dict[Language, str] = {"python": "first_call.py", "node": "first-call.cjs", "curl": "first-call.sh"}
_INSTALLING: dict[Language, str] = {
    "python": "pip install docusign-esign\n",
    "node": "npm install docusign-esign\n",
    "curl": "",
}
_RUNNING: dict[Language, str] = {
    "python": "python first_call.py",
    "node": "node first-call.cjs",
    "curl": "sh first-call.sh",
}
SECRETS: dict[Way, dict[str, str]] = {
    "code": {"SECRET_KEY": "<your secret key>", "CODE": "<the code>"},
    "jwt": {"PRIVATE_KEY_FILE": "private.pem"},
}


@dataclass(frozen=True, slots=True)
class Values:
    """What is so: the account server, the base URI, app, user and account, and a file of the authority to trust."""

    host: str
    origin: str
    key: str
    user: str
    account: str
    ca_file: str = ""


def program(way: Way, language: Language, values: Values) -> str:
    """The whole program."""
    said = {
        "TRUST": _trust(language, values.ca_file), "HOST": values.host, "ORIGIN": values.origin, "KEY": values.key,
        "USER": values.user, "ACCOUNT": values.account,
    }  # fmt: skip
    text = PROGRAMS[way, language]
    for name, value in said.items():
        text = text.replace(f"@{name}@", value)
    return text


def commands(way: Way, language: Language, values: Values) -> str:
    """What is typed into a shell to run it, with placeholders for what only its reader has."""
    exports = [f"export {name}={shlex.quote(value)}" for name, value in SECRETS[way].items()]
    if values.ca_file and language == "node":
        exports.append(f"export NODE_EXTRA_CA_CERTS={shlex.quote(values.ca_file)}")
    return _INSTALLING[language] + "\n".join([*exports, _RUNNING[language]])


def _trust(language: Language, ca_file: str) -> str:
    """How a program comes to trust an authority that its machine does not know; nothing where it needs none."""
    if not ca_file:
        return ""
    if language == "curl":
        return f" --cacert {shlex.quote(ca_file)}"
    return f"{_PYTHON_TRUST} = {json.dumps(ca_file)}  # an authority that only this machine knows\n"


_PYTHON_TRUST = """\
from docusign_esign.client.configuration import Configuration

Configuration().ssl_ca_cert"""
_PYTHON_END = """\
info = client.get_user_info(token.access_token)
account = next(each for each in info.accounts if each.account_id == "@ACCOUNT@")
client.host = account.base_uri + "/restapi"
client.set_default_header("Authorization", "Bearer " + token.access_token)

found = AccountsApi(client).get_account_information(account.account_id)
print(found.account_name, found.account_id_guid)
"""
_NODE_END = """\
  const info = await client.getUserInfo(token);
  const account = info.accounts.find((each) => each.accountId === "@ACCOUNT@");
  client.setBasePath(`${account.baseUri}/restapi`);
  client.addDefaultHeader("Authorization", `Bearer ${token}`);

  const found = await new docusign.AccountsApi(client).getAccountInformation(account.accountId);
  console.log(found.accountName, found.accountIdGuid);
})();
"""
_CURL_END = """\
curl --silent --show-error --fail-with-body@TRUST@ @ORIGIN@/restapi/v2.1/accounts/@ACCOUNT@ \\
  --header "Authorization: Bearer $TOKEN"
"""
PROGRAMS: dict[tuple[Way, Language], str] = {
    ("code", "python"): """\
import os

from docusign_esign import AccountsApi, ApiClient
@TRUST@
client = ApiClient(oauth_host_name="@HOST@")
token = client.generate_access_token("@KEY@", os.environ["SECRET_KEY"], os.environ["CODE"])

"""
    + _PYTHON_END,
    ("jwt", "python"): """\
import os
from pathlib import Path

from docusign_esign import AccountsApi, ApiClient
@TRUST@
client = ApiClient(oauth_host_name="@HOST@")
token = client.request_jwt_user_token(
    client_id="@KEY@",
    user_id="@USER@",
    oauth_host_name="@HOST@",
    private_key_bytes=Path(os.environ["PRIVATE_KEY_FILE"]).read_bytes(),
    expires_in=3600,
    scopes=["signature", "impersonation"],
)

"""
    + _PYTHON_END,
    ("code", "node"): """\
const docusign = require("docusign-esign");

(async () => {
  const client = new docusign.ApiClient();
  client.setOAuthBasePath("@HOST@");
  const answer = await client.generateAccessToken("@KEY@", process.env.SECRET_KEY, process.env.CODE);
  const token = answer.accessToken;

"""
    + _NODE_END,
    ("jwt", "node"): """\
const docusign = require("docusign-esign");
const privateKey = require("node:fs").readFileSync(process.env.PRIVATE_KEY_FILE);

(async () => {
  const client = new docusign.ApiClient();
  client.setOAuthBasePath("@HOST@");
  const scopes = ["signature", "impersonation"];
  const answer = await client.requestJWTUserToken("@KEY@", "@USER@", scopes, privateKey, 3600);
  const token = answer.body.access_token;

"""
    + _NODE_END,
    ("code", "curl"): """\
set -eu
TOKEN=$(curl --silent --show-error --fail-with-body@TRUST@ https://@HOST@/oauth/token \\
  --user "@KEY@:$SECRET_KEY" \\
  --data-urlencode grant_type=authorization_code \\
  --data-urlencode code="$CODE" | sed 's/.*"access_token" *: *"\\([^"]*\\)".*/\\1/')
"""
    + _CURL_END,
    ("jwt", "curl"): """\
set -eu
encoded() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
NOW=$(date +%s)
CLAIMS=$(printf '{"iss":"@KEY@","sub":"@USER@","aud":"@HOST@",
  "iat":%s,"exp":%s,"scope":"signature impersonation"}' "$NOW" "$((NOW + 3600))")
SIGNED=$(printf '{"alg":"RS256","typ":"JWT"}' | encoded).$(printf %s "$CLAIMS" | encoded)
ASSERTION=$SIGNED.$(printf %s "$SIGNED" | openssl dgst -sha256 -sign "$PRIVATE_KEY_FILE" -binary | encoded)
TOKEN=$(curl --silent --show-error --fail-with-body@TRUST@ https://@HOST@/oauth/token \\
  --data-urlencode grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer \\
  --data-urlencode assertion="$ASSERTION" | sed 's/.*"access_token" *: *"\\([^"]*\\)".*/\\1/')
"""
    + _CURL_END,
}
