"""What does the JWT grant demand of an assertion whose signature is good?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.grants import ASSERTION, CLIENT_ASSERTION, AssertionRequest, ClientAssertion, audiences
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import (
    ASSERTION_EXPIRED,
    AUDIENCE_WRONG,
    CONSENT_REQUIRED,
    GRANT_NOT_REGISTERED,
    INVALID_CLIENT,
    INVALID_SCOPE,
    NO_VALID_KEYS_OR_SIGNATURES,
    SUBJECT_MALFORMED,
    USER_NOT_FOUND,
    Kind,
)
from tests.rules.examples import NOW, USER, a_user, an_app

CLOCK = NOW.timestamp()
HOST = "demo.test:8443"
BOTH = frozenset({"signature", "impersonation"})
GOOD = AssertionRequest(
    app=an_app(), policy=DEFAULT, audiences=audiences((HOST, "account-d.docusign.com")), audience=HOST, subject=USER,
    scope="signature", issued=CLOCK, not_before=None, expires=CLOCK + 3600, clock=CLOCK, user=a_user(), consented=BOTH,
)  # fmt: skip
APPLICATION = replace(GOOD, subject=None, user=None, scope="user_read", consented=frozenset({"user_read"}))
NOBODY = frozenset[str]()

ASSERTED: list[tuple[str, AssertionRequest, Kind | None]] = [
    ("good", GOOD, None),
    ("no JWT grant", replace(GOOD, app=an_app(grants=frozenset({"implicit"}))), GRANT_NOT_REGISTERED),
    ("aud host", replace(GOOD, audience="account-d.docusign.com"), None),
    ("aud origin", replace(GOOD, audience=f"https://{HOST}"), None),
    ("aud origin and slash", replace(GOOD, audience=f"https://{HOST}/"), None),
    ("aud token endpoint", replace(GOOD, audience=f"https://{HOST}/oauth/token"), None),
    ("aud list of one", replace(GOOD, audience=[HOST]), None),
    ("aud list of two", replace(GOOD, audience=[HOST, "evil.example"]), AUDIENCE_WRONG),
    ("aud empty list", replace(GOOD, audience=[]), AUDIENCE_WRONG),
    ("aud list in a list", replace(GOOD, audience=[[HOST]]), AUDIENCE_WRONG),
    ("aud missing", replace(GOOD, audience=None), AUDIENCE_WRONG),
    ("aud number", replace(GOOD, audience=1), AUDIENCE_WRONG),
    ("aud without port", replace(GOOD, audience="demo.test"), AUDIENCE_WRONG),
    ("aud http", replace(GOOD, audience=f"http://{HOST}"), AUDIENCE_WRONG),
    ("aud of production", replace(GOOD, audience="account.docusign.com"), AUDIENCE_WRONG),
    ("aud in capitals", replace(GOOD, audience=HOST.upper()), AUDIENCE_WRONG),
    ("aud longer", replace(GOOD, audience=f"https://{HOST}/oauth/token/"), AUDIENCE_WRONG),
    ("aud object", replace(GOOD, audience={HOST: 1}), AUDIENCE_WRONG),
    ("exp missing", replace(GOOD, expires=None), NO_VALID_KEYS_OR_SIGNATURES),
    ("exp text", replace(GOOD, expires=str(CLOCK + 60)), NO_VALID_KEYS_OR_SIGNATURES),
    ("exp true", replace(GOOD, expires=True), NO_VALID_KEYS_OR_SIGNATURES),
    ("exp infinite", replace(GOOD, expires=float("inf")), NO_VALID_KEYS_OR_SIGNATURES),
    ("exp not a number", replace(GOOD, expires=float("nan")), NO_VALID_KEYS_OR_SIGNATURES),
    ("exp negative", replace(GOOD, expires=-1), NO_VALID_KEYS_OR_SIGNATURES),
    ("exp in milliseconds", replace(GOOD, expires=(CLOCK + 60) * 1000), NO_VALID_KEYS_OR_SIGNATURES),
    ("iat text", replace(GOOD, issued="now"), NO_VALID_KEYS_OR_SIGNATURES),
    ("nbf list", replace(GOOD, not_before=[CLOCK]), NO_VALID_KEYS_OR_SIGNATURES),
    ("iat missing", replace(GOOD, issued=None), None),
    ("exp a minute ago", replace(GOOD, expires=CLOCK - 60), ASSERTION_EXPIRED),
    ("exp within the skew", replace(GOOD, expires=CLOCK - 59), None),
    ("exp long ago", replace(GOOD, expires=0), ASSERTION_EXPIRED),
    ("iat a minute ahead", replace(GOOD, issued=CLOCK + 60), None),
    ("iat further ahead", replace(GOOD, issued=CLOCK + 61), NO_VALID_KEYS_OR_SIGNATURES),
    ("nbf a minute ahead", replace(GOOD, not_before=CLOCK + 60), None),
    ("nbf further ahead", replace(GOOD, not_before=CLOCK + 61), NO_VALID_KEYS_OR_SIGNATURES),
    ("life of 4000 s", replace(GOOD, expires=CLOCK + 4000), None),
    ("life of two hours", replace(GOOD, expires=CLOCK + 7200), None),
    ("life of two hours and the skew", replace(GOOD, expires=CLOCK + 7260), None),
    ("life longer still", replace(GOOD, expires=CLOCK + 7261), NO_VALID_KEYS_OR_SIGNATURES),
    ("long life from now, no iat", replace(GOOD, issued=None, expires=CLOCK + 7261), NO_VALID_KEYS_OR_SIGNATURES),
    ("long life from an old iat", replace(GOOD, issued=CLOCK - 7000, expires=CLOCK + 600),
     NO_VALID_KEYS_OR_SIGNATURES),
    ("fractions of seconds", replace(GOOD, issued=CLOCK + 0.5, expires=CLOCK + 60.5), None),
    ("scope missing", replace(GOOD, scope=None), INVALID_SCOPE),
    ("scope empty", replace(GOOD, scope=""), INVALID_SCOPE),
    ("scope list", replace(GOOD, scope=["signature"]), INVALID_SCOPE),
    ("scope quoted", replace(GOOD, scope='"signature"'), INVALID_SCOPE),
    ("sub no GUID", replace(GOOD, subject="ada@acme.example"), SUBJECT_MALFORMED),
    ("sub empty", replace(GOOD, subject=""), SUBJECT_MALFORMED),
    ("sub number", replace(GOOD, subject=7), SUBJECT_MALFORMED),
    ("sub in capitals", replace(GOOD, subject=USER.upper()), SUBJECT_MALFORMED),
    ("sub unknown", replace(GOOD, user=None), USER_NOT_FOUND),
    ("sub closed", replace(GOOD, user=a_user(state="closed")), USER_NOT_FOUND),
    ("consent to nothing", replace(GOOD, consented=NOBODY), CONSENT_REQUIRED),
    ("no impersonation", replace(GOOD, consented=frozenset({"signature"})), CONSENT_REQUIRED),
    ("impersonation only", replace(GOOD, consented=frozenset({"impersonation"})), CONSENT_REQUIRED),
    ("more scopes than consented", replace(GOOD, scope="signature user_read"), CONSENT_REQUIRED),
    ("impersonation asked too", replace(GOOD, scope="signature impersonation"), None),
    ("application", APPLICATION, None),
    ("application, not authorized", replace(APPLICATION, consented=NOBODY), CONSENT_REQUIRED),
    ("application, other scopes", replace(APPLICATION, scope="user_write"), CONSENT_REQUIRED),
]  # fmt: skip


@pytest.mark.parametrize(("how", "request_", "kind"), ASSERTED, ids=[row[0] for row in ASSERTED])
def test_an_assertion_is_judged(how: str, request_: AssertionRequest, kind: Kind | None) -> None:
    """The first check that finds something wrong with an assertion is the answer."""
    assert next((found for check in ASSERTION if (found := check(request_))), None) is kind


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=4,
)
claim = st.sampled_from(["audience", "subject", "scope", "issued", "not_before", "expires"])


@given(st.dictionaries(claim, anything))
def test_any_json_for_a_claim_is_judged(claims: dict[str, object]) -> None:
    """Whatever JSON a signed claim holds, there is a verdict and never an error."""
    request = replace(GOOD, **claims)  # type: ignore[arg-type]  # any claim may hold anything
    kinds = [kind for check in ASSERTION if (kind := check(request))]

    assert all(isinstance(kind, Kind) for kind in kinds)


def test_a_host_is_named_in_four_ways() -> None:
    """Bare, as an origin, with a slash, and as the token endpoint: those and no others."""
    assert audiences(("a:1",)) == {"a:1", "https://a:1", "https://a:1/", "https://a:1/oauth/token"}
    assert audiences(()) == frozenset()


PROOF = ClientAssertion(
    app=an_app(), policy=DEFAULT, audiences=audiences((HOST,)), audience=HOST, subject=an_app().key, issued=CLOCK,
    not_before=None, expires=CLOCK + 60, clock=CLOCK, token_id="one",
)  # fmt: skip

PROVED: list[tuple[str, ClientAssertion, Kind | None]] = [
    ("good", PROOF, None),
    ("another subject", replace(PROOF, subject=USER), INVALID_CLIENT),
    ("no subject", replace(PROOF, subject=None), INVALID_CLIENT),
    ("another audience", replace(PROOF, audience="evil.example"), AUDIENCE_WRONG),
    ("expired", replace(PROOF, expires=CLOCK - 60), ASSERTION_EXPIRED),
    ("within the skew", replace(PROOF, expires=CLOCK - 59), None),
    ("from the future", replace(PROOF, issued=CLOCK + 61), NO_VALID_KEYS_OR_SIGNATURES),
    ("two hours and the skew", replace(PROOF, expires=CLOCK + 7_260), None),
    ("longer", replace(PROOF, expires=CLOCK + 7_261), NO_VALID_KEYS_OR_SIGNATURES),
    ("no id", replace(PROOF, token_id=None), INVALID_CLIENT),
    ("an empty id", replace(PROOF, token_id=""), INVALID_CLIENT),
    ("a number for an id", replace(PROOF, token_id=1), INVALID_CLIENT),
]


@pytest.mark.parametrize(("proved", "assertion", "kind"), PROVED, ids=[row[0] for row in PROVED])
def test_a_client_s_proof_is_judged(proved: str, assertion: ClientAssertion, kind: Kind | None) -> None:
    """The claims of an assertion that proves a client are judged like a grant's, and name the client alone."""
    assert next((found for check in CLIENT_ASSERTION if (found := check(assertion))), None) is kind
