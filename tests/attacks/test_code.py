"""Can a code be used by anybody but the client and the session that it was made for?"""

import pytest

from tests.attacks.scene import CALLBACK, PKCE, SECOND_CALLBACK, Scene
from tests.cast import VERIFIER

GONE = (400, "invalid_grant", "expired_client_token")
WRONG_VERIFIER = (400, "invalid_grant", "The code verifier does not match the code challenge.")

VERIFIERS: list[tuple[str, str]] = [
    ("another session's", VERIFIER[::-1]),
    ("too short", VERIFIER[:42]),
    ("empty", ""),
    ("the challenge itself", PKCE["code_challenge"]),
    ("a blank behind", VERIFIER + " "),
    ("in capitals", VERIFIER.upper()),
    ("too long", "a" * 129),
    ("signs that none may have", "+/" + VERIFIER),
    ("full-width letters", "\uff41" * 43),
]


@pytest.mark.parametrize("verifier", [case[1] for case in VERIFIERS], ids=[case[0] for case in VERIFIERS])
@pytest.mark.parametrize("app", ["page", "strict"])
def test_a_wrong_verifier(scene: Scene, app: str, verifier: str) -> None:
    """A code is good with the verifier of its own session only (RFC 7636 §4.6)."""
    client = getattr(scene, app)
    form = {"grant_type": "authorization_code", "code": scene.code(client, **PKCE), "code_verifier": verifier}
    known = {"client_id": client.key} if app == "page" else client.form

    assert scene.token(form | known).refusal == WRONG_VERIFIER


def test_the_verifier_left_out(scene: Scene) -> None:
    """A challenge that was made is not forgotten, whoever asks (RFC 9700 §4.8.2)."""
    public = {"grant_type": "authorization_code", "code": scene.code(scene.page, **PKCE), "client_id": scene.page.key}

    assert scene.token(public).refusal == WRONG_VERIFIER
    assert scene.redeem(scene.code(**PKCE)).refusal == WRONG_VERIFIER


def test_a_verifier_without_challenge(scene: Scene) -> None:
    """Somebody took the challenge out of the request: the downgrade is noticed (RFC 9700 §4.8.2)."""
    assert scene.redeem(scene.code(), code_verifier=VERIFIER).refusal == WRONG_VERIFIER


def test_a_code_without_challenge_for_a_public_client(scene: Scene) -> None:
    """The shop may ask without a challenge because it has a secret; without the secret that code is worth nothing."""
    form = {"grant_type": "authorization_code", "code": scene.code(), "client_id": scene.shop.key}

    assert scene.token(form).refusal == (400, "invalid_request", "code challenge and code challenge method required")


def test_a_challenge_in_the_exchange_changes_nothing(scene: Scene) -> None:
    """The challenge is the authorization request's."""
    form = {"code_verifier": "b" * 43, "code_challenge": "b" * 43, "code_challenge_method": "plain"}

    assert scene.redeem(scene.code(**PKCE), **form).refusal == WRONG_VERIFIER


def test_another_client_s_code(scene: Scene) -> None:
    """Stolen and brought by another client with its own secret, it is refused, and still good for its own."""
    code = scene.code()

    assert scene.redeem(code, scene.rival).refusal == GONE
    assert scene.redeem(code).status == 200


def test_a_code_injected_into_another_session(scene: Scene) -> None:
    """A code of one session, brought through another, meets the other's verifier (RFC 9700 §4.5)."""
    code = scene.code(scene.page, **PKCE | {"code_challenge": "A" * 43})
    form = {"grant_type": "authorization_code", "code": code, "client_id": scene.page.key, "code_verifier": VERIFIER}

    assert scene.token(form).refusal == WRONG_VERIFIER


ADDRESSES: list[tuple[str, str]] = [
    ("another registered one", SECOND_CALLBACK),
    ("an unregistered one", "https://evil.example/cb"),
    ("one letter more", CALLBACK + "/"),
    ("in capitals", CALLBACK.upper()),
]


@pytest.mark.parametrize("uri", [case[1] for case in ADDRESSES], ids=[case[0] for case in ADDRESSES])
def test_another_redirect_uri_in_the_exchange(scene: Scene, uri: str) -> None:
    """Where one is sent it is the one of the request (RFC 6749 §4.1.3)."""
    assert scene.redeem(scene.code(), redirect_uri=uri).refusal == (400, "invalid_grant", "redirect_uri_mismatch")


def test_a_code_that_comes_back_kills_what_it_issued(scene: Scene) -> None:
    """Two hold this code: nobody keeps anything (RFC 6749 §4.1.2, RFC 9700 §4.5)."""
    code = scene.code(scope="signature extended")
    tokens = scene.redeem(code).said
    assert scene.is_alive(tokens["access_token"])

    assert scene.redeem(code).refusal == GONE
    assert not scene.is_alive(tokens["access_token"])
    assert scene.refresh(tokens["refresh_token"]).refusal[:2] == (400, "invalid_grant")


def test_a_used_code_says_no_more_to_a_stranger(scene: Scene) -> None:
    """Who cannot authenticate kills nothing with a code that was used."""
    code = scene.code()
    tokens = scene.redeem(code).said
    form = {"grant_type": "authorization_code", "code": code, "client_id": scene.shop.key, "client_secret": "x" * 20}

    assert scene.token(form).refusal[1] == "invalid_client"
    assert scene.is_alive(tokens["access_token"])


def test_a_code_lives_two_minutes(scene: Scene) -> None:
    """Late is too late."""
    code = scene.code()
    with scene.later(seconds=121):
        assert scene.redeem(code).refusal == GONE


def test_a_code_of_the_other_environment(scene: Scene) -> None:
    """Production knows nothing of it, even for the app that both know."""
    code = scene.code()
    variables = scene.production.variables
    from_there = {"client_id": variables["DS_INTEGRATION_KEY"], "client_secret": variables["DS_SECRET_KEY"]}
    form = {"grant_type": "authorization_code", "code": code} | from_there

    assert scene.other_wire.ask("POST", "/oauth/token", form).refusal == GONE


def test_denying_gives_nothing(scene: Scene) -> None:
    """Deny leads back with the error and the state, and the app has nothing to redeem."""
    asked = scene.asking(scope="signature denied.scope")
    page = scene.visit(asked)
    reply = scene.wire.ask(
        "POST", asked.replace("/oauth/auth", "/oauth/consent"), {"decision": "deny"},
        Cookie=scene.session(), Origin=scene.demo.origin,
    )  # fmt: skip

    assert page.status == 200
    assert (reply.told["error"], reply.told["state"], "code" in reply.told) == ("access_denied", "s", False)
