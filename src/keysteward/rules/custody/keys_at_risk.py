"""What of a key itself puts it at risk?"""

from collections.abc import Iterator
from datetime import timedelta

from keysteward.rules.custody.findings import Broken, Severity
from keysteward.rules.custody.inventory import AccountFacts, Credential, Inventory, KeyFacts, grouped
from keysteward.rules.policy import Policy
from keysteward.rules.words import listed, many

_AT_ONCE, _SOON = timedelta(days=7), timedelta(days=30)
_WITH_REDIRECTS = frozenset({"confidential_code", "public_code", "implicit"})
_NEEDS: dict[str, str] = {"confidential_code": "secret key", "jwt": "keypair"}


def account_is_closed(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """A closed management account with live keys: they work, and nobody can change them."""
    for account in inventory.management_accounts:
        live = tuple(key.key for key in inventory.keys_of(account.id) if key.live)
        if account.state == "closed" and live:
            counted = many(len(live), "live key", "live keys")
            sentence = f"{account.name} is closed and still manages {counted}: nobody can change their settings."
            yield Broken("critical", "account", account.id, sentence, account.id, account.organization, live)


def unused_key(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """A key that nobody calls with."""
    for key, account in _keys(inventory):
        last = max((each for each in (key.used_at, key.since) if each), default=None)
        if last is None or inventory.at - last <= policy.key_unused_after:
            continue
        days = (inventory.at - last).days
        since = f"not been used for {days} days" if key.used_at else f"never been used in {days} days"
        yield _about(key, account, "medium", f"{key.name} has {since}.")


def credential_ends(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """The last secret key or keypair of a kind ends soon, or has ended."""
    for key, account in _keys(inventory):
        for kind, credentials in grouped(key.credentials, lambda each: each.kind).items():
            last = _last_to_end(credentials)
            if last is None or last.expires_at is None or last.expires_at - inventory.at > policy.credential_ends_soon:
                continue
            left = last.expires_at - inventory.at
            yield _about(key, account, _by_nearness(left), _ending(key, kind, last, left))
            break


def live_but_unconfigured(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """A key that is live and cannot be used yet: nothing of its settings crosses from demo."""
    for key, account in _keys(inventory):
        missing = _missing(key) if key.live and account.environment == "production" else []
        if missing:
            yield _about(key, account, "medium", f"{key.name} is live and still lacks {listed(missing)}.")


def review_ends(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """A passed review that nobody used is about to expire."""
    for key, account in _keys(inventory):
        ends_at = key.review_ends_at
        if key.live or ends_at is None or not timedelta(0) < ends_at - inventory.at <= policy.review_ends_soon:
            continue
        sentence = f"The review of {key.name} expires on {ends_at:%-d %B %Y}, and the key is not live."
        yield _about(key, account, "medium", sentence)


def same_credential_twice(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """One secret key or keypair in both environments: whoever holds the demo one holds production."""
    environments: dict[str, set[str]] = {}
    for key, account in _keys(inventory):
        for credential in key.credentials:
            if credential.fingerprint:
                environments.setdefault(credential.fingerprint, set()).add(account.environment)
    for key, account in _keys(inventory):
        shared = [each for each in key.credentials if each.in_both or len(environments.get(each.fingerprint, ())) > 1]
        if shared:
            yield _about(
                key, account, "critical", f"A {shared[0].kind} of {key.name} is in use in demo and in production."
            )


def legacy_calls(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """Calls with the key and somebody's password."""
    for key, account in _keys(inventory):
        if key.legacy_calls:
            by = f" by {many(key.legacy_people, 'user', 'users')}" if key.legacy_people else ""
            sentence = f"{key.name} made {many(key.legacy_calls, 'call', 'calls')} with a password in 30 days{by}."
            yield _about(key, account, "high", sentence)


def _keys(inventory: Inventory) -> Iterator[tuple[KeyFacts, AccountFacts]]:
    for key in inventory.keys:
        if key.account in inventory.account_of:
            yield key, inventory.account_of[key.account]


def _about(key: KeyFacts, account: AccountFacts, severity: Severity, sentence: str) -> Broken:
    return Broken(severity, "key", key.key, sentence, account.id, account.organization, (key.key,))


def _last_to_end(credentials: tuple[Credential, ...]) -> Credential | None:
    """The one that is good longest; none where one never ends."""
    dated = [(each.expires_at, each) for each in credentials if each.expires_at is not None]
    return max(dated, key=lambda each: each[0])[1] if len(dated) == len(credentials) else None


def _by_nearness(left: timedelta) -> Severity:
    if left <= _AT_ONCE:
        return "high"
    return "medium" if left <= _SOON else "low"


def _ending(key: KeyFacts, kind: str, last: Credential, left: timedelta) -> str:
    on = f"{last.expires_at:%-d %B %Y}"
    if left <= timedelta(0):
        return f"The last {kind} of {key.name} ended on {on}: it gets no tokens with it."
    return f"The last {kind} of {key.name} ends on {on}, in {many(left.days, 'day', 'days')}."


def _missing(key: KeyFacts) -> list[str]:
    if not key.grants:
        return ["grants"]
    kinds = {credential.kind for credential in key.credentials}
    missing = [f"a {kind}" for grant, kind in _NEEDS.items() if grant in key.grants and kind not in kinds]
    if key.grants & _WITH_REDIRECTS and not key.redirect_uris:
        missing.append("a redirect URI")
    return missing
