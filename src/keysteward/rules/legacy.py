"""What becomes of a call that authenticates the old way, and which grant replaces it?

Read REFUSED from top to bottom: it is who is refused, unless the key has a waiver. REPLACED says what to move to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import NamedTuple

from keysteward.rules.accounts import User
from keysteward.rules.keys import App, Grant, Settings
from keysteward.rules.phases import Phase, Window, next_step, next_window, step_at, step_of, window_at
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import LEGACY_BROWN_OUT, LEGACY_NOT_KNOWN, LEGACY_RETIRED, Kind

ADVICE_PATH = "/help/legacy-authentication"
TRENCHES = "Manage your integration keys: legacy authentication and integration key management"
FAQ = "FAQs: What is an integration key?"


@dataclass(frozen=True, slots=True)
class Waiver:
    """Why a key may go on authenticating the old way for a while, and who answers for that it stops."""

    id: str
    key: str
    owner: str
    reason: str
    until: datetime
    made_at: datetime
    made_by: str
    revoked_at: datetime | None = None
    revoked_by: str = ""

    def holds(self, now: datetime) -> bool:
        """A waiver holds up to its end, unless it was revoked."""
        return self.revoked_at is None and now < self.until


@dataclass(frozen=True, slots=True)
class Attempt:
    """A legacy call of a key: when, under which policy, and since when the key has made such calls."""

    now: datetime
    policy: Policy
    first_call: datetime | None = None
    waiver: Waiver | None = None


def comes_after_the_end(attempt: Attempt) -> Kind | None:
    """Every key is blocked."""
    return LEGACY_RETIRED if phase_at(attempt.policy, attempt.now) == "block all" else None


def comes_in_a_brown_out(attempt: Attempt) -> Kind | None:
    """A brown-out runs."""
    return LEGACY_BROWN_OUT if is_browned_out(attempt.policy, attempt.now) else None


def comes_from_a_new_key(attempt: Attempt) -> Kind | None:
    """New keys are blocked, and this one had made no legacy call before they were."""
    step = step_at(attempt.policy.legacy_phases, attempt.now)
    is_known = attempt.first_call is not None and attempt.first_call < step.since
    return None if step.phase != "block new" or is_known else LEGACY_NOT_KNOWN


REFUSED: tuple[Callable[[Attempt], Kind | None], ...] = (
    comes_after_the_end,
    comes_in_a_brown_out,
    comes_from_a_new_key,
)


def why_refused(attempt: Attempt) -> Kind | None:
    """The first reason against a legacy call; a waiver that holds stands against all."""
    if attempt.waiver is not None and attempt.waiver.holds(attempt.now):
        return None
    return next((kind for check in REFUSED if (kind := check(attempt)) is not None), None)


def phase_at(policy: Policy, now: datetime) -> Phase:
    """The phase that applies at an instant."""
    return step_at(policy.legacy_phases, now).phase


def is_browned_out(policy: Policy, now: datetime) -> bool:
    """Whether a brown-out runs at an instant: they do only in the phase that is named after them."""
    return phase_at(policy, now) == "brown-out" and window_at(policy.legacy_brown_outs, now) is not None


def is_closed(policy: Policy, now: datetime) -> bool:
    """Whether only a waiver could let a call pass, now and from now on."""
    return phase_at(policy, now) == "block all"


def warnings(attempt: Attempt, origin: str) -> dict[str, str]:
    """What an accepted call is told from the phase `warn` on: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), `Link`."""
    steps = attempt.policy.legacy_phases
    warned = next((step for step in steps if step.phase != "measure"), None)
    if warned is None or warned.since > attempt.now:
        return {}
    said = {
        "Deprecation": f"@{int(warned.since.timestamp())}",
        "Link": f'<{origin}{ADVICE_PATH}>; rel="deprecation"; type="text/html"',
    }
    end = sunset(attempt)
    return said | ({"Sunset": format_datetime(end, usegmt=True)} if end else {})


def sunset(attempt: Attempt) -> datetime | None:
    """When calls of this key end: with everybody's, or with its waiver where that ends later."""
    end = step_of(attempt.policy.legacy_phases, "block all")
    waiver = attempt.waiver
    ends = [end.since] if end else []
    ends += [waiver.until] if end and waiver and waiver.holds(attempt.now) else []
    return max(ends, default=None)


