"""How do clients give tokens back and ask about them, over HTTP?"""

import pytest

from tests.cast import SAM
from tests.web.oauth.conftest import Door, basic_header


def who(door: Door, secret: str = "") -> dict[str, str]:
    """The app's Basic header."""
    return {"Authorization": basic_header(door.made.key, secret or door.made.secret)}


@pytest.fixture
def answer(door: Door) -> dict[str, str]:
    """The tokens of one sign-in."""
    _, answer = door.redeem(door.town.code(door.ctx, door.made, SAM, scope="signature extended"))
    return answer


@pytest.mark.parametrize("token", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense", ""])
def test_a_token_is_revoked(door: Door, answer: dict[str, str], token: str, hint: str) -> None:
    """200 and an empty object, whatever the hint says; the access token is refused afterwards."""
    form = {"token": answer[token]} | ({"token_type_hint": hint} if hint else {})
    said = door.ask("POST", "/oauth/revoke", form, **who(door))
    seen = door.ask("GET", "/oauth/userinfo", Authorization=f"Bearer {answer['access_token']}")

    assert (said.status_code, said.content, said.headers["Cache-Control"]) == (200, b"{}", "no-store")
    assert (seen.status_code, seen.json()["error"]) == (401, "invalid_token")


def test_an_unknown_token_is_no_mistake(door: Door) -> None:
    """RFC 7009 §2.2: the client could do nothing about it."""
    assert door.ask("POST", "/oauth/revoke", {"token": "unknown"}, **who(door)).status_code == 200


@pytest.mark.parametrize("path", ["/oauth/revoke", "/oauth/introspect"])
def test_a_client_proves_itself_first(door: Door, answer: dict[str, str], path: str) -> None:
    """A wrong secret in Basic is 401 with a challenge, in the form 400; no token at all is an invalid request.

    Introspection always asks for Basic (RFC 7662 §2.3).
    """
    basic = door.ask("POST", path, {"token": answer["access_token"]}, **who(door, "wrong"))
    form = door.ask("POST", path, {"token": "x", "client_id": door.made.key, "client_secret": "wrong"})
    without = door.ask("POST", path, {}, **who(door))

    assert (basic.status_code, basic.json()["error"]) == (401, "invalid_client")
    assert basic.headers["WWW-Authenticate"].startswith("Basic ")
    assert (form.status_code, form.json()["error"]) == (401 if "introspect" in path else 400, "invalid_client")
    assert (without.status_code, without.json()["error"]) == (400, "invalid_request")


def test_a_good_token_is_introspected(door: Door, answer: dict[str, str]) -> None:
    """Every member that RFC 7662 names and we know."""
    said = door.ask("POST", "/oauth/introspect", {"token": answer["access_token"]}, **who(door)).json()
    now = int(door.ctx.now.timestamp())

    assert said == {
        "active": True, "client_id": door.made.key, "sub": SAM.demo, "scope": "extended signature",
        "iss": door.ctx.issuer, "aud": door.ctx.issuer, "iat": now, "exp": now + 28_800, "jti": said["jti"],
        "token_type": "Bearer",
    }  # fmt: skip


def test_a_refresh_token_is_introspected(door: Door, answer: dict[str, str]) -> None:
    """It has no type and no id."""
    said = door.ask("POST", "/oauth/introspect", {"token": answer["refresh_token"]}, **who(door)).json()

    assert (said["active"], said["client_id"], "token_type" in said) == (True, door.made.key, False)


def test_nothing_is_told_of_what_is_not_one_s_own(door: Door, answer: dict[str, str]) -> None:
    """Another client's token looks like garbage."""
    other = door.town.create_app(name="Another app")
    header = {"Authorization": basic_header(other.key, other.secret)}
    told = [
        door.ask("POST", "/oauth/introspect", {"token": token}, **header).json()
        for token in (*(answer[name] for name in ("access_token", "refresh_token")), "garbage")
    ]

    assert told == [{"active": False}] * 3
