"""Which authorization requests go on to sign-in and consent?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from keysteward.rules.authorize import AUTHORIZE, Request
from keysteward.rules.keys import Grant
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.refusals import (
    BAD_CHALLENGE,
    BAD_MAX_AGE,
    GRANT_NOT_REGISTERED,
    IMPLICIT_NEEDS_WAIVER,
    INVALID_SCOPE,
    NONCE_REQUIRED,
    PKCE_REQUIRED,
    PROMPTS_CONTRADICT,
    UNKNOWN_PROMPT,
    UNSUPPORTED_RESPONSE_MODE,
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
OPENID = replace(TOKEN, response_type="id_token", scope="openid", nonce="n")
CONFIDENTIAL = an_app(grants=registered("confidential_code"))
PUBLIC = an_app(grants=registered("public_code"))
STRICT = an_app(pkce_required=True)

ASKED: list[tuple[str, Request, Kind | None]] = [
    ("a code", CODE, None),
    ("a bound code", BOUND, None),
    ("a token", TOKEN, None),
    ("no response type", replace(CODE, response_type=""), UNSUPPORTED_RESPONSE_TYPE),
    ("an id token", OPENID, None),
    ("both tokens", replace(OPENID, response_type="id_token token"), None),
    ("both tokens, the other way round", replace(OPENID, response_type="token id_token"), None),
    ("an id token without nonce", replace(OPENID, nonce=None), NONCE_REQUIRED),
    ("an id token with an empty nonce", replace(OPENID, nonce=""), NONCE_REQUIRED),
    ("an id token without openid", replace(OPENID, scope="signature"), NONCE_REQUIRED),
    ("an id token of a code app", replace(OPENID, app=CODE.app), GRANT_NOT_REGISTERED),
    ("an id token in production", replace(OPENID, environment="production"), IMPLICIT_NEEDS_WAIVER),
    ("a code and an id token", replace(OPENID, response_type="code id_token"), UNSUPPORTED_RESPONSE_TYPE),
    ("a code in a form", replace(CODE, response_mode="form_post"), None),
    ("a code in the fragment", replace(CODE, response_mode="fragment"), None),
    ("a token in a form", replace(TOKEN, response_mode="form_post"), None),
    ("a token in the query", replace(TOKEN, response_mode="query"), UNSUPPORTED_RESPONSE_MODE),
    ("a mode nobody knows", replace(CODE, response_mode="jwt"), UNSUPPORTED_RESPONSE_MODE),
    ("an empty mode", replace(CODE, response_mode=""), UNSUPPORTED_RESPONSE_MODE),
    ("a greatest age", replace(CODE, max_age="0"), None),
    ("a negative age", replace(CODE, max_age="-1"), BAD_MAX_AGE),
    ("an age in words", replace(CODE, max_age="soon"), BAD_MAX_AGE),
    ("an empty age", replace(CODE, max_age=""), BAD_MAX_AGE),
    ("an age of ten digits", replace(CODE, max_age="1234567890"), BAD_MAX_AGE),
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
    ("another account", replace(CODE, prompt="select_account consent"), None),
    ("a prompt nobody knows", replace(CODE, prompt="create"), UNKNOWN_PROMPT),
    ("a prompt in capitals", replace(CODE, prompt="LOGIN"), UNKNOWN_PROMPT),
    ("prompts with a comma", replace(CODE, prompt="login,consent"), UNKNOWN_PROMPT),
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

    assert found == [
        UNSUPPORTED_RESPONSE_TYPE,
        GRANT_NOT_REGISTERED,
        IMPLICIT_NEEDS_WAIVER,
        INVALID_SCOPE,
        BAD_CHALLENGE,
    ]


@pytest.mark.parametrize(
    ("request_", "mode"),
    [
        (CODE, "query"),
        (TOKEN, "fragment"),
        (replace(CODE, response_mode="form_post"), "form_post"),
        (replace(TOKEN, response_mode="form_post"), "form_post"),
        (replace(TOKEN, response_mode="query"), "fragment"),
        (replace(CODE, response_mode="nonsense"), "query"),
        (replace(CODE, response_type="code id_token"), "fragment"),
        (replace(CODE, response_type="device"), "query"),
    ],
    ids=["code", "token", "code in a form", "token in a form", "token in a query", "nonsense", "hybrid", "unknown"],
)
def test_answers_travel_as_asked(request_: Request, mode: str) -> None:
    """A code in the query and a token behind the hash, unless asked otherwise in a way that is possible."""
    assert request_.answer_mode == mode


@pytest.mark.parametrize(
    ("max_age", "seconds", "will_do"),
    [(None, 10**6, True), ("60", 60, True), ("60", 60.000001, False), ("0", 0, True), ("0", 1, False)],
)
def test_a_sign_in_grows_old(max_age: str | None, seconds: float, will_do: bool) -> None:
    """A sign-in as old as max_age will do, an older one not."""
    request_ = replace(CODE, max_age=max_age)

    assert request_.is_answered_by("a user", NOW - timedelta(seconds=seconds)) is will_do


def test_the_expected_user_answers() -> None:
    """Where the app expects somebody, nobody else will do."""
    expecting = replace(CODE, expected_user="ada")

    assert [expecting.is_answered_by(user, NOW) for user in ("ada", "bo")] == [True, False]


def test_scopes_are_read_once() -> None:
    """A request knows its scopes in the order they were asked."""
    assert replace(CODE, scope="signature extended signature").scopes == ("signature", "extended")
