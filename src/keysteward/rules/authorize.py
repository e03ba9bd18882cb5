"""May this authorization request go on to sign-in and consent?

AUTHORIZE is the whole policy, read top to bottom. What stands before it (an unknown key, an unregistered redirect URI)
is shown on our own page and never redirected.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from keysteward.rules.keys import App
from keysteward.rules.policy import Policy
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
from keysteward.rules.tokens import read_scopes
from keysteward.rules.words import Environment

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_SECONDS = re.compile(r"[0-9]{1,9}")
_RESPONSE_TYPES = ({"code"}, {"token"}, {"id_token"}, {"id_token", "token"})
PROMPTS = ("none", "login", "consent", "select_account")
SIGN_IN_PROMPTS = frozenset({"login", "select_account"})


@dataclass(frozen=True, slots=True)
class Request:
    """An authorization request as it came, beside what it is judged by."""

    app: App
    environment: Environment
    policy: Policy
    response_type: str
    redirect_uri: str
    scope: str
    now: datetime
    state: str | None = None
    nonce: str | None = None
    prompt: str | None = None
    login_hint: str | None = None
    max_age: str | None = None
    response_mode: str | None = None
    admin_consent_scope: str | None = None
    expected_user: str | None = None
    challenge: str | None = None
    challenge_method: str | None = None

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes in the order they were asked; only for a request that passed AUTHORIZE."""
        return read_scopes(self.scope) or ()

    @property
    def prompts(self) -> frozenset[str]:
        """What the app asks to be shown to the user: `login`, `consent`, `select_account`, or `none` at all."""
        return frozenset((self.prompt or "").split())

    @property
    def wants_sign_in(self) -> bool:
        """Whether whoever is signed in must sign in anew; that is also how another account is selected."""
        return not self.prompts.isdisjoint(SIGN_IN_PROMPTS)

    @property
    def response_types(self) -> frozenset[str]:
        """What the app wants to come back: `code`, or without one `token`, `id_token` or both, in any order."""
        return frozenset(self.response_type.split(" "))

    @property
    def is_implicit(self) -> bool:
        """Whether tokens come back from here, without a code."""
        return "code" not in self.response_types

    @property
    def answer_mode(self) -> str:
        """How the answer travels, refusals too: as asked, else tokens in the fragment and codes in the query."""
        usual = "query" if self.response_types.isdisjoint({"token", "id_token"}) else "fragment"
        return usual if self.response_mode is None or response_mode_unknown(self) else self.response_mode

    def is_answered_by(self, user: str, signed_in_at: datetime) -> bool:
        """Whether this sign-in will do: it is the expected user's, and as fresh as the app wants it."""
        is_fresh = self.max_age is None or self.now - signed_in_at <= timedelta(seconds=int(self.max_age))
        return is_fresh and self.expected_user in {None, user}


def response_type_unknown(request: Request) -> Kind | None:
    """`code`, `token`, `id_token` and `id_token token` are answered."""
    return None if request.response_types in _RESPONSE_TYPES else UNSUPPORTED_RESPONSE_TYPE


def response_mode_unknown(request: Request) -> Kind | None:
    """Answers travel in the query, the fragment or a form; tokens never in the query."""
    if request.response_mode is None:
        return None
    allowed = {"fragment", "form_post"} if request.is_implicit else {"query", "fragment", "form_post"}
    return None if request.response_mode in allowed else UNSUPPORTED_RESPONSE_MODE


def grant_not_registered(request: Request) -> Kind | None:
    """The app must be registered for the grant that the response type begins."""
    wanted = {"implicit"} if request.is_implicit else {"confidential_code", "public_code"}
    return None if wanted & request.app.grants else GRANT_NOT_REGISTERED


def implicit_without_waiver(request: Request) -> Kind | None:
    """Production takes the implicit grant only where policy allows it, or while an admin's waiver lasts."""
    if not request.is_implicit or request.environment != "production":
        return None
    rule, until = request.policy.implicit_in_production, request.app.implicit_until
    is_waived = rule == "waiver" and until is not None and request.now < until
    return None if rule == "allowed" or is_waived else IMPLICIT_NEEDS_WAIVER


def scope_malformed(request: Request) -> Kind | None:
    """At least one scope, each of legal characters; unknown names are accepted, for APIs have scopes of their own."""
    return INVALID_SCOPE if read_scopes(request.scope) is None else None


def id_token_without_openid(request: Request) -> Kind | None:
    """An id token is OpenID Connect's: without a code it needs the scope `openid` and a nonce (Core §3.2.2.1)."""
    if "id_token" not in request.response_types:
        return None
    return None if "openid" in request.scopes and request.nonce else NONCE_REQUIRED


def admin_consent_malformed(request: Request) -> Kind | None:
    """An organization's consent is asked for beside a plain sign-in: a code for `openid`, and nothing else."""
    if request.admin_consent_scope is None:
        return None
    is_plain = request.response_types == {"code"} and request.scopes == ("openid",)
    return None if is_plain and read_scopes(request.admin_consent_scope) else INVALID_SCOPE


def challenge_malformed(request: Request) -> Kind | None:
    """A challenge is 43 characters of base64url and its method exactly S256, never s256 or plain (RFC 7636)."""
    if request.challenge is None and request.challenge_method is None:
        return None
    is_good = request.challenge_method == "S256" and _CHALLENGE.fullmatch(request.challenge or "")
    return None if is_good else BAD_CHALLENGE


def challenge_missing(request: Request) -> Kind | None:
    """A public client must bind its code; so must an app that requires PKCE."""
    needs = request.app.pkce_required or "confidential_code" not in request.app.grants
    asks = not request.is_implicit and needs and request.challenge is None
    return PKCE_REQUIRED if asks else None


def prompts_contradict(request: Request) -> Kind | None:
    """`none` stands alone (OpenID Connect Core §3.1.2.1)."""
    return PROMPTS_CONTRADICT if "none" in request.prompts and len(request.prompts) > 1 else None


def prompt_unknown(request: Request) -> Kind | None:
    """What is asked to be shown is one of what discovery names (Initiating User Registration §4)."""
    return None if request.prompts <= set(PROMPTS) else UNKNOWN_PROMPT


def max_age_malformed(request: Request) -> Kind | None:
    """`max_age` is a number of seconds."""
    is_good = request.max_age is None or _SECONDS.fullmatch(request.max_age)
    return None if is_good else BAD_MAX_AGE


AUTHORIZE: tuple[Callable[[Request], Kind | None], ...] = (
    response_type_unknown,
    response_mode_unknown,
    grant_not_registered,
    implicit_without_waiver,
    scope_malformed,
    admin_consent_malformed,
    id_token_without_openid,
    max_age_malformed,
    challenge_malformed,
    challenge_missing,
    prompt_unknown,
    prompts_contradict,
)
