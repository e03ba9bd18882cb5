"""In which groups do people read the policy, and what is not for everybody who signed in?"""

from typing import NamedTuple

from keysteward.rules.numbers import NUMBERS


class Group(NamedTuple):
    """Numbers that are read together."""

    id: str
    title: str
    says: str
    names: tuple[str, ...]


_BEGINS: dict[str, tuple[str, str, str]] = {
    "keys_per_account": ("keys", "Keys", "How many there may be, and what an app may have."),
    "code_life": ("tokens", "Tokens", "How long codes and tokens are good, and which grants production takes."),
    "session_life": ("people", "People", "How people sign in, stay signed in and are invited."),
    "calls_needed": ("go-live", "Go-Live", "What a review asks, and for how long it counts."),
    "plans": ("promotion", "Promotion", "Which accounts may hold live keys, and how a key gets there."),
    "transfer_life": ("transfers", "Transfers", "How a key moves from one account to another."),
    "quiet_before_retiring": ("replacements", "Replacements", "When an old key may go, and who may ask for help."),
    "least_admins": ("custody", "Custody", "What counts as a risk to keys."),
    "domains_per_organization": ("domains", "Claimed domains", "How often DNS is asked for their proofs."),
    "recovery_recipients_per_account": (
        "sealed", "Sealed credentials and drills", "How what is sealed is given out again, and how that is tried.",
    ),
    "notices_kept": ("notices", "Notices", "How long they stay."),
    "webhooks_per_owner": ("webhooks", "Webhooks", "How receivers are told, and when that is given up."),
    "hourly_calls": ("limits", "Limits", "How much an account may call."),
    "request_log_entries": ("request-logs", "Request logs", "How much of a user's requests is logged."),
    "routes": ("routes", "Routes", "Which API answers which paths."),
    "legacy_phases": ("legacy", "Legacy authentication", "How it is retired."),
    "policy_proposal_life": ("policy", "The policy itself", "How it is changed."),
}  # fmt: skip
"""The first number of each group, in the order of `NUMBERS`."""

FOR_OPERATORS: frozenset[str] = frozenset({
    "routes", "sign_in_failures", "sign_in_failures_per_network", "sign_in_failures_per_user", "sign_in_window",
    "known_source_life", "second_step_tries", "links_per_hour", "strangers_written_per_hour",
})  # fmt: skip
"""What others do not read: where the APIs are inside, and how often somebody may guess before they are stopped."""

_WORDS = {"uris": "URIs", "jwt": "JWT", "scim": "SCIM"}


def label_of(name: str) -> str:
    """A number's name as people read it."""
    words = " ".join(_WORDS.get(word, word) for word in name.split("_"))
    return words[:1].upper() + words[1:]


def groups() -> tuple[Group, ...]:
    """Every number, in its group."""
    found: list[Group] = []
    for name in NUMBERS:
        if name in _BEGINS:
            found.append(Group(*_BEGINS[name], ()))
        found[-1] = found[-1]._replace(names=(*found[-1].names, name))
    return tuple(found)


GROUPS = groups()
