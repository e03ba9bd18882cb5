"""Can somebody be sent elsewhere, or signed out against their will, by a logout with one odd thing?"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from tests.attacks.forging import b64, compact, hs256, nobody, rs256, written
from tests.attacks.scene import CALLBACK, PRIVATE_SCHEME, UNKNOWN, Scene, sign_in
from tests.attacks.test_redirects import TRICKS
from tests.attacks.wire import Reply

CY = "cy@northwind.example"


def leave(scene: Scene, path: str = "/oauth/logout", cookie: str = "", **parameters: str) -> Reply:
    """Ask to be signed out."""
    headers = {"Cookie": cookie} if cookie else {}
    return scene.wire.ask("GET", f"{path}?{urlencode(parameters)}", **headers)


def id_token(scene: Scene) -> str:
    """An id token of Sam for the shop."""
    return str(scene.redeem(scene.code(scope="openid")).said["id_token"])


@pytest.mark.parametrize("uri", [case[1] for case in TRICKS], ids=[case[0] for case in TRICKS])
@pytest.mark.parametrize("path", ["/oauth/logout", "/logout"])
def test_nobody_is_sent_to_an_unregistered_address(scene: Scene, path: str, uri: str) -> None:
    """After signing out the browser goes to a registered address or to ours (RP-Initiated Logout §3)."""
    name = "redirect_uri" if path == "/logout" else "post_logout_redirect_uri"
    reply = leave(scene, path, **{"client_id": scene.shop.key, name: uri})

    assert (reply.status, reply.location) == (400, "")


HINTS: list[tuple[str, Callable[[Scene, str], str]]] = [
    ("garbage", lambda s, t: "garbage-garbage"),
    ("an access token", lambda s, t: s.tokens()["access_token"]),
    ("signed by nobody", lambda s, t: compact({"alg": "none", "typ": "JWT"}, claims_of(t), nobody)),
    ("signed by the app", lambda s, t: compact({"alg": "RS256"}, claims_of(t), rs256(s.shop.private_pem))),
    ("signed with the secret key", lambda s, t: compact({"alg": "HS256"}, claims_of(t), hs256(s.shop.secret))),
    ("changed", lambda s, t: f"{t.split('.')[0]}.{b64(written(claims_of(t) | {'sub': UNKNOWN}))}.{t.split('.')[2]}"),
    ("one of the other environment", lambda s, t: s.production_tokens["id_token"]),
]


@pytest.mark.parametrize("hint", [case[1] for case in HINTS], ids=[case[0] for case in HINTS])
def test_a_hint_that_is_none(scene: Scene, hint: Callable[[Scene, str], str]) -> None:
    """It signs nobody out and sends nobody anywhere."""
    cookie = sign_in(scene.wire, CY)
    token = hint(scene, id_token(scene))
    reply = leave(scene, cookie=cookie, id_token_hint=token, post_logout_redirect_uri=CALLBACK)

    assert (reply.status, reply.location) == (400, "")
    assert scene.wire.ask("GET", "/api/v1/me", Cookie=cookie).status == 200


def test_another_client_s_hint(scene: Scene) -> None:
    """The hint names its client, and the parameter another one."""
    reply = leave(scene, id_token_hint=id_token(scene), client_id=scene.rival.key, post_logout_redirect_uri=CALLBACK)

    assert (reply.status, reply.location) == (400, "")


@pytest.mark.parametrize("client_id", [UNKNOWN, "' OR 1=1 --", "\x00", "x" * 3_000])
@pytest.mark.parametrize("path", ["/oauth/logout", "/logout"])
def test_a_client_that_is_none(scene: Scene, path: str, client_id: str) -> None:
    """An unknown app sends nobody anywhere."""
    name = "redirect_uri" if path == "/logout" else "post_logout_redirect_uri"
    reply = leave(scene, path, **{"client_id": client_id, name: CALLBACK})

    assert (reply.status, reply.location) == (400, "")


def test_an_address_without_a_client(scene: Scene) -> None:
    """Whose address should it be?"""
    assert leave(scene, post_logout_redirect_uri=CALLBACK).status == 400
    assert leave(scene, "/logout", redirect_uri=CALLBACK).status == 400


def test_without_a_hint_people_are_asked(scene: Scene) -> None:
    """A link on any page could lead here: it signs nobody out by itself (RP-Initiated Logout §6)."""
    cookie = sign_in(scene.wire, CY)
    asked = {"client_id": scene.shop.key, "post_logout_redirect_uri": CALLBACK}
    reply = leave(scene, cookie=cookie, **asked)

    assert (reply.status, reply.location) == (200, "")
    assert scene.wire.ask("GET", "/api/v1/me", Cookie=cookie).status == 200


def test_another_user_s_hint_signs_nobody_out(scene: Scene) -> None:
    """Sam's id token in Cy's browser: Cy is asked."""
    cookie = sign_in(scene.wire, CY)
    reply = leave(scene, cookie=cookie, id_token_hint=id_token(scene), post_logout_redirect_uri=CALLBACK)

    assert (reply.status, reply.location) == (200, "")
    assert scene.wire.ask("GET", "/api/v1/me", Cookie=cookie).status == 200


@pytest.mark.parametrize("uri", [CALLBACK, PRIVATE_SCHEME])
def test_the_own_hint_signs_out(scene: Scene, uri: str) -> None:
    """At once, and back to the app with its state byte for byte."""
    cookie, state = sign_in(scene.wire, "sam@northwind.example"), "*^.$DGj*)+}Jk&x=1\r\n"
    reply = leave(scene, cookie=cookie, id_token_hint=id_token(scene), post_logout_redirect_uri=uri, state=state)

    assert (reply.location.startswith(f"{uri}?"), reply.told) == (True, {"state": state})
    assert scene.wire.ask("GET", "/api/v1/me", Cookie=cookie).status == 401


@pytest.mark.parametrize("name", ["id_token_hint", "post_logout_redirect_uri", "client_id", "state"])
def test_a_doubled_parameter(scene: Scene, name: str) -> None:
    """Nothing comes twice."""
    reply = scene.wire.ask("GET", f"/oauth/logout?{name}=a&{name}=a")

    assert (reply.status, reply.location) == (400, "")


@pytest.mark.parametrize("name", ["id_token_hint", "post_logout_redirect_uri", "client_id", "state", "ui_locales"])
def test_an_empty_parameter(scene: Scene, name: str) -> None:
    """It counts as left out."""
    assert scene.wire.ask("GET", f"/oauth/logout?{name}=").status == 200


def claims_of(token: str) -> dict[str, object]:
    """What a token says."""
    found: dict[str, object] = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    return found
