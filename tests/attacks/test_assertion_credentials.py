"""What of credentials that come beside an assertion, where none are needed?"""

from collections.abc import Callable

import pytest

from tests.attacks.forging import rs256
from tests.attacks.scene import CLIENT_ASSERTION, JWT_BEARER, UNKNOWN, Scene, basic

CREDENTIALS: list[tuple[str, Callable[[Scene], dict[str, str]], Callable[[Scene], dict[str, str]], int]] = [
    (
        "a wrong secret in the header",
        lambda s: {},
        lambda s: {"Authorization": basic(s.shop.key, "kss_wrong-wrong")},
        401,
    ),
    ("another app's header", lambda s: {}, lambda s: {"Authorization": s.rival.basic}, 401),
    ("a wrong secret", lambda s: {"client_id": s.shop.key, "client_secret": "kss_wrong-wrong"}, lambda s: {}, 400),
    ("another app's secret", lambda s: s.rival.form, lambda s: {}, 400),
    ("another app's name", lambda s: {"client_id": s.rival.key}, lambda s: {}, 400),
    ("an unknown name", lambda s: {"client_id": UNKNOWN}, lambda s: {}, 400),
    (
        "another app's assertion",
        lambda s: {
            "client_assertion_type": CLIENT_ASSERTION,
            "client_assertion": s.assertion(None, s.client_claims(s.rival), rs256(s.rival.private_pem)),
        },
        lambda s: {},
        400,
    ),
]


@pytest.mark.parametrize(
    ("form", "header", "status"), [case[1:] for case in CREDENTIALS], ids=[case[0] for case in CREDENTIALS]
)
def test_credentials_beside_an_assertion_are_checked(
    scene: Scene, form: Callable[[Scene], dict[str, str]], header: Callable[[Scene], dict[str, str]], status: int
) -> None:
    """None are needed; those that come along must be good, and the issuer's (RFC 7523 §3.1)."""
    asked = {"grant_type": JWT_BEARER, "assertion": scene.assertion()} | form(scene)

    assert scene.token(asked, **header(scene)).refusal[:2] == (status, "invalid_client")


def test_the_issuer_s_own_credentials_do_no_harm(scene: Scene) -> None:
    """Its name, its secret in either place, and its own signature."""
    asked = {"grant_type": JWT_BEARER, "assertion": scene.assertion()}
    signed = {
        "client_assertion_type": CLIENT_ASSERTION,
        "client_assertion": scene.assertion(claims=scene.client_claims()),
    }
    replies = [
        scene.token(asked | {"client_id": scene.shop.key}),
        scene.token(asked | scene.shop.form),
        scene.token(asked, Authorization=scene.shop.basic),
        scene.token(asked | signed),
    ]

    assert [reply.status for reply in replies] == [200] * 4
