"""Can somebody end tokens that are not theirs, or keep one alive that was ended (RFC 7009)?"""

import pytest

from tests.attacks.scene import PKCE, Scene
from tests.attacks.wire import Fields, Reply
from tests.cast import VERIFIER

NOT_A_CLIENT = (400, "invalid_client", "The client could not be authenticated.")


def revoke(scene: Scene, form: Fields, **headers: str) -> Reply:
    """Ask to end a token."""
    return scene.wire.ask("POST", "/oauth/revoke", form, **headers)


TOKENS: list[tuple[str, str]] = [
    ("unknown", "ksr_" + "A" * 49),
    ("garbage", "garbage-garbage"),
    ("a code", "{code}"),
    ("the secret key", "{secret}"),
    ("a mangled access token", "{access}x"),
    ("no signature", "{unsigned}"),
    ("SQL", "' OR 1=1 --"),
    ("very long", "x" * 50_000),
    ("not ASCII", "\U0001f511" * 5),
]


@pytest.mark.parametrize("token", [case[1] for case in TOKENS], ids=[case[0] for case in TOKENS])
def test_what_is_no_token_of_ours(scene: Scene, token: str) -> None:
    """200 and nothing in it: what does not exist is as good as ended (RFC 7009 §2.2)."""
    tokens = scene.tokens()
    access = tokens["access_token"]
    odd = token.format(
        code=scene.code(), secret=scene.shop.secret, access=access, unsigned=access.rpartition(".")[0] + "."
    )
    reply = revoke(scene, {"token": odd}, Authorization=scene.shop.basic)

    assert (reply.status, reply.body) == (200, b"{}")
    assert scene.is_alive(access)


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_foreign_client_ends_nothing(scene: Scene, kind: str) -> None:
    """The token was issued to another client: it is told so, and the token lives (RFC 7009 §2.1)."""
    tokens = scene.tokens()
    reply = revoke(scene, {"token": tokens[kind]}, Authorization=scene.rival.basic)

    assert reply.refusal == (400, "invalid_grant", "The token was issued to another client.")
    assert scene.is_alive(tokens["access_token"])
    assert scene.refresh(tokens["refresh_token"]).status == 200


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_server_without_its_secret_ends_nothing(scene: Scene, kind: str) -> None:
    """A confidential client proves itself first."""
    tokens = scene.tokens(scene.server)

    assert revoke(scene, {"token": tokens[kind], "client_id": scene.server.key}).refusal == NOT_A_CLIENT
    wrong = {"client_id": scene.server.key, "client_secret": "kss_wrong-wrong"}
    assert revoke(scene, {"token": tokens[kind]} | wrong).refusal == NOT_A_CLIENT
    assert scene.is_alive(tokens["access_token"])


def test_nobody_ends_nothing(scene: Scene) -> None:
    """A token alone is no client."""
    tokens = scene.tokens()

    assert revoke(scene, {"token": tokens["refresh_token"]}).refusal[:2] == (400, "invalid_request")
    bearer = f"Bearer {tokens['access_token']}"
    reply = revoke(scene, {"token": tokens["refresh_token"]}, Authorization=bearer)
    assert reply.refusal[:2] == (400, "invalid_request")
    assert scene.is_alive(tokens["access_token"])


def test_an_ended_refresh_token_takes_its_family_along(scene: Scene) -> None:
    """Everything that one consent gave ends at once (RFC 7009 §2.1)."""
    tokens = scene.tokens()
    second = scene.refresh(tokens["refresh_token"]).said
    assert revoke(scene, {"token": second["refresh_token"]}, Authorization=scene.shop.basic).status == 200

    assert scene.refresh(second["refresh_token"]).refusal[:2] == (400, "invalid_grant")
    assert not scene.is_alive(second["access_token"])
    assert not scene.is_alive(tokens["access_token"])


