"""May this authorization request go on to sign-in and consent?

AUTHORIZE is the whole policy, read top to bottom. What stands before it (an unknown key, an unregistered redirect URI)
is shown on our own page and never redirected.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from keysteward.rules.keys import App
from keysteward.rules.policy import Policy
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
from keysteward.rules.tokens import read_scopes
from keysteward.rules.words import Environment

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


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
    challenge: str | None = None
    challenge_method: str | None = None

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes in the order they were asked; only for a request that passed AUTHORIZE."""
        return read_scopes(self.scope) or ()

    @property
    def prompts(self) -> frozenset[str]:
        """What the app asks to be shown to the user: `login`, `consent`, or `none` at all."""
        return frozenset((self.prompt or "").split())

    @property
    def answers_in_fragment(self) -> bool:
        """Tokens travel in the fragment, codes in the query."""
        return self.response_type == "token"


def response_type_unknown(request: Request) -> Kind | None:
    """Only `code` and `token` are answered."""
    return None if request.response_type in {"code", "token"} else UNSUPPORTED_RESPONSE_TYPE


def grant_not_registered(request: Request) -> Kind | None:
    """The app must be registered for the grant that the response type begins."""
    wanted = {"implicit"} if request.response_type == "token" else {"confidential_code", "public_code"}
    return None if wanted & request.app.grants else GRANT_NOT_REGISTERED


def implicit_without_waiver(request: Request) -> Kind | None:
    """Production takes the implicit grant only where policy allows it, or while an admin's waiver lasts."""
    if request.response_type != "token" or request.environment != "production":
        return None
    rule, until = request.policy.implicit_in_production, request.app.implicit_until
    is_waived = rule == "waiver" and until is not None and request.now < until
    return None if rule == "allowed" or is_waived else IMPLICIT_NEEDS_WAIVER


def scope_malformed(request: Request) -> Kind | None:
    """At least one scope, each of legal characters; unknown names are accepted, for APIs have scopes of their own."""
    return INVALID_SCOPE if read_scopes(request.scope) is None else None


def challenge_malformed(request: Request) -> Kind | None:
    """A challenge is 43 characters of base64url and its method exactly S256, never s256 or plain (RFC 7636)."""
    if request.challenge is None and request.challenge_method is None:
        return None
    is_good = request.challenge_method == "S256" and _CHALLENGE.fullmatch(request.challenge or "")
    return None if is_good else BAD_CHALLENGE


def challenge_missing(request: Request) -> Kind | None:
    """A public client must bind its code; so must an app that requires PKCE."""
    needs = request.app.pkce_required or "confidential_code" not in request.app.grants
    asks = request.response_type == "code" and needs and request.challenge is None
    return PKCE_REQUIRED if asks else None


def prompts_contradict(request: Request) -> Kind | None:
    """`none` stands alone (OpenID Connect Core §3.1.2.1)."""
    return PROMPTS_CONTRADICT if "none" in request.prompts and len(request.prompts) > 1 else None


AUTHORIZE: tuple[Callable[[Request], Kind | None], ...] = (
    response_type_unknown,
    grant_not_registered,
    implicit_without_waiver,
    scope_malformed,
    challenge_malformed,
    challenge_missing,
    prompts_contradict,
)
