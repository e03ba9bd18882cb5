"""What about everything around a request: hosts, origins, paths, discovery and what the answers say of themselves?"""

import ssl
from email.message import Message
from socket import create_connection

import pytest

from tests.attacks.scene import CALLBACK, ORIGIN, PKCE, Scene
from tests.attacks.wire import Reply, leaked, secrets_of

HOSTS: list[tuple[str, str]] = [
    ("another", "evil.example"),
    ("ours as a subdomain", "localhost.evil.example"),
    ("ours as a user name", "localhost@evil.example"),
    ("another as a user name", "evil.example@localhost:1"),
    ("a blank", " "),
    ("two", "localhost, evil.example"),
    ("a path", "evil.example/localhost"),
    ("a template", "{{7*7}}"),
    ("a Cyrillic letter in punycode", "xn--lcalhost-d1g"),
    ("a bracket left open", "[::1"),
]


@pytest.mark.parametrize("host", [case[1] for case in HOSTS], ids=[case[0] for case in HOSTS])
@pytest.mark.parametrize("target", ["/.well-known/openid-configuration", "/signin", "/oauth/userinfo"])
def test_a_host_that_is_not_ours(scene: Scene, target: str, host: str) -> None:
    """421, and nothing of the name in the answer but where a page says it."""
    reply = scene.wire.ask("GET", target, Host=host)

    assert reply.status in {400, 421}
    assert "evil" not in reply.text.lower()


FORWARDED: list[dict[str, str]] = [
    {"X_Forwarded_Host": "evil.example"},
    {"X_Forwarded_Proto": "http", "X_Forwarded_Host": "evil.example"},
    {"Forwarded": "host=evil.example;proto=http"},
    {"X_Original_URL": "/api/v1/me", "X_Rewrite_URL": "/api/v1/me"},
    {"X_Forwarded_Prefix": "/evil"},
    {"X_HTTP_Method_Override": "DELETE"},
]


@pytest.mark.parametrize("headers", FORWARDED, ids=lambda headers: next(iter(headers)))
def test_no_header_moves_us(scene: Scene, headers: dict[str, str]) -> None:
    """Our addresses come from our settings: discovery and redirects name no other host."""
    found = scene.wire.ask("GET", "/.well-known/openid-configuration", **headers)

    assert found.body == scene.wire.ask("GET", "/.well-known/openid-configuration").body
    assert scene.wire.ask("GET", "/apps", **headers).location == "/signin?next=%2Fapps"


def test_an_absolute_address_of_another_host(scene: Scene) -> None:
    """Asked as a proxy would be, we are still only ourselves."""
    raw = b"GET http://evil.example/.well-known/openid-configuration HTTP/1.1\r\nHost: evil.example\r\n\r\n"

    assert spoken(scene, raw).split(b"\r\n")[0].split(b" ")[1] in {b"400", b"404", b"421"}