def test_an_ended_access_token_is_dead_everywhere(scene: Scene) -> None:
    """At userinfo, at the API, behind the gateway; and it says so when it is asked about."""
    tokens = scene.tokens()
    header = f"Bearer {tokens['access_token']}"
    account = "/restapi/v2.1/accounts/d0000000-0000-4000-8000-00000000000a"
    assert scene.wire.ask("GET", account, Authorization=header).status == 200
    assert revoke(scene, {"token": tokens["access_token"]}, Authorization=scene.shop.basic).status == 200

    assert not scene.is_alive(tokens["access_token"])
    assert scene.wire.ask("GET", account, Authorization=header).status == 401
    assert scene.wire.ask("GET", account + "/envelopes?from_date=2026-01-01", Authorization=header).status == 401


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "saml_token", "", "x" * 3_000])
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_hint_changes_nothing(scene: Scene, kind: str, hint: str) -> None:
    """A wrong one slows nobody down and saves no token (RFC 7009 §2.1)."""
    tokens = scene.tokens()
    form = {"token": tokens[kind], "token_type_hint": hint}

    assert revoke(scene, form, Authorization=scene.shop.basic).status == 200
    assert not scene.is_alive(tokens["access_token"])


def test_a_page_ends_its_own(scene: Scene) -> None:
    """A public client names itself and holds the token: that is enough."""
    app = scene.page
    form = {"grant_type": "authorization_code", "code": scene.code(app, **PKCE), "code_verifier": VERIFIER}
    tokens = scene.token(form | {"client_id": app.key}).said

    assert revoke(scene, {"token": tokens["refresh_token"], "client_id": app.key}).status == 200
    assert not scene.is_alive(tokens["access_token"])


def test_a_page_ends_no_other_s(scene: Scene) -> None:
    """It named itself, and the token is not its own."""
    tokens = scene.tokens()
    reply = revoke(scene, {"token": tokens["refresh_token"], "client_id": scene.page.key})

    assert reply.status == 400
    assert scene.is_alive(tokens["access_token"])


def test_production_ends_nothing_of_demo(scene: Scene) -> None:
    """The same app in both environments, and yet."""
    variables = scene.production.variables
    form = {
        "token": scene.tokens()["refresh_token"], "client_id": variables["DS_INTEGRATION_KEY"],
        "client_secret": variables["DS_SECRET_KEY"],
    }  # fmt: skip

    assert scene.other_wire.ask("POST", "/oauth/revoke", form).status == 200
    assert scene.refresh(form["token"]).status == 200


def test_a_token_in_the_query(scene: Scene) -> None:
    """It belongs in the form."""
    tokens = scene.tokens()
    target = "/oauth/revoke?token=" + tokens["refresh_token"]

    assert scene.wire.ask("POST", target, {}, Authorization=scene.shop.basic).refusal[:2] == (400, "invalid_request")
    assert scene.is_alive(tokens["access_token"])


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "HEAD"])
def test_only_a_post(scene: Scene, method: str) -> None:
    """And no JSONP of a GET (RFC 7009 §2.3)."""
    target = "/oauth/revoke?callback=evil&token=" + scene.tokens()["refresh_token"]

    assert scene.wire.ask(method, target, Authorization=scene.shop.basic).status == 405


def test_odd_forms(scene: Scene) -> None:
    """No token, two tokens, JSON."""
    headers = {"Authorization": scene.shop.basic}
    doubled = [("token", "garbage-garbage"), ("token", "garbage-garbage")]

    assert revoke(scene, {}, **headers).refusal[:2] == (400, "invalid_request")
    assert revoke(scene, {"token": ""}, **headers).refusal[:2] == (400, "invalid_request")
    assert revoke(scene, doubled, **headers).refusal[:2] == (400, "invalid_request")
    json = scene.wire.ask("POST", "/oauth/revoke", b'{"token":"a"}', Content_Type="application/json", **headers)
    assert json.refusal[:2] == (400, "invalid_request")