def plan(policy: Policy, now: datetime) -> tuple[Phase, datetime | None, Phase | None]:
    """The phase now, and when which one comes next."""
    coming = next_step(policy.legacy_phases, now)
    return phase_at(policy, now), coming.since if coming else None, coming.phase if coming else None


def brown_out_shown(policy: Policy, now: datetime) -> Window | None:
    """The brown-out that runs, or comes next while the phase lasts that has them."""
    if phase_at(policy, now) != "brown-out":
        return None
    window = window_at(policy.legacy_brown_outs, now) or next_window(policy.legacy_brown_outs, now)
    end = next_step(policy.legacy_phases, now)
    return None if window is None or (end and window.begins >= end.since) else window


# ── what replaces it ────────────────────────────────────────────────────────────────────────────────────────────────
class Use(NamedTuple):
    """Who calls the old way with an app, and with which program."""

    app: App
    settings: Settings
    user: User | None
    sdk: str


@dataclass(frozen=True, slots=True)
class Replacement:
    """The grant to move to, for whom it is, and where that is written."""

    grant: Grant
    why: str
    source: str
    applies: Callable[[Use], bool]


def _is_a_service(use: Use) -> bool:
    return use.user is not None and use.user.service


def _runs_in_a_browser(use: Use) -> bool:
    return use.sdk.startswith("Mozilla/")


def _has_somebody_at_a_browser(use: Use) -> bool:
    return bool({"confidential_code", "public_code"} & use.app.grants and use.settings.redirect_uris)


def _otherwise(use: Use) -> bool:
    return True


REPLACED: tuple[Replacement, ...] = (
    Replacement("jwt", "A service admin calls, so nobody is there to sign in: impersonate it with a keypair.",
                TRENCHES, _is_a_service),
    Replacement("public_code", "The calls come from a browser, where no secret is safe: sign in with PKCE.",
                FAQ, _runs_in_a_browser),
    Replacement("confidential_code", "The app sends its users to a browser already: let them sign in there.",
                TRENCHES, _has_somebody_at_a_browser),
    Replacement("jwt", "A program calls with a password that it keeps, so nobody is there to sign in: impersonate the "
                "user with a keypair, after they consented once.", TRENCHES, _otherwise),
)  # fmt: skip


def replacement(use: Use) -> Replacement:
    """The grant that replaces the password of this use."""
    return next(each for each in REPLACED if each.applies(use))


def steps(grant: Grant, app: App, settings: Settings) -> tuple[str, ...]:
    """What is left to do, in order, before an app can use a grant instead."""
    missing = [(grant not in app.grants, f"Register the grant with the app: {_NAMED[grant]}.")]
    if grant == "jwt":
        missing += [
            (not settings.keypairs, "Add an RSA keypair to the app, and give its private half to the program."),
            (True, "Let each user consent once to the scopes signature and impersonation."),
            (True, "Ask /oauth/token for an access token with a signed assertion that names the user's GUID."),
        ]
    else:
        missing += [
            (not settings.redirect_uris, "Add the redirect URI that the program listens on."),
            (grant == "confidential_code" and not settings.secrets, "Add a secret key, and give it to the program."),
            (True, "Send the user to /oauth/auth, and exchange the code at /oauth/token."),
        ]
    missing.append((True, "Send the token as Authorization: Bearer, and forget the password."))
    return tuple(sentence for is_missing, sentence in missing if is_missing)


_NAMED: dict[Grant, str] = {
    "confidential_code": "authorization code",
    "public_code": "authorization code with PKCE",
    "implicit": "implicit",
    "jwt": "JWT",
}
