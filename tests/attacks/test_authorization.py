"""Is an authorization request with one odd thing refused, and is the app told so only where that is safe?"""

from urllib.parse import urlencode, urlsplit

import pytest

from tests.attacks.scene import CALLBACK, PKCE, UNKNOWN, Scene
from tests.attacks.wire import Reply
from tests.cast import CHALLENGE

TOLD: list[tuple[str, dict[str, str], str]] = [
    ("no response type", {"response_type": ""}, "invalid_request"),
    ("an unknown response type", {"response_type": "device"}, "unsupported_response_type"),
    ("a response type in capitals", {"response_type": "CODE"}, "unsupported_response_type"),
    ("a hybrid response type", {"response_type": "code token"}, "unsupported_response_type"),
    ("a code with an id token", {"response_type": "code id_token"}, "unsupported_response_type"),
    ("no answer wanted", {"response_type": "none"}, "unsupported_response_type"),
    ("two codes", {"response_type": "code,code"}, "unsupported_response_type"),
    ("an unknown response mode", {"response_mode": "web_message"}, "invalid_request"),
    ("a token in the query", {"response_type": "token", "response_mode": "query"}, "invalid_request"),
    ("an id token without nonce", {"response_type": "id_token", "scope": "openid"}, "invalid_request"),
    ("an id token without openid", {"response_type": "id_token", "nonce": "n"}, "invalid_request"),
    ("a request object", {"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    ("a request object elsewhere", {"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
    ("no scope", {"scope": ""}, "invalid_scope"),
    ("blank scopes", {"scope": "  "}, "invalid_scope"),
    ("a tab between scopes", {"scope": "signature\textended"}, "invalid_scope"),
    ("a quote in a scope", {"scope": 'sig"nature'}, "invalid_scope"),
    ("a backslash in a scope", {"scope": "sig\\nature"}, "invalid_scope"),
    ("a line end in a scope", {"scope": "signature\r\nopenid"}, "invalid_scope"),
    ("a zero byte in a scope", {"scope": "signature\x00"}, "invalid_scope"),
    ("a Cyrillic scope", {"scope": "sign\u0430ture"}, "invalid_scope"),
    ("a very long scope", {"scope": "s" * 101}, "invalid_scope"),
    ("too many scopes", {"scope": " ".join(f"s{number}" for number in range(101))}, "invalid_scope"),
    ("a challenge without method", {"code_challenge": CHALLENGE}, "invalid_request"),
    ("a method without challenge", {"code_challenge_method": "S256"}, "invalid_request"),
    ("a plain challenge", PKCE | {"code_challenge_method": "plain"}, "invalid_request"),
    ("the method in small letters", PKCE | {"code_challenge_method": "s256"}, "invalid_request"),
    ("a stronger method", PKCE | {"code_challenge_method": "S512"}, "invalid_request"),
    ("a blank behind the method", PKCE | {"code_challenge_method": "S256 "}, "invalid_request"),
    ("a short challenge", PKCE | {"code_challenge": CHALLENGE[:-1]}, "invalid_request"),
    ("a long challenge", PKCE | {"code_challenge": CHALLENGE + "A"}, "invalid_request"),
    ("a padded challenge", PKCE | {"code_challenge": CHALLENGE + "="}, "invalid_request"),
    ("a challenge of plain base64", PKCE | {"code_challenge": "+/" + CHALLENGE[2:]}, "invalid_request"),
    ("a challenge with a line end", PKCE | {"code_challenge": CHALLENGE[:-1] + "\n"}, "invalid_request"),
    ("a challenge of full-width digits", PKCE | {"code_challenge": "\uff11" * 43}, "invalid_request"),
    ("a prompt that is not promised", {"prompt": "create"}, "invalid_request"),
    ("a prompt in capitals", {"prompt": "NONE"}, "invalid_request"),
    ("none beside login", {"prompt": "none login"}, "invalid_request"),
    ("none beside consent", {"prompt": "consent none"}, "invalid_request"),
    ("a negative age", {"max_age": "-1"}, "invalid_request"),
    ("an age in words", {"max_age": "old"}, "invalid_request"),
    ("an age in Arabic digits", {"max_age": "\u0661"}, "invalid_request"),
    ("a huge age", {"max_age": "9" * 400}, "invalid_request"),
]


@pytest.mark.parametrize(("parameters", "error"), [case[1:] for case in TOLD], ids=[case[0] for case in TOLD])
def test_the_app_is_told_what_is_wrong(scene: Scene, parameters: dict[str, str], error: str) -> None:
    """The app's own address gets the error, the state and who says so, and never a code or token."""
    told = scene.visit(scene.asking(**parameters)).told

    assert (told["error"], told["state"], told["iss"]) == (error, "s", scene.issuer)
    assert not {"code", "access_token", "id_token"} & told.keys()


CLIENTS: list[tuple[str, str]] = [
    ("unknown", UNKNOWN),
    ("in capitals", "{KEY}"),
    ("in braces", "{{{key}}}"),
    ("with a blank behind", "{key} "),
    ("with a line end behind", "{key}\n"),
    ("with a zero byte behind", "{key}\x00"),
    ("a zero byte", "\x00"),
    ("without hyphens", "{bare}"),
    ("in full-width digits", "\uff10" * 8 + "-0000-4000-8000-000000000000"),
    ("SQL", "' OR '1'='1"),
    ("a path", "../../keys/{key}"),
    ("two keys", "{key},{key}"),
    ("very long", "x" * 3_000),
    ("a template", "{{{{7*7}}}}"),
]


@pytest.mark.parametrize("client_id", [case[1] for case in CLIENTS], ids=[case[0] for case in CLIENTS])
def test_a_client_that_is_none_is_not_answered(scene: Scene, client_id: str) -> None:
    """An integration key is exact; where none is known nothing is redirected (RFC 6749 §4.1.2.1)."""
    key = scene.shop.key
    named = client_id.format(key=key, KEY=key.upper(), bare=key.replace("-", ""))
    reply = scene.visit(scene.asking(client_id=named))

    assert (reply.status, reply.location) == (400, "")
    assert "unknown-client" in reply.text


DOUBLED = [
    "response_type", "response_mode", "scope", "state", "nonce", "prompt", "max_age", "login_hint", "id_token_hint",
    "code_challenge", "code_challenge_method", "request", "request_uri", "claims", "acr_values", "display",
    "ui_locales", "admin_consent_scope",
]  # fmt: skip
TWICE = [("a", "b"), ("a", "a"), ("", "a")]


def twice(scene: Scene, name: str, values: tuple[str, str]) -> Reply:
    """A request that is good but for a parameter that comes twice."""
    asked = [("client_id", scene.shop.key), ("redirect_uri", CALLBACK), ("response_type", "code"), ("scope", "x")]
    pairs = [pair for pair in asked if pair[0] != name] + [(name, value) for value in values]
    return scene.visit("/oauth/auth?" + urlencode(pairs))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
@pytest.mark.parametrize("values", TWICE, ids=["differing", "equal", "one empty"])
def test_a_doubled_address_is_never_answered(scene: Scene, name: str, values: tuple[str, str]) -> None:
    """No parameter comes twice (RFC 6749 §3.1), and since nobody knows who is meant, nothing is redirected."""
    reply = twice(scene, name, values)

    assert (reply.status, reply.location) == (400, "")
    assert "doubled-parameter" in reply.text


@pytest.mark.parametrize("name", DOUBLED)
@pytest.mark.parametrize("values", TWICE, ids=["differing", "equal", "one empty"])
def test_a_doubled_parameter_is_refused(scene: Scene, name: str, values: tuple[str, str]) -> None:
    """The app hears of it at its own address, and neither of the two values is believed (RFC 6749 §4.1.2.1)."""
    reply = twice(scene, name, values)

    assert reply.location.startswith(f"{CALLBACK}?")
    assert reply.told == {
        "error": "invalid_request", "error_description": "A parameter was sent more than once.", "iss": scene.issuer,
    }  # fmt: skip


OPTIONAL = [
    "state", "nonce", "prompt", "max_age", "login_hint", "id_token_hint", "response_mode", "code_challenge",
    "code_challenge_method", "request", "request_uri", "ui_locales", "claims", "admin_consent_scope",
]  # fmt: skip


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_empty_parameter_is_none(scene: Scene, name: str) -> None:
    """It counts as left out (RFC 6749 §3.1); what must be there is missing then."""
    asked = f"/oauth/auth?client_id={scene.shop.key}&redirect_uri={CALLBACK}&response_type=code&scope=signature&{name}="

    assert scene.visit(asked).told.keys() == {"code", "iss"}


def test_an_empty_challenge_is_no_challenge(scene: Scene) -> None:
    """Nobody gets around PKCE by sending nothing for it."""
    told = scene.visit(scene.asking(scene.page) + "&code_challenge=&code_challenge_method=").told

    assert told["error"] == "invalid_request"
    assert "code" not in told


def test_an_error_travels_where_the_answer_would(scene: Scene) -> None:
    """Whoever asks for a token beside the code looks for the answer in the fragment (Multiple Response Types §5)."""
    reply = scene.visit(scene.asking(response_type="code id_token", scope="openid", nonce="n"))

    assert (urlsplit(reply.location).query, reply.told["error"]) == ("", "unsupported_response_type")


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_what_must_be_there_is_missing(scene: Scene, name: str) -> None:
    """Without an app or an address there is nobody to tell."""
    reply = scene.visit(scene.asking(**{name: ""}))

    assert (reply.status, reply.location, "missing-parameter" in reply.text) == (400, "", True)


STATES: list[tuple[str, str]] = [
    ("every sign", "*^.$DGj*)+}Jk!'(~`|<>[]{}@,;:?/\\\"%&=#"),
    ("blanks and pluses", "a b+c  d"),
    ("percent signs", "%41%2B%%zz"),
    ("a header", "x\r\nSet-Cookie: evil=1\r\n\r\n<html>"),
    ("only a line end", "\n"),
    ("a page", '"><script>alert(1)</script>'),
    ("an answer", "s&code=evil&iss=https://evil.example/"),
    ("a fragment", "s#access_token=evil"),
    ("an emoji", "\U0001f511"),
    ("two spellings of a letter", "e\u0301\u00e9"),
    ("right to left", "\u202egpj.exe"),
    ("JSON", '{"a":[1,"\\u0000"]}'),
    ("very long", "s" * 6_000),
    ("a template", "{{7*7}}${7*7}"),
]


@pytest.mark.parametrize("state", [case[1] for case in STATES], ids=[case[0] for case in STATES])
@pytest.mark.parametrize("wrong", [{}, {"scope": ""}], ids=["with a code", "with an error"])
def test_the_state_comes_back_byte_for_byte(scene: Scene, state: str, wrong: dict[str, str]) -> None:
    """Whatever it holds, it is one parameter of the app's address and nothing else (RFC 6749 §4.1.2)."""
    reply = scene.visit(scene.asking(state=state, **wrong))

    assert reply.told["state"] == state
    assert reply.told["iss"] == scene.issuer
    assert reply.headers.get_all("Set-Cookie") is None


def test_no_state_is_no_state(scene: Scene) -> None:
    """What the app did not send does not come back."""
    assert scene.visit(scene.asking(state="")).told.keys() == {"code", "iss"}


def test_the_app_cannot_choose_what_it_is_told(scene: Scene) -> None:
    """`code`, `iss` and `error` in the request are unknown parameters."""
    told = scene.visit(scene.asking(code="evil", iss="https://evil.example/", error="none")).told

    assert (set(told), told["iss"]) == ({"code", "iss", "state"}, scene.issuer)
    assert told["code"] != "evil"


def test_nobody_is_told_without_being_signed_in(scene: Scene) -> None:
    """`prompt=none` without a session is an error for the app, and no page."""
    assert scene.wire.ask("GET", scene.asking(prompt="none")).told["error"] == "login_required"


def test_nothing_is_allowed_without_asking(scene: Scene) -> None:
    """A scope that nobody allowed yet is asked for, and `prompt=none` asks nobody."""
    asked = scene.asking(scope="signature never.allowed")

    assert scene.visit(asked).status == 200
    assert scene.visit(asked + "&prompt=none").told["error"] == "consent_required"


@pytest.mark.parametrize("app", ["page", "strict"])
def test_who_must_use_pkce_gets_no_code_without(scene: Scene, app: str) -> None:
    """A public client and an app that requires it bind their codes (RFC 9700 §2.1.1)."""
    told = scene.visit(scene.asking(getattr(scene, app))).told

    assert (told["error"], told["error_description"]) == (
        "invalid_request", "code challenge and code challenge method required",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("app", "response_type"), [("page", "token"), ("server", "token"), ("server", "id_token token")]
)
def test_a_grant_that_is_not_registered(scene: Scene, app: str, response_type: str) -> None:
    """An app gets what it registered, and nothing else (RFC 6749 §4.1.2.1)."""
    asked = scene.asking(getattr(scene, app), response_type=response_type, scope="openid", nonce="n")

    assert scene.visit(asked).told["error"] == "unauthorized_client"


METHODS = ["PUT", "DELETE", "PATCH", "TRACE"]


@pytest.mark.parametrize("method", METHODS)
def test_other_methods_are_refused(scene: Scene, method: str) -> None:
    """Only GET and POST ask for authorization."""
    assert scene.wire.ask(method, scene.asking(), Cookie=scene.session()).status == 405


KINDS = ["application/json", "multipart/form-data; boundary=x", "text/plain", "application/xml", ""]


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_in_a_body_is_a_form(scene: Scene, kind: str) -> None:
    """A body of another kind is not read."""
    body = scene.asking().partition("?")[2].encode()
    reply = scene.wire.ask("POST", "/oauth/auth", body, Content_Type=kind, Cookie=scene.session())

    assert (reply.status, reply.location) == (415, "")


def test_a_posted_request_is_not_read_from_the_query(scene: Scene) -> None:
    """In a POST the parameters are the form's."""
    reply = scene.wire.ask("POST", scene.asking(), {"state": "s"}, Cookie=scene.session())

    assert (reply.status, reply.location) == (400, "")


def test_a_posted_request_without_our_cookie_is_sent_on(scene: Scene) -> None:
    """Browsers keep the cookie back from another site's form; a good request comes back as a GET, and only here."""
    good, evil = (scene.asking(redirect_uri=uri).partition("?")[2] for uri in (CALLBACK, "https://evil.example/"))
    replies = [scene.wire.ask("POST", "/oauth/auth", query.encode()) for query in (good, evil)]

    assert [(reply.status, reply.location) for reply in replies] == [(303, f"/oauth/auth?{good}"), (400, "")]
    assert "code" in scene.visit(replies[0].location).told


def test_a_body_beside_the_query_changes_nothing(scene: Scene) -> None:
    """A GET has no body worth reading."""
    reply = scene.wire.ask("GET", scene.asking(), {"redirect_uri": "https://evil.example"}, Cookie=scene.session())

    assert reply.location.startswith(CALLBACK)


BYTES = ["%", "%zz", "%FF%FE", "%C0%AF", "%ED%A0%80", "%F4%90%80%80"]


@pytest.mark.parametrize("odd", BYTES)
@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope"])
def test_bytes_that_are_no_text(scene: Scene, name: str, odd: str) -> None:
    """What is not UTF-8 is neither an app, nor an address, nor a scope that somebody allowed."""
    asked = scene.asking(**{name: ""}) + f"&{name}={odd}"
    reply = scene.visit(asked)

    assert (reply.status, reply.location) == (400, "") if name != "scope" else "code" not in reply.told


def test_bytes_that_decide_nothing(scene: Scene) -> None:
    """A hint that is no text does no harm."""
    assert "code" in scene.visit(scene.asking() + "&login_hint=%FF%00&ui_locales=%FF").told
