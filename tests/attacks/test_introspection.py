"""Does a token say anything about itself to whoever may not know (RFC 7662)?"""

from collections.abc import Callable

import pytest

from tests.attacks.scene import Scene, basic
from tests.attacks.wire import Fields, Reply

DEAD = (200, {"active": False})


def introspect(scene: Scene, form: Fields, **headers: str) -> Reply:
    """Ask about a token."""
    return scene.wire.ask("POST", "/oauth/introspect", form, **headers)


def about(scene: Scene, token: str) -> tuple[int, dict[str, object]]:
    """What the shop is told about a token."""
    reply = introspect(scene, {"token": token}, Authorization=scene.shop.basic)
    return reply.status, reply.said


def revoked(scene: Scene) -> str:
    """An access token that was ended."""
    token = str(scene.tokens()["access_token"])
    assert scene.wire.ask("POST", "/oauth/revoke", {"token": token}, Authorization=scene.shop.basic).status == 200
    return token


def used(scene: Scene) -> str:
    """A refresh token that was used."""
    token = str(scene.tokens()["refresh_token"])
    assert scene.refresh(token).status == 200
    return token


def production_token(scene: Scene) -> str:
    """An access token of production, for the app that both environments know."""
    return str(scene.production_tokens["access_token"])


TOKENS: list[tuple[str, Callable[[Scene], str]]] = [
    ("garbage", lambda s: "garbage-garbage"),
    ("an unknown refresh token", lambda s: "ksr_" + "A" * 49),
    ("another client's access token", lambda s: s.tokens(s.rival)["access_token"]),
    ("another client's refresh token", lambda s: s.tokens(s.rival)["refresh_token"]),
    ("one of the other environment", production_token),
    ("one that was ended", revoked),
    ("a used refresh token", used),
    ("a code", lambda s: s.code()),
    ("an id token", lambda s: s.redeem(s.code(scope="openid")).said["id_token"]),
    ("the own secret key", lambda s: s.shop.secret),
    ("an assertion", lambda s: s.assertion()),
    ("a personal access token", lambda s: s.demo.token),
    ("somebody's session", lambda s: s.session().partition("=")[2]),
    ("without its signature", lambda s: s.tokens()["access_token"].rpartition(".")[0] + "."),
    ("with another signature", lambda s: s.tokens()["access_token"][:-8] + "AAAAAAAA"),
    ("a letter more", lambda s: s.tokens()["access_token"] + "A"),
    ("very long", lambda s: "x" * 50_000),
    ("SQL", lambda s: "' OR 1=1 --"),
]


@pytest.mark.parametrize("token", [case[1] for case in TOKENS], ids=[case[0] for case in TOKENS])
def test_nothing_but_inactive(scene: Scene, token: Callable[[Scene], str]) -> None:
    """Unknown, foreign and dead tokens get one and the same answer (RFC 7662 §2.2)."""
    assert about(scene, token(scene)) == DEAD


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_an_expired_one(scene: Scene, kind: str) -> None:
    """Eight hours for an access token, thirty days for a refresh token."""
    token = scene.tokens(scope="signature")[kind]
    assert about(scene, token)[1]["active"] is True

    with scene.later(days=31):
        assert about(scene, token) == DEAD


def test_the_own_ones_are_described(scene: Scene) -> None:
    """What the app may know of its own tokens anyhow."""
    tokens = scene.tokens()
    status, said = about(scene, tokens["access_token"])

    assert (status, said["active"], said["client_id"], said["sub"]) == (200, True, scene.shop.key, scene.sam)
    assert (said["iss"], said["aud"], said["token_type"]) == (scene.issuer, scene.issuer, "Bearer")
    assert about(scene, tokens["refresh_token"])[1]["active"] is True


CALLERS: list[tuple[str, Callable[[Scene], dict[str, str]], Callable[[Scene], dict[str, str]]]] = [
    ("nobody", lambda s: {}, lambda s: {}),
    ("a bearer of the token", lambda s: {}, lambda s: {"Authorization": f"Bearer {s.tokens()['access_token']}"}),
    ("a name alone", lambda s: {"client_id": s.shop.key}, lambda s: {}),
    ("a public client", lambda s: {"client_id": s.page.key}, lambda s: {}),
    ("a wrong secret", lambda s: {}, lambda s: {"Authorization": basic(s.shop.key, "kss_wrong-wrong")}),
    ("an empty secret", lambda s: {"client_id": s.shop.key, "client_secret": ""}, lambda s: {}),
    ("another's secret", lambda s: {}, lambda s: {"Authorization": basic(s.shop.key, s.rival.secret)}),
]


@pytest.mark.parametrize(("form", "header"), [case[1:] for case in CALLERS], ids=[case[0] for case in CALLERS])
def test_who_is_no_client_is_told_nothing(
    scene: Scene, form: Callable[[Scene], dict[str, str]], header: Callable[[Scene], dict[str, str]]
) -> None:
    """Introspection is for clients that prove themselves; others are asked for Basic (RFC 7662 §2.1, §2.3)."""
    token = scene.tokens()["access_token"]
    reply = introspect(scene, {"token": token} | form(scene), **header(scene))

    assert reply.refusal[:2] == (401, "invalid_client")
    assert reply.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert "active" not in reply.said


def test_odd_forms(scene: Scene) -> None:
    """No token, two tokens, a token in the query, JSON, and a GET."""
    headers = {"Authorization": scene.shop.basic}
    doubled = [("token", "garbage-garbage"), ("token", "garbage-garbage")]

    assert introspect(scene, {}, **headers).refusal[:2] == (400, "invalid_request")
    assert introspect(scene, doubled, **headers).refusal[:2] == (400, "invalid_request")
    target = "/oauth/introspect?token=" + scene.tokens()["access_token"]
    assert scene.wire.ask("POST", target, {}, **headers).refusal[:2] == (400, "invalid_request")
    assert scene.wire.ask("GET", target, **headers).status == 405
    json = scene.wire.ask("POST", "/oauth/introspect", b'{"token":"a"}', Content_Type="application/json", **headers)
    assert json.refusal[:2] == (400, "invalid_request")
