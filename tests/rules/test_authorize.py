"""Which authorization requests go on to sign-in and consent?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from keysteward.rules.authorize import AUTHORIZE, Request
from keysteward.rules.keys import Grant
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.refusals import (
    BAD_CHALLENGE,
    GRANT_NOT_REGISTERED,
    IMPLICIT_NEEDS_WAIVER,
    INVALID_SCOPE,
    PKCE_REQUIRED,
    PROMPTS_CONTRADICT,
    UNSUPPORTED_RESPONSE_TYPE,
    Kind,
)
from tests.cast import CALLBACK, CHALLENGE
from tests.rules.examples import NOW, an_app


def registered(*grants: Grant) -> frozenset[Grant]:
    """The grants that an app is registered for."""
    return frozenset(grants)


CODE = Request(an_app(), "demo", DEFAULT, "code", CALLBACK, "signature", NOW)
BOUND = replace(CODE, challenge=CHALLENGE, challenge_method="S256")
TOKEN = replace(CODE, app=an_app(grants=registered("implicit")), response_type="token")
LIVE = replace(TOKEN, environment="production")
CONFIDENTIAL = an_app(grants=registered("confidential_code"))
PUBLIC = an_app(grants=registered("public_code"))
STRICT = an_app(pkce_required=True)

ASKED: list[tuple[str, Request, Kind | None]] = [
    ("a code", CODE, None),
    ("a bound code", BOUND, None),
    ("a token", TOKEN, None),
    ("no response type", replace(CODE, response_type=""), UNSUPPORTED_RESPONSE_TYPE),
    ("an ID token", replace(CODE, response_type="id_token"), UNSUPPORTED_RESPONSE_TYPE),
    ("both", replace(CODE, response_type="code token"), UNSUPPORTED_RESPONSE_TYPE),
    ("in capitals", replace(CODE, response_type="CODE"), UNSUPPORTED_RESPONSE_TYPE),
    ("a confidential app's code", replace(CODE, app=CONFIDENTIAL), None),
    ("a public app's bound code", replace(BOUND, app=PUBLIC), None),
    ("a code of a JWT app", replace(CODE, app=an_app(grants=registered("jwt"))), GRANT_NOT_REGISTERED),
    ("a code of an implicit app", replace(CODE, app=TOKEN.app), GRANT_NOT_REGISTERED),
    ("a code of an app without grants", replace(CODE, app=an_app(grants=registered())), GRANT_NOT_REGISTERED),
    ("a token of a code app", replace(TOKEN, app=CODE.app), GRANT_NOT_REGISTERED),
    ("a token in production", LIVE, IMPLICIT_NEEDS_WAIVER),
    ("where policy allows it", replace(LIVE, policy=Policy(implicit_in_production="allowed")), None),
    ("where policy refuses it", replace(LIVE, policy=Policy(implicit_in_production="refused")), IMPLICIT_NEEDS_WAIVER),
    ("with a waiver", replace(LIVE, app=replace(LIVE.app, implicit_until=NOW + timedelta(seconds=1))), None),
    ("with a waiver that ends now", replace(LIVE, app=replace(LIVE.app, implicit_until=NOW)), IMPLICIT_NEEDS_WAIVER),
    ("with a waiver where policy refuses", replace(
        LIVE, app=replace(LIVE.app, implicit_until=NOW + timedelta(days=1)),
        policy=Policy(implicit_in_production="refused"),
    ), IMPLICIT_NEEDS_WAIVER),
    ("a code in production", replace(CODE, environment="production"), None),
    ("no scope", replace(CODE, scope=""), INVALID_SCOPE),
    ("spaces for scopes", replace(CODE, scope="  "), INVALID_SCOPE),
    ("a quoted scope", replace(CODE, scope='"signature"'), INVALID_SCOPE),
    ("a scope nobody knows", replace(CODE, scope="dtr.rooms.read"), None),
    ("a challenge without method", replace(BOUND, challenge_method=None), BAD_CHALLENGE),
    ("a method without challenge", replace(BOUND, challenge=None), BAD_CHALLENGE),
    ("a lower-case method", replace(BOUND, challenge_method="s256"), BAD_CHALLENGE),
    ("the plain method", replace(BOUND, challenge_method="plain"), BAD_CHALLENGE),
    ("a public app's unbound code", replace(CODE, app=PUBLIC), PKCE_REQUIRED),
    ("an unbound code where PKCE is required", replace(CODE, app=STRICT), PKCE_REQUIRED),
    ("a bound code where PKCE is required", replace(BOUND, app=STRICT), None),
    ("prompts alone", replace(CODE, prompt="none"), None),
    ("prompts together", replace(CODE, prompt="login consent"), None),
    ("a prompt nobody knows", replace(CODE, prompt="select_account"), None),
    ("none and another prompt", replace(CODE, prompt="none login"), PROMPTS_CONTRADICT),
    ("none in the middle", replace(CODE, prompt="login none consent"), PROMPTS_CONTRADICT),
    ("none twice", replace(CODE, prompt="none  none"), None),
    ("a token where PKCE is required", replace(TOKEN, app=replace(TOKEN.app, pkce_required=True)), None),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "request_", "kind"), ASKED, ids=[row[0] for row in ASKED])
def test_a_request_is_judged(asked: str, request_: Request, kind: Kind | None) -> None:
    """The first check that finds something wrong with a request is the answer."""
    assert next((found for check in AUTHORIZE if (found := check(request_))), None) is kind


def test_checks_stand_in_their_order() -> None:
    """A request with everything wrong is told of its response type, then grant, then scope, then challenge."""
    worst = Request(an_app(grants=registered()), "production", DEFAULT, "x", CALLBACK, "", NOW, challenge="x")
    found = [kind for check in AUTHORIZE if (kind := check(worst))]

    assert found == [UNSUPPORTED_RESPONSE_TYPE, GRANT_NOT_REGISTERED, INVALID_SCOPE, BAD_CHALLENGE]


def test_tokens_travel_in_the_fragment() -> None:
    """A code is answered in the query, a token behind the hash."""
    assert (CODE.answers_in_fragment, TOKEN.answers_in_fragment) == (False, True)


def test_scopes_are_read_once() -> None:
    """A request knows its scopes in the order they were asked."""
    assert replace(CODE, scope="signature extended signature").scopes == ("signature", "extended")
