"""Can a refresh token be used twice, by another client, or for more than was allowed?"""

import pytest

from tests.attacks.scene import PKCE, Scene, basic
from tests.cast import VERIFIER

NOT_GOOD = (400, "invalid_grant", "The refresh token is unknown, expired, used or revoked.")
WIDENED = (400, "invalid_scope", "The scope exceeds what was granted.")
BAD_SCOPE = (400, "invalid_scope", "The scope is missing or malformed.")

TOKENS: list[tuple[str, str]] = [
    ("unknown", "ksr_" + "A" * 49),
    ("garbage", "garbage-garbage"),
    ("a letter fewer", "{short}"),
    ("a letter more", "{token}A"),
    ("in capitals", "{TOKEN}"),
    ("a blank behind", "{token} "),
    ("quoted", '"{token}"'),
    ("a code", "{code}"),
    ("an access token", "{access}"),
    ("the secret key", "{secret}"),
    ("SQL", "' OR 1=1 --"),
    ("very long", "ksr_" + "A" * 50_000),
]


@pytest.mark.parametrize("token", [case[1] for case in TOKENS], ids=[case[0] for case in TOKENS])
def test_what_is_no_refresh_token(scene: Scene, token: str) -> None:
    """One refusal for all of them; and the good one still works."""
    tokens = scene.tokens()
    good = tokens["refresh_token"]
    names = {"token": good, "TOKEN": good.swapcase(), "short": good[:-1], "secret": scene.shop.secret}
    odd = token.format(**names, code=scene.code(), access=tokens["access_token"])

    assert scene.refresh(odd).refusal == NOT_GOOD
    assert scene.refresh(good).status == 200


def test_a_foreign_client_gets_nothing(scene: Scene) -> None:
    """Stolen by another client it is refused, and its owner keeps it (RFC 6749 §6)."""
    tokens = scene.tokens()

    assert scene.refresh(tokens["refresh_token"], scene.rival).refusal == NOT_GOOD
    assert scene.refresh(tokens["refresh_token"]).status == 200


def test_a_used_one_is_refused(scene: Scene) -> None:
    """Each is good once; what came of it lives on within the grace, which is one client's own race."""
    first = scene.tokens()["refresh_token"]
    second = scene.refresh(first).said

    assert scene.refresh(first).refusal == NOT_GOOD
    assert scene.is_alive(second["access_token"])
    assert scene.refresh(second["refresh_token"]).status == 200


def test_a_used_one_that_comes_back_late_kills_its_family(scene: Scene) -> None:
    """Two hold it, so nobody keeps anything (RFC 9700 §4.14.2)."""
    first = scene.tokens()
    second = scene.refresh(first["refresh_token"]).said
    with scene.later(seconds=11):
        assert scene.refresh(first["refresh_token"]).refusal == NOT_GOOD
        assert scene.refresh(second["refresh_token"]).refusal == NOT_GOOD
        assert not scene.is_alive(second["access_token"])
        assert not scene.is_alive(first["access_token"])


def test_a_foreign_client_kills_no_family(scene: Scene) -> None:
    """A used one in another client's hands is refused, and that is all."""
    first = scene.tokens()["refresh_token"]
    second = scene.refresh(first).said
    with scene.later(seconds=11):
        assert scene.refresh(first, scene.rival).refusal == NOT_GOOD
        assert scene.refresh(second["refresh_token"]).status == 200


SCOPES: list[tuple[str, str, tuple[int, str, str]]] = [
    ("one more", "signature extended openid", WIDENED),
    ("another", "impersonation", WIDENED),
    ("one of the Admin API", "organization_read", WIDENED),
    ("in capitals", "SIGNATURE", WIDENED),
    ("a Cyrillic letter", "sign\u0430ture", BAD_SCOPE),
    ("a tab", "signature\textended", BAD_SCOPE),
    ("a quote", 'signature"', BAD_SCOPE),
    ("blank", " ", BAD_SCOPE),
]


@pytest.mark.parametrize(("scope", "refusal"), [case[1:] for case in SCOPES], ids=[case[0] for case in SCOPES])
def test_a_wider_scope(scene: Scene, scope: str, refusal: tuple[int, str, str]) -> None:
    """A refresh asks for the same or fewer (RFC 6749 §6), and one that was refused is not used up."""
    tokens = scene.tokens()

    assert scene.refresh(tokens["refresh_token"], scope=scope).refusal == refusal
    assert scene.refresh(tokens["refresh_token"]).said["scope"].split() == ["extended", "signature"]


def test_a_narrower_scope_does_not_grow_back_in_its_token(scene: Scene) -> None:
    """The access token holds what was asked."""
    narrowed = scene.refresh(scene.tokens()["refresh_token"], scope="extended").said

    assert narrowed["scope"] == "extended"
    assert scene.wire.ask(
        "GET", "/restapi/v2.1/billing_plans", Authorization=f"Bearer {narrowed['access_token']}"
    ).status == 403  # fmt: skip


def test_a_confidential_family_needs_the_secret(scene: Scene) -> None:
    """Without it the token is worth nothing to whoever found it (RFC 6749 §6)."""
    tokens = scene.tokens()
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": scene.shop.key}

    assert scene.token(form).refusal == NOT_GOOD
    assert scene.token(form | {"client_secret": "kss_wrong-wrong"}).refusal[1] == "invalid_client"
    assert scene.refresh(tokens["refresh_token"]).status == 200


def test_a_public_family_rotates_too(scene: Scene) -> None:
    """The page refreshes without a secret, each token once."""
    app = scene.page
    form = {"grant_type": "authorization_code", "code": scene.code(app, **PKCE), "code_verifier": VERIFIER}
    first = scene.token(form | {"client_id": app.key}).said["refresh_token"]
    again = {"grant_type": "refresh_token", "refresh_token": first, "client_id": app.key}

    assert scene.token(again).status == 200
    assert scene.token(again).refusal == NOT_GOOD
    assert scene.token(again | {"client_id": scene.shop.key}).refusal == NOT_GOOD


def test_it_ends_after_thirty_days(scene: Scene) -> None:
    """Without `extended` no refresh moves the end."""
    first = scene.tokens(scope="signature")["refresh_token"]
    with scene.later(days=29):
        second = scene.refresh(first).said["refresh_token"]
    with scene.later(days=30, seconds=1):
        assert scene.refresh(second).refusal == NOT_GOOD


def test_a_refresh_token_of_the_other_environment(scene: Scene) -> None:
    """Production knows nothing of it."""
    variables = scene.production.variables
    header = basic(variables["DS_INTEGRATION_KEY"], variables["DS_SECRET_KEY"])
    form = {"grant_type": "refresh_token", "refresh_token": scene.tokens()["refresh_token"]}

    assert scene.other_wire.ask("POST", "/oauth/token", form, Authorization=header).refusal == NOT_GOOD


@pytest.mark.parametrize("name", ["refresh_token", "scope", "grant_type"])
def test_a_doubled_field(scene: Scene, name: str) -> None:
    """Nothing comes twice."""
    token = scene.tokens()["refresh_token"]
    pairs = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", "signature")]
    pairs += [pair for pair in pairs if pair[0] == name]

    assert scene.token(pairs, Authorization=scene.shop.basic).refusal[:2] == (400, "invalid_request")


def test_a_refresh_token_in_the_query(scene: Scene) -> None:
    """It belongs in the form."""
    target = "/oauth/token?refresh_token=" + scene.tokens()["refresh_token"]
    form = {"grant_type": "refresh_token"}

    assert scene.wire.ask("POST", target, form, Authorization=scene.shop.basic).refusal[:2] == (400, "invalid_request")
