"""What do the rules judge in these tests, where a test says nothing else?"""

from datetime import UTC, datetime
from typing import Any

from keysteward.rules.accounts import ADMIN, Account, Membership, Profile, Standing, User
from keysteward.rules.calls import Call
from keysteward.rules.keys import App

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
KEY = "1e90a5e0-0000-4000-8000-000000000001"
OTHER_KEY = "1e90a5e0-0000-4000-8000-000000000002"
ACCOUNT = "acc00001-de30-4000-8000-000000000000"
USER = "c0de0001-de30-4000-8000-000000000000"


def an_app(**settings: Any) -> App:  # noqa: ANN401 — as App has them
    """An app that works, registered for both code grants and JWT."""
    said: dict[str, Any] = {
        "key": KEY, "account": ACCOUNT, "name": "Lease signer", "contact": "team@acme.example",
        "integration_type": "Private custom integration",
        "grants": frozenset({"confidential_code", "public_code", "jwt"}), "pkce_required": False, "privacy_url": "",
        "terms_url": "", "requester": "", "created_at": NOW, "created_by": "ada@acme.example",
    }  # fmt: skip
    return App(**(said | settings))


def a_user(**settings: Any) -> User:  # noqa: ANN401 — as User has them
    """An active user."""
    said: dict[str, Any] = {
        "id": USER, "email": "ada@acme.example", "first_name": "Ada", "last_name": "Admin", "state": "active",
        "created_at": NOW,
    }  # fmt: skip
    return User(**(said | settings))


def a_standing(profile: Profile = ADMIN, **states: Any) -> Standing:  # noqa: ANN401 — of account, user, membership
    """An admin of an open account that may hold live keys."""
    account = Account(
        ACCOUNT, 10_000_001, "Acme", states.get("plan", "Business Pro"), states.get("account", "open"), NOW
    )
    membership = Membership(ACCOUNT, USER, profile, states.get("membership", "active"), NOW)
    user = a_user(state=states.get("user", "active"), service=states.get("service", False))
    return Standing(account, user, membership)


def a_call(**facts: Any) -> Call:  # noqa: ANN401 — as Call has them
    """A good call that counts and does not poll."""
    said: dict[str, Any] = {
        "key": KEY, "user": USER, "account": ACCOUNT, "at": NOW, "method": "POST", "url": "/envelopes",
        "url_digest": "0" * 64, "route": "account-resource", "operation": "POST /envelopes", "status": 201,
        "error_code": "", "countable": True, "polled": False, "why_not": "", "sdk": "", "trace": "", "sequence": 1,
    }  # fmt: skip
    return Call(**(said | facts))
