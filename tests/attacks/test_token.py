"""Does the token endpoint give anything to whoever asks oddly?"""

import base64

import pytest

from tests.attacks.forging import compact, rs256
from tests.attacks.scene import CLIENT_ASSERTION, JWT_BEARER, PKCE, UNKNOWN, App, Scene, basic
from tests.cast import VERIFIER

UNAUTHENTICATED = "The client could not be authenticated."

FORMS: list[tuple[str, dict[str, str], str]] = [
    ("no grant", {}, "invalid_request"),
    ("an empty grant", {"grant_type": ""}, "invalid_request"),
    ("an unknown grant", {"grant_type": "magic"}, "unsupported_grant_type"),
    (
        "the user's password",
        {"grant_type": "password", "username": "sam", "password": "x" * 12},
        "unsupported_grant_type",
    ),
    ("client credentials", {"grant_type": "client_credentials"}, "unsupported_grant_type"),
    ("the implicit grant", {"grant_type": "implicit"}, "unsupported_grant_type"),
    ("a device code", {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, "unsupported_grant_type"),
    ("token exchange", {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange"}, "unsupported_grant_type"),
    ("SAML", {"grant_type": "urn:ietf:params:oauth:grant-type:saml2-bearer"}, "unsupported_grant_type"),
    ("the grant in capitals", {"grant_type": "AUTHORIZATION_CODE"}, "unsupported_grant_type"),
    ("a blank behind the grant", {"grant_type": "authorization_code "}, "unsupported_grant_type"),
    ("two grants", {"grant_type": "authorization_code refresh_token"}, "unsupported_grant_type"),
    ("no code", {"grant_type": "authorization_code"}, "invalid_request"),
    ("an empty code", {"grant_type": "authorization_code", "code": ""}, "invalid_request"),
    ("no refresh token", {"grant_type": "refresh_token"}, "invalid_request"),
    ("no assertion", {"grant_type": JWT_BEARER}, "invalid_request"),
]


@pytest.mark.parametrize(("form", "error"), [case[1:] for case in FORMS], ids=[case[0] for case in FORMS])
def test_an_odd_form_is_refused(scene: Scene, form: dict[str, str], error: str) -> None:
    """A client that is who it says gets 400 and the error of RFC 6749 §5.2."""
    status, found, _ = scene.token(form, Authorization=scene.shop.basic).refusal

    assert (status, found) == (400, error)


CODES: list[tuple[str, str]] = [
    ("unknown", "ksc_" + "A" * 49),
    ("garbage", "garbage-garbage"),
    ("a blank behind", "{code} "),
    ("a line end behind", "{code}\n"),
    ("a letter fewer", "{short}"),
    ("a letter more", "{code}A"),
    ("in capitals", "{CODE}"),
    ("quoted", '"{code}"'),
    ("SQL", "' OR 1=1 --"),
    ("a refresh token", "{refresh_token}"),
    ("an access token", "{access_token}"),
    ("the secret key", "{secret}"),
    ("very long", "ksc_" + "A" * 50_000),
    ("full-width", "\uff4b\uff53\uff43_"),
]


@pytest.mark.parametrize("code", [case[1] for case in CODES], ids=[case[0] for case in CODES])
def test_what_is_no_code_is_not_redeemed(scene: Scene, code: str) -> None:
    """Docusign's word for every code that is not good; and the good one is still good afterwards."""
    good, tokens = scene.code(), scene.tokens()
    odd = code.format(code=good, CODE=good.upper(), short=good[:-1], secret=scene.shop.secret, **tokens)

    assert scene.redeem(odd).refusal == (400, "invalid_grant", "expired_client_token")
    assert scene.redeem(good).status == 200


@pytest.mark.parametrize("name", ["grant_type", "code", "redirect_uri", "client_id", "code_verifier", "anything"])
def test_a_doubled_field_is_refused(scene: Scene, name: str) -> None:
    """No field comes twice (RFC 6749 §3.2)."""
    pairs = [("grant_type", "authorization_code"), ("code", scene.code())]
    pairs = [pair for pair in pairs if pair[0] != name] + [(name, "a"), (name, "a")]

    assert scene.token(pairs, Authorization=scene.shop.basic).refusal[:2] == (400, "invalid_request")


BASICS: list[tuple[str, str]] = [
    ("nothing behind it", "Basic "),
    ("no base64", "Basic !!!!"),
    ("no colon", "Basic " + base64.b64encode(b"nocolon-nocolon").decode()),
    ("not UTF-8", "Basic " + base64.b64encode(b"\xff\xfe:\xff\xff\xff\xff").decode()),
    ("an unknown key", basic(UNKNOWN, "kss_wrong-wrong")),
    ("no key", basic("", "kss_wrong-wrong")),
    ("a zero byte", basic("a\x00b", "c\x00d")),
    ("SQL", basic("' OR 1=1 --", "' OR 1=1 --")),
    ("a percent sign alone", basic("%", "%zz%")),
    ("very long", basic("x" * 3_000, "y" * 3_000)),
]


@pytest.mark.parametrize("header", [case[1] for case in BASICS], ids=[case[0] for case in BASICS])
def test_a_basic_header_that_is_wrong(scene: Scene, header: str) -> None:
    """401 with a challenge, for the client tried to authenticate by that header (RFC 6749 §5.2)."""
    reply = scene.token({"grant_type": "authorization_code", "code": scene.code()}, Authorization=header)

    assert reply.refusal == (401, "invalid_client", UNAUTHENTICATED)
    assert reply.headers["WWW-Authenticate"].startswith("Basic realm=")


SECRETS: list[tuple[str, str]] = [
    ("wrong", "kss_wrong-wrong"),
    ("another app's", "{rival}"),
    ("a blank behind", "{own} "),
    ("in capitals", "{OWN}"),
    ("a letter fewer", "{short}"),
    ("the integration key", "{key}"),
    ("its keypair's id", "{keypair}"),
]


@pytest.mark.parametrize("secret", [case[1] for case in SECRETS], ids=[case[0] for case in SECRETS])
@pytest.mark.parametrize("where", ["header", "form"])
def test_a_wrong_secret(scene: Scene, secret: str, where: str) -> None:
    """401 in the header, 400 in the form, and the code stays good for its client."""
    app, code = scene.shop, scene.code()
    names = {"own": app.secret, "OWN": app.secret.swapcase(), "short": app.secret[:-1], "rival": scene.rival.secret}
    wrong = secret.format(**names, key=app.key, keypair=app.keypair)
    form = {"grant_type": "authorization_code", "code": code}
    in_form = {"client_id": app.key, "client_secret": wrong} if where == "form" else {}
    header = {"Authorization": basic(app.key, wrong)} if where == "header" else {}

    assert scene.token(form | in_form, **header).refusal == (
        400 if where == "form" else 401, "invalid_client", UNAUTHENTICATED,
    )  # fmt: skip
    assert scene.redeem(code).status == 200


def test_an_empty_secret_proves_nothing(scene: Scene) -> None:
    """In the form it is none at all (RFC 6749 §2.3.1, §3.2), which will do for a public client only."""
    app, code = scene.server, scene.code(scene.server)
    form = {"grant_type": "authorization_code", "code": code}
    bound = {"grant_type": "authorization_code", "code": scene.code(scene.page, **PKCE), "code_verifier": VERIFIER}

    assert scene.token(form, Authorization=basic(app.key, "")).refusal == (401, "invalid_client", UNAUTHENTICATED)
    empty = {"client_secret": ""}
    assert scene.token(form | empty | {"client_id": app.key}).refusal == (400, "invalid_client", UNAUTHENTICATED)
    assert scene.redeem(code, app).status == 200
    assert scene.token(bound | empty | {"client_id": scene.page.key}).status == 200


@pytest.mark.parametrize("name", ["redirect_uri", "code_verifier", "client_id", "client_assertion", "scope", "more"])
def test_an_empty_field_is_none(scene: Scene, name: str) -> None:
    """It counts as left out (RFC 6749 §3.2)."""
    assert scene.redeem(scene.code(), **{name: ""}).status == 200


def test_two_ways_to_authenticate_at_once(scene: Scene) -> None:
    """A client uses one way in a request (RFC 6749 §2.3, §5.2); the same secret twice is one client's habit."""
    form = {"grant_type": "authorization_code", "code": scene.code()}
    assertion = {
        "client_assertion": scene.assertion(claims=scene.client_claims()),
        "client_assertion_type": CLIENT_ASSERTION,
    }

    for more in ({"client_secret": "kss_another-another"}, assertion):
        assert scene.token(form | more, Authorization=scene.shop.basic).refusal[:2] == (400, "invalid_request")
    assert scene.token(form | scene.shop.form, Authorization=scene.shop.basic).status == 200


def test_a_header_and_a_form_that_name_two_clients(scene: Scene) -> None:
    """One of them lies."""
    form = {"grant_type": "authorization_code", "code": scene.code(), "client_id": scene.rival.key}

    assert scene.token(form, Authorization=scene.shop.basic).refusal[:2] == (401, "invalid_client")


def test_two_authorization_headers(scene: Scene) -> None:
    """Two headers are no client, or the first one; never the second."""
    code = scene.code()
    wrong = f"{basic(scene.shop.key, 'kss_wrong-wrong')}, {scene.shop.basic}"

    form = {"grant_type": "authorization_code", "code": code}
    assert scene.token(form, Authorization=wrong).refusal[:2] == (401, "invalid_client")


QUERIES = ["client_id={key}&client_secret={secret}", "client_secret={secret}"]


@pytest.mark.parametrize("query", QUERIES)
def test_credentials_in_the_query_are_none(scene: Scene, query: str) -> None:
    """An address ends in logs (RFC 6749 §2.3.1): the server's app is nobody without its form or header."""
    app = scene.server
    target = "/oauth/token?" + query.format(key=app.key, secret=app.secret)
    form = {"grant_type": "authorization_code", "code": scene.code(app)}

    assert scene.wire.ask("POST", target, form).refusal[:2] == (400, "invalid_request")
    named = scene.wire.ask("POST", target, form | {"client_id": app.key})
    assert named.refusal[:2] == (400, "invalid_client")


@pytest.mark.parametrize("name", ["grant_type", "code"])
def test_fields_in_the_query_are_none(scene: Scene, name: str) -> None:
    """What belongs in the form is read from the form."""
    form = {"grant_type": "authorization_code", "code": scene.code()}
    target = f"/oauth/token?{name}={form.pop(name)}"

    assert scene.wire.ask("POST", target, form, Authorization=scene.shop.basic).status == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "TRACE"])
def test_only_a_post_asks_for_a_token(scene: Scene, method: str) -> None:
    """RFC 6749 §3.2."""
    reply = scene.wire.ask(method, "/oauth/token?grant_type=authorization_code", Authorization=scene.shop.basic)

    assert (reply.status, reply.headers["Allow"]) == (405, "POST")


KINDS = [
    "application/json", "multipart/form-data; boundary=x", "text/plain", "application/x-www-form-urlencodedx", "",
    "application/x-www-form-urlencoded, application/json",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_form_asks_for_a_token(scene: Scene, kind: str) -> None:
    """A body that says it is something else is not read as a form."""
    body = f"grant_type=authorization_code&code={scene.code()}".encode()

    assert scene.wire.ask(
        "POST", "/oauth/token", body, Content_Type=kind, Authorization=scene.shop.basic
    ).refusal[:2] == (400, "invalid_request")  # fmt: skip


BODIES: list[tuple[str, bytes]] = [
    ("empty", b""),
    ("a zero byte", b"grant_type=authorization_code&code=a%00b"),
    ("a raw zero byte", b"grant_type=authorization_code&code=a\x00b"),
    ("not UTF-8", b"grant_type=authorization_code&code=%FF%FE"),
    ("raw bytes", b"grant_type=authorization_code&code=\xff\xfe"),
    ("an overlong slash", b"grant_type=authorization_code&code=%C0%AF"),
    ("too many fields", b"&".join(b"a%d=1" % number for number in range(300))),
    ("too large", b"grant_type=" + b"x" * 300_000),
    ("only separators", b"&&&&==&=&"),
    ("JSON in a form", b'{"grant_type":"authorization_code"}'),
]


@pytest.mark.parametrize("body", [case[1] for case in BODIES], ids=[case[0] for case in BODIES])
def test_a_body_that_is_no_form(scene: Scene, body: bytes) -> None:
    """It is refused as such, in JSON that no cache keeps."""
    reply = scene.wire.ask("POST", "/oauth/token", body)

    assert reply.refusal[:2] == (400, "invalid_request")
    assert (reply.headers["Content-Type"], reply.headers["Cache-Control"]) == ("application/json", "no-store")


def test_an_app_without_the_grant(scene: Scene) -> None:
    """A public client has no secret, and a server without its secret is not believed to be one (RFC 6749 §5.2)."""
    code = scene.code(scene.server)
    reply = scene.token({"grant_type": "authorization_code", "code": code, "client_id": scene.server.key})

    assert reply.refusal[:2] == (400, "invalid_client")
    assert scene.redeem(code, scene.server).status == 200


@pytest.mark.parametrize("form", [
    {"grant_type": "authorization_code", "code": "ksc_unknown"},
    {"grant_type": "refresh_token", "refresh_token": "ksr_unknown"},
])  # fmt: skip
def test_an_app_without_its_secret_learns_nothing(scene: Scene, form: dict[str, str]) -> None:
    """Who it is comes first: nothing is said of the code or token that it brings."""
    assert scene.token(form | {"client_id": scene.server.key}).refusal[:2] == (400, "invalid_client")


def test_a_public_app_asks_by_the_jwt_grant(scene: Scene) -> None:
    """Its keypair signs well, but the app is not registered for that grant."""
    app = scene.page
    assertion = signed_by(scene, app)

    assert scene.assert_with(assertion).refusal[:2] == (400, "unauthorized_client")


def signed_by(scene: Scene, app: App) -> str:
    """A good assertion of another app than the shop."""
    return compact({"alg": "RS256"}, scene.claims(app), rs256(app.private_pem))
