"""What is forgotten once nobody can use it any more?"""

from datetime import timedelta

from keysteward.actions.context import Context
from keysteward.actions.leases import machine_now
from keysteward.rules.troubleshooting.attempted import KEPT_FOR
from keysteward.rules.works import KEPT as WORKS_KEPT
from keysteward.store import (
    attempted,
    custody,
    factors,
    idempotency,
    kept_forms,
    legacy,
    limits,
    mails,
    notices,
    people,
    recovery,
    recovery_contacts,
    request_logs,
    sign_ups,
    signin,
    tokens,
    usage,
    webhook_deliveries,
    works,
)

_KEPT_AFTERWARDS = timedelta(days=1)
_MAILS_KEPT = timedelta(days=7)
_LEGACY_CALLS_KEPT = timedelta(days=400)
_TRIALS_KEPT = timedelta(days=30)
_FIXED_FINDINGS_KEPT = timedelta(days=730)


def forget_what_expired(ctx: Context) -> None:
    """Forget sessions, codes, refresh tokens and the like a day after they expired, and kept answers in time.

    The day lets a code or refresh token that comes back still be known for what it was.
    """
    now = ctx.now
    with ctx.database.writing() as tx:
        tokens.forget_expired(tx, now - _KEPT_AFTERWARDS, machine_now(ctx) - _KEPT_AFTERWARDS)
        signin.forget_expired(tx, now - _KEPT_AFTERWARDS)
        signin.forget_known_sources(tx, now - ctx.policy.known_source_life)
        factors.forget_ceremonies(tx, now)
        kept_forms.forget_expired(tx, now)
        recovery.forget_expired_links(tx, now)
        people.forget_expired_invitations(tx, now - _KEPT_AFTERWARDS)
        sign_ups.forget_expired(tx, now)
        recovery_contacts.forget_unconfirmed(tx, now - _KEPT_AFTERWARDS)
        mails.forget_mails(tx, now - _MAILS_KEPT)
        notices.forget(tx, now - ctx.policy.notices_kept)
        idempotency.forget_claims(tx, now - ctx.policy.idempotency_life)
        legacy.forget_days(tx, (now - _LEGACY_CALLS_KEPT).date().isoformat())
        request_logs.forget_entries(tx, now - ctx.policy.request_log_life)
        usage.forget(tx, now - ctx.policy.token_uses_kept)
        limits.forget_trials(tx, now - _TRIALS_KEPT)
        custody.forget_fixed(tx, now - _FIXED_FINDINGS_KEPT)
        attempted.forget(tx, now - KEPT_FOR)
        webhook_deliveries.forget(tx, now - ctx.policy.webhook_deliveries_kept)
        works.forget(tx, now - WORKS_KEPT)