SMUGGLED: list[tuple[str, bytes]] = [
    ("two lengths", b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
    ("a length and chunks", b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n"),
    ("a negative length", b"Content-Length: -1\r\n\r\n"),
    ("a blank before the colon", b"Content-Length : 5\r\n\r\nhello"),
    ("odd chunks", b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
]


@pytest.mark.parametrize("rest", [case[1] for case in SMUGGLED], ids=[case[0] for case in SMUGGLED])
def test_a_message_with_two_ends(scene: Scene, rest: bytes) -> None:
    """One request gets one answer, and it is a refusal (RFC 9112 §6.3)."""
    head = f"POST /oauth/token HTTP/1.1\r\nHost: {scene.wire.authority}\r\nConnection: close\r\n".encode()
    said = spoken(scene, head + b"Content-Type: application/x-www-form-urlencoded\r\n" + rest)

    assert said.count(b"HTTP/1.1 ") <= 1
    assert said == b"" or said.split(b" ")[1] == b"400"


def spoken(scene: Scene, raw: bytes) -> bytes:
    """What is answered to bytes, until we are hung up on."""
    host, port = scene.wire.authority.split(":")
    context = ssl.create_default_context(cafile=scene.demo.ca_file)
    with create_connection((host, int(port)), 10) as plain, context.wrap_socket(plain, server_hostname=host) as secure:
        secure.sendall(raw)
        secure.settimeout(1)
        return _until_quiet(secure)


def _until_quiet(secure: ssl.SSLSocket) -> bytes:
    said = b""
    try:
        while part := secure.recv(65_536):
            said += part
    except OSError:
        return said
    return said


PATHS = [
    "/oauth/token/", "/oauth//token", "/OAUTH/TOKEN", "/oauth/./token", "/oauth/x/../token", "/oauth/%74oken",
    "/oauth/token;x", "/oauth/token%00", "/oauth/token%0a", "//oauth/token", "/oauth%2Ftoken", "/oauth\\token",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_is_nearly_ours(scene: Scene, path: str) -> None:
    """Another spelling is another address; an encoded letter is the same one (RFC 3986 §6.2.2.2)."""
    reply = scene.wire.ask("POST", path, {"grant_type": "authorization_code", "code": scene.code()}, **own(scene))

    assert reply.status == (200 if path == "/oauth/%74oken" else 404)


def own(scene: Scene) -> dict[str, str]:
    """The shop's credentials."""
    return {"Authorization": scene.shop.basic}


STATIC = ["/static/../app.py", "/static/..%2f..%2fapp.py", "/static/%2e%2e/%2e%2e/showing.py", "/static//etc/passwd"]


@pytest.mark.parametrize("path", STATIC)
def test_no_file_but_the_static_ones(scene: Scene, path: str) -> None:
    """A traversal finds nothing."""
    assert scene.wire.ask("GET", path).status == 404


def test_discovery_tells_the_truth(scene: Scene) -> None:
    """Every address lies here and answers, and what is not done is not promised (RFC 8414, RFC 9207 §3)."""
    found = scene.wire.ask("GET", "/.well-known/openid-configuration").said
    addresses = {name: value for name, value in found.items() if name.endswith(("_endpoint", "_uri"))}
    statuses = {
        name: scene.wire.ask("GET", value.removeprefix(scene.demo.origin)).status for name, value in addresses.items()
    }

    assert all(value.startswith(scene.issuer) for value in addresses.values())
    assert statuses == {
        "authorization_endpoint": 400, "token_endpoint": 405, "userinfo_endpoint": 401, "jwks_uri": 200,
        "revocation_endpoint": 405, "introspection_endpoint": 405, "end_session_endpoint": 200,
    }  # fmt: skip
    assert found == scene.wire.ask("GET", "/.well-known/oauth-authorization-server").said


def test_discovery_promises_nothing_weak(scene: Scene) -> None:
    """No plain challenge, no unsigned token, no hybrid flow, no password grant."""
    found = scene.wire.ask("GET", "/.well-known/openid-configuration").said

    assert found["code_challenge_methods_supported"] == ["S256"]
    assert not {"none", "HS256"} & set(found["id_token_signing_alg_values_supported"])
    assert not {"none", "HS256"} & set(found["token_endpoint_auth_signing_alg_values_supported"])
    assert "password" not in found["grant_types_supported"]
    assert not [each for each in found["response_types_supported"] if "code" in each.split() and each != "code"]
    assert "none" not in found["introspection_endpoint_auth_methods_supported"]


def test_every_answer_says_who_answers(scene: Scene) -> None:
    """A client of two servers can tell them apart: `iss` is as discovery has it, in errors too (RFC 9207)."""
    found = scene.wire.ask("GET", "/.well-known/openid-configuration").said
    told = [
        scene.visit(scene.asking()).told,
        scene.visit(scene.asking(scope="")).told,
        scene.visit(scene.asking(response_type="token")).told,
        scene.visit(scene.asking(response_type="id_token token", scope="openid", nonce="n")).told,
    ]

    assert found["authorization_response_iss_parameter_supported"] is True
    assert [each["iss"] for each in told] == [found["issuer"]] * 4


def test_the_two_environments_are_two_issuers(scene: Scene) -> None:
    """Nothing of the one can be taken for the other's."""
    discovery = "/.well-known/openid-configuration"
    demo, production = scene.wire.ask("GET", discovery).said, scene.other_wire.ask("GET", discovery).said
    kids = [
        {key["kid"] for key in wire.ask("GET", "/oauth/jwks").said["keys"]} for wire in (scene.wire, scene.other_wire)
    ]

    assert demo["issuer"] != production["issuer"]
    assert kids[0].isdisjoint(kids[1])


def test_published_keys_are_public(scene: Scene) -> None:
    """No private part is published."""
    keys = scene.wire.ask("GET", "/oauth/jwks").said["keys"]

    assert keys
    assert not [key for key in keys if {"d", "p", "q", "dp", "dq", "qi", "k"} & key.keys()]


ORIGINS = [
    "https://evil.example", "https://app.example.com.evil.example", "https://evilapp.example.com", "null",
    "http://app.example.com", "https://app.example.com:8443", "https://APP.example.com", "https://app.example.com/",
    "https://app.example.com, https://evil.example", "file://", "",
]  # fmt: skip


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_page_of_another_origin_reads_nothing(scene: Scene, origin: str) -> None:
    """Neither asked beforehand nor afterwards (RFC 9700 §2.6)."""
    form = {"grant_type": "authorization_code", "code": scene.code()}
    answered = scene.token(form, Authorization=scene.shop.basic, Origin=origin)
    asked = preflight(scene, "/oauth/token", origin)

    assert "Access-Control-Allow-Origin" not in answered.headers
    assert "Access-Control-Allow-Origin" not in asked.headers


def test_a_page_of_the_app_reads_its_own(scene: Scene) -> None:
    """Exactly its origin, never with cookies, and another app's page is another page."""
    answered = scene.token({"grant_type": "refresh_token"}, Authorization=scene.shop.basic, Origin=ORIGIN)

    assert preflight(scene, "/oauth/token", ORIGIN).headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answered.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in answered.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answered.headers


CLOSED = ["/oauth/auth", "/oauth/consent", "/oauth/signin", "/oauth/introspect", "/oauth/logout", "/api/v1/me", "/apps"]


@pytest.mark.parametrize("path", CLOSED)
def test_no_page_reads_what_is_for_people_and_servers(scene: Scene, path: str) -> None:
    """The authorization endpoint and our own pages answer no page of others, registered or not (RFC 9700 §2.6)."""
    got = scene.wire.ask("GET", path, Origin=ORIGIN, Cookie=scene.session())

    assert "Access-Control-Allow-Origin" not in preflight(scene, path, ORIGIN).headers
    assert "Access-Control-Allow-Origin" not in got.headers


def preflight(scene: Scene, path: str, origin: str) -> Reply:
    """What a browser asks before it lets a page call."""
    return scene.wire.ask("OPTIONS", path, Origin=origin, Access_Control_Request_Method="POST")


def test_pages_are_framed_by_nobody(scene: Scene) -> None:
    """Sign-in, consent and errors: no frame, no foreign script, no cache, no referrer that tells codes."""
    for reply in (
        scene.wire.ask("GET", scene.asking()),
        scene.visit(scene.asking(scope="framed.scope")),
        scene.visit(scene.asking(redirect_uri="https://evil.example")),
    ):
        policy = reply.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "evil.example" not in policy
        assert reply.headers["X-Frame-Options"] == "DENY"
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_a_code_leaves_no_trace(scene: Scene) -> None:
    """The way back is kept by no cache and told to no third site."""
    reply = scene.visit(scene.asking())

    assert (reply.status, reply.headers["Cache-Control"]) == (303, "no-store")
    assert reply.headers["Referrer-Policy"] == "no-referrer"


FORMS = ["/oauth/consent", "/oauth/signin", "/oauth/signout", "/signout", "/apps"]


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "headers",
    [{"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Origin": "https://evil.example"},
     {"Origin": "null"}],
    ids=["another site", "a sibling", "another origin", "no origin to speak of"],
)  # fmt: skip
def test_no_other_site_presses_our_buttons(scene: Scene, path: str, headers: dict[str, str]) -> None:
    """A form that another site sends with our cookie does nothing."""
    target = scene.asking().replace("/oauth/auth", path)
    reply = scene.wire.ask("POST", target, {"decision": "allow"}, Cookie=scene.session(), **headers)

    assert (reply.status, reply.location) == (403, "")
    assert scene.visit("/api/v1/me").status == 200


def test_our_cookie_is_well_kept(scene: Scene) -> None:
    """Only over TLS, for no script, for this host, and not sent along by other sites."""
    reply = scene.wire.ask("POST", "/signin", {"email": "sam@northwind.example", "password": "open-the-twin"})
    name, *attributes = reply.headers["Set-Cookie"].split("; ")

    assert name.startswith("__Host-ks-demo=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(attributes)


def test_a_session_begins_anew_at_sign_in(scene: Scene) -> None:
    """A cookie that somebody planted is not the one that is used (session fixation)."""
    planted = "__Host-ks-demo=ksw_" + "A" * 49
    form = {"email": "sam@northwind.example", "password": "open-the-twin"}
    session = scene.wire.ask("POST", "/signin", form, Cookie=planted).session

    assert session != planted
    assert scene.wire.ask("GET", "/api/v1/me", Cookie=planted).status == 401


def test_a_public_client_s_code_comes_back_in_a_form(scene: Scene) -> None:
    """`form_post` escapes what it carries, and its page may send to the app only."""
    state = "\"><script>alert(1)</script>&amp;'"
    page = scene.visit(scene.asking(scene.page, response_mode="form_post", state=state, **PKCE))

    assert page.status == 200
    assert "<script>alert" not in page.text
    assert "https://app.example.com" in page.headers["Content-Security-Policy"].partition("form-action")[2]
    assert f'action="{CALLBACK}"' in page.text


def test_the_guard_itself_bites() -> None:
    """Every answer of this suite is looked through for what was sent; a leak would be seen."""
    sent = secrets_of("/x?code=ksc_very-secret", b"password=open+the+twin", {"Authorization": "Basic a2V5OnNlY3JldA=="})
    reply = Reply(200, Message(), b"ksc_very-secret and a2V5OnNlY3JldA==")

    assert leaked(sent, reply) == ["ksc_very-secret", "a2V5OnNlY3JldA=="]
