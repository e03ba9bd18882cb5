"""What does each number of the policy mean, what may it be, and which way is it looser?

Numbers that guard keys say which way is looser; an operator who loosens one needs a second.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from keysteward.rules.phases import is_weaker
from keysteward.rules.policy import Policy
from keysteward.rules.routing import is_looser

Looser = Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Number:
    """One number: what it says, its limits, and whether going from one value to another loosens what guards keys."""

    says: str
    least: Any = None
    most: Any = None
    is_looser: Looser | None = None
    looser: str = ""


def _more(says: str, least: object, most: object) -> Number:
    return Number(says, least, most, lambda before, after: after > before, "more")


def _less(says: str, least: object, most: object) -> Number:
    return Number(says, least, most, lambda before, after: after < before, "less")


def _free(says: str, least: object, most: object) -> Number:
    return Number(says, least, most)


def _choice(says: str, *strictest_first: str) -> Number:
    rank = strictest_first.index
    return Number(
        says, is_looser=lambda before, after: rank(after) > rank(before), looser=f"towards {strictest_first[-1]}"
    )


def _plans_loosened(before: Policy, after: Policy) -> bool:
    return any(after.is_eligible(plan) and not before.is_eligible(plan) for plan in after.plans)


def loosened(before: Policy, after: Policy) -> tuple[str, ...]:
    """The numbers that guard keys less after a change than before it."""
    found = [
        name for name, number in NUMBERS.items() if _is_looser(number, getattr(before, name), getattr(after, name))
    ]
    return (*found, *(["plans"] if _plans_loosened(before, after) else []))


def changed(before: Policy, after: Policy) -> tuple[str, ...]:
    """The numbers that differ, and `packs` where other rule packs are in force."""
    return tuple(name for name in (*NUMBERS, "packs") if getattr(before, name) != getattr(after, name))


def _is_looser(number: Number, before: object, after: object) -> bool:
    return number.is_looser is not None and before != after and number.is_looser(before, after)


_NONE, _SECOND, _MINUTE = timedelta(0), timedelta(seconds=1), timedelta(minutes=1)
_FOR_EVER = 1_000_000
_HOUR, _DAY, _YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=366)

# fmt: off
NUMBERS: dict[str, Number] = {
    # ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────
    "keys_per_account": _free("Integration keys of an account, deleted ones not counted.", 1, 100_000),
    "secrets_per_key": _more("Secret keys that an app may have at once.", 1, 100),
    "keypairs_per_key": _more("Keypairs that an app may have at once.", 1, 100),
    "redirect_uris_per_key": _free("Redirect URIs of an app.", 1, 1_000),
    "origins_per_key": _free("Web origins of an app.", 1, 1_000),
    "restore_days": _free("Days in which a deleted key can come back.", 0, 3_650),
    "longest_credential_days": Number(
        "Days that a new secret key or keypair may be good; 0 for any number of them.", 0, 3_650,
        is_looser=lambda before, after: (after or _FOR_EVER) > (before or _FOR_EVER), looser="more, or none",
    ),
    "token_uses_kept": _free("How long it is known who got tokens with which secret key or keypair.", _DAY, _YEAR),

    # ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────
    "code_life": _more("How long an authorization code is good.", _SECOND, timedelta(minutes=10)),
    "user_token_life": _more("How long an access token of a user who signed in is good.", _MINUTE, _DAY),
    "jwt_token_life": _more("How long an access token of the JWT grant is good.", _MINUTE, _DAY),
    "refresh_life": _more("How long a refresh token is good.", _MINUTE, _YEAR),
    "refresh_grace": _more("A used refresh token that comes back so soon kills nothing.", _NONE, _MINUTE),
    "assertion_life": _more("How long an assertion of the JWT grant may be good.", _MINUTE, _DAY),
    "clock_skew": _more("How far the clock of a client may be off.", _NONE, timedelta(minutes=10)),
    "implicit_in_production": _choice("Whether production takes the implicit grant.", "refused", "waiver", "allowed"),
    "longest_waiver": _more("How far ahead a waiver may end.", _DAY, timedelta(days=1_100)),

    # ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────
    "session_life": _more("How long a console session lasts.", _MINUTE, timedelta(days=30)),
    "personal_token_life": _more("How long a personal access token may be good.", _DAY, timedelta(days=90)),
    "idempotency_life": _free("How long an Idempotency-Key is remembered.", _MINUTE, timedelta(days=30)),
    "sign_in_failures": _more("Failed attempts to sign in that are allowed within the window.", 1, 1_000),
    "sign_in_failures_per_network": _more("Likewise, from one network.", 1, 100_000),
    "sign_in_failures_per_user": _more("Likewise, for one user from everywhere.", 1, 100_000),
    "sign_in_window": _less("How long a failed attempt to sign in counts.", _MINUTE, _DAY),
    "known_source_life": _more("How long an address that a user signed in from is known as theirs.", _HOUR, _YEAR),
    "second_factor": _choice("Who must have a second factor.", "admins", "optional"),
    "second_step_life": _more("How long the second step of a sign-in stays open.", _SECOND, _HOUR),
    "second_step_tries": _more("Attempts at the second step.", 1, 100),
    "ceremony_life": _more("How long a passkey's question may be answered.", _SECOND, _HOUR),
    "recovery_codes": _free("Recovery codes that a user gets.", 1, 100),
    "passkeys_per_user": _free("Passkeys of a user.", 1, 1_000),
    "fresh_sign_in": _more("How fresh a sign-in must be for what is dangerous.", _SECOND, _DAY),
    "seen_every": _free("How often a session's last use is noted.", _NONE, _DAY),
    "password_link_life": _more("How long a link to choose a new password is good.", _MINUTE, _DAY),
    "address_link_life": _more("How long a link to confirm a new address is good.", _MINUTE, timedelta(days=7)),
    "links_per_hour": _more(
        "Links of one kind that are sent to one address within an hour, and how often one account is asked to join or "
        "leave an organization, and one key is offered and called off.",
        1, 100,
    ),
    "invitation_life": _more("How long an invitation to an account is good.", _HOUR, timedelta(days=30)),
    "invitations_per_account": _free("Invitations of an account that nobody has accepted yet.", 1, 10_000),
    "strangers_written_per_hour": _more(
        "Mails that one account has sent to people outside it within an hour: invitations, recovery contacts and "
        "offered keys.",
        1, 100_000,
    ),
    "sign_up": _choice(
        "How somebody comes to a first demo account: by an invitation, or by a link to an address of their own.",
        "invitation", "open",
    ),
    "sign_up_plan": Number("The plan of an account that somebody opens by themselves."),
    "sign_ups_per_hour": _more("Links to open accounts that are sent to all addresses within an hour.", 1, 100_000),
    "scim_requests_per_hour": _free("Requests of one SCIM token to one worker within an hour.", 60, 10_000_000),
    "developers": _choice(
        "Whether a permission profile may let members see keys, apps or people without managing any.",
        "refused", "allowed",
    ),

    # ── Go-Live ─────────────────────────────────────────────────────────────────────────────────────────────────────
    "calls_needed": _less("Calls in a row that a review needs.", 1, 1_000),
    "call_window": _more("How far apart these calls may lie, and how old the newest may be.", _MINUTE, _YEAR),
    "polling_gap": _less("Reading the same resource again sooner is polling.", _NONE, _DAY),
    "review_life": _more("How long a passed review is good.", _DAY, timedelta(days=3_650)),
    "review_delay": _free("How long a review takes at least.", _NONE, _DAY),
    "types_for_a_person": Number(
        "The integration types that a person looks at after the automated review; it is the app review of partners.",
        is_looser=lambda before, after: not set(before) <= set(after), looser="a type goes",
    ),
    "upstream_errors_count": Number(
        "Whether answers of 500 and above from the API count, as failures.",
        is_looser=lambda before, after: before and not after, looser="towards false",
    ),
    "calls_kept": _free(
        "How long a recorded call is known one by one; what a verdict rests on stays.", timedelta(days=7),
        timedelta(days=3_650),
    ),
    "usage_kept": _free("How long calls are known as sums by the hour.", timedelta(days=7), timedelta(days=3_650)),
    "readiness_on_answers": Number("Whether answers in demo say where a key stands, as `X-GoLive-Ready`."),

    # ── promotion ───────────────────────────────────────────────────────────────────────────────────────────────────
    "plans": Number("The plans of accounts, the least first.", looser="a plan that may hold live keys comes in"),
    "least_plan": Number("The least plan that may hold live keys.", looser="a lesser plan"),
    "handle_life": _more("How long the handle of a promotion is good.", _MINUTE, _DAY),
    "ticket_life": _more("How long its ticket is good.", _MINUTE, _DAY),
    "remind_unpromoted_after": _free("When admins are reminded of a key that passed and is not live.", _HOUR, _YEAR),
    "remind_unconfigured_after": _free("When admins are reminded of a live key that is not set up.", _HOUR, _YEAR),

    # ── transfers ───────────────────────────────────────────────────────────────────────────────────────────────────
    "transfer_life": _more("How long a transfer may be accepted and confirmed.", _HOUR, timedelta(days=90)),
    "stand_in_wait": _less("How long a stand-in waits before the key moves.", _HOUR, timedelta(days=30)),
    "moved_credentials_life": _more(
        "How long credentials that are older than a move stay good after it.", _NONE, _YEAR
    ),
    "former_admin_life": _more(
        "How long whoever was admin of an account when it closed may start transfers of its keys.", _NONE, _YEAR
    ),

    # ── replacements ────────────────────────────────────────────────────────────────────────────────────────────────
    "quiet_before_retiring": _less("Days without a call after which retiring an old key is safe.", _DAY, _YEAR),
    "quiet_before_operator_retires": _less("Likewise, after which an operator may retire it.", _DAY, _YEAR),
    "retired_key_life": _less("How long a retired key can be brought back.", _HOUR, timedelta(days=90)),
    "recovery_contacts_per_account": _free("Recovery contacts of an account.", 0, 100),
    "recovery_link_life": _more(
        "How long a recovery contact may confirm, and ask for help when the last admin is gone.", _HOUR, _YEAR
    ),

    # ── custody ─────────────────────────────────────────────────────────────────────────────────────────────────────
    "least_admins": _less("Admins that an account with keys should have at least.", 1, 100),
    "most_admins": _free("Admins that an account with keys needs at most.", 1, 10_000),
    "admin_unseen_after": _more("An admin who did not sign in for so long is a finding.", _DAY, timedelta(days=365)),
    "admin_lost_after": _more("After so long it is a grave one.", _DAY, timedelta(days=365)),
    "key_unused_after": _free("A key without a call for so long is a finding.", _DAY, _YEAR),
    "service_admin_drill_every": _more("How often a service admin is tried in a drill.", _DAY, _YEAR),
    "credential_ends_soon": _less("A secret key or keypair that ends so soon is a finding.", _DAY, _YEAR),
    "review_ends_soon": _free("A passed review that expires so soon is a finding.", _DAY, _YEAR),
    "longest_acceptance": _more("How far ahead the acceptance of a finding may end.", _DAY, _YEAR),
    "custody_judged_every": _more(
        "How often everything is judged, whether or not anything happened.", _HOUR, timedelta(days=7)
    ),

    # ── claimed domains ─────────────────────────────────────────────────────────────────────────────────────────────
    "domains_per_organization": _free("Domains that an organization may claim.", 1, 10_000),
    "domain_checked_every": _more("How often DNS is asked for the proof of a domain.", _MINUTE, timedelta(days=7)),
    "domain_new_for": _free("How long a claim that waits for its proof is new.", _NONE, timedelta(days=30)),
    "new_domain_checked_every": _free("How often DNS is asked while a claim is new.", _MINUTE, timedelta(days=7)),
    "domain_silence_borne": _more(
        "How long a domain stays active while DNS gives no answer at all.", _NONE, timedelta(days=30)
    ),
    "silent_domain_checked_every": _free("How often DNS is asked again that gave no answer.", _MINUTE, _DAY),
    "domain_proof_fresh": _more(
        "How lately DNS must have shown a domain's proof when somebody acts on it.", _SECOND, _HOUR
    ),
    "recovery_recipients_per_account": _free("Recovery recipients to whom an account seals.", 1, 20),
    "release_approval_life": _more("How long a second admin may approve that a sealed credential is given out.",
                                   _HOUR, timedelta(days=7)),
    "release_download_life": _more("How long it may then be downloaded, once.", _MINUTE, _DAY),
    "drill_overdue_gravely": _more("A drill that is overdue for so long is a grave finding.", _DAY, _YEAR),

    # ── notices ─────────────────────────────────────────────────────────────────────────────────────────────────────
    "notices_kept": _free("How long a notice stays in an inbox.", timedelta(days=30), timedelta(days=3_650)),

    # ── webhooks ────────────────────────────────────────────────────────────────────────────────────────────────────
    "webhooks_per_owner": _free("Webhooks of an account, and of an organization.", 1, 100),
    "webhook_patience": _free("How long the receiver of a webhook has to answer.", _SECOND, timedelta(seconds=20)),
    "webhook_tries": _free("How often a delivery is tried before it is given up.", 1, 20),
    "webhook_off_after": _free("A webhook that took nothing for so long is switched off.", _HOUR, timedelta(days=30)),
    "webhook_secret_overlap": _more(
        "How long the signing secret before signs too after a rotation.", _NONE, timedelta(days=30)
    ),
    "webhook_deliveries_kept": _free("How long a delivery that ended stays in the log of a webhook.", _DAY, _YEAR),
    "webhook_repeats_per_hour": _free(
        "Tests, and messages that somebody lets be sent again, of one webhook within an hour.", 1, 10_000
    ),

    # ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────────
    "hourly_calls": _free("Calls of an account in a clock hour.", 1, 1_000_000_000),
    "burst_calls_demo": _free("Calls of an account in a burst window, in demo.", 1, 1_000_000_000),
    "burst_calls_production": _free("Likewise, in production.", 1, 1_000_000_000),
    "burst_window": _free("How long a burst window is.", _SECOND, _HOUR),
    "limit_status": Number("The status of an answer to a call that a limit refused."),
    "candidate_hourly_calls": _free(
        "Calls in a clock hour that are tried as a limit: counted, never refused; 0 for none.", 0, 1_000_000_000
    ),
    "candidate_burst_calls": _free("Likewise, in a burst window.", 0, 1_000_000_000),
    "body_bytes": _free("Bytes of a call's body.", 1_024, 1_073_741_824),

    # ── request logs ────────────────────────────────────────────────────────────────────────────────────────────────
    "request_log_entries": _free("Entries of a user's request log; then logging turns itself off.", 1, 1_000),
    "request_log_body_bytes": _free("Bytes of a body that a request log shows; a longer one is summed up.", 0, 2**25),
    "request_log_life": _free("How long an entry of a request log is kept.", _HOUR, _YEAR),

    # ── routes ──────────────────────────────────────────────────────────────────────────────────────────────────────
    "routes": Number(
        "Which API answers which paths, and how calls of them are judged; the first that takes a path applies.",
        is_looser=is_looser,
        looser="a path of a route needs fewer scopes or names no account, is not polled any more, or begins to count",
    ),

    # ── legacy authentication ───────────────────────────────────────────────────────────────────────────────────────
    "legacy_phases": Number(
        "The phases of its retirement, in order; each but the first with the date from which it applies.",
        is_looser=lambda before, after: is_weaker(after, before), looser="an earlier phase at any time",
    ),
    "legacy_brown_outs": Number(
        "When legacy calls are refused for a while during brown-out: weekdays, hours (UTC) and length.",
        is_looser=lambda before, after: not set(before) <= set(after), looser="a brown-out goes",
    ),

    # ── the policy itself ───────────────────────────────────────────────────────────────────────────────────────────
    "policy_proposal_life": _more(
        "How long a change that loosens what guards keys waits for a second operator.", _HOUR, timedelta(days=30)
    ),
}
# fmt: on
