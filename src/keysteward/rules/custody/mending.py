"""Where is a finding mended? The pages that do it, for whoever reads the finding."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from keysteward.rules.custody.lives import Life
from keysteward.rules.words import Environment

SEVERAL_ACCOUNTS = "several-accounts"
MENDED_BY_MOVING = frozenset(
    {"account-closed", "no-admin", "nobody-signs-in", SEVERAL_ACCOUNTS, "customers-see-the-key"}
)
"""What is over for a key once another account manages it."""

_LOST = frozenset({"account-closed", "no-admin", "nobody-signs-in"})
_OWN_PAGE = "/custody"
_MOST = 3


class Door(NamedTuple):
    """A page that mends something: what its button says, and where it is."""

    label: str
    path: str


class Reader(NamedTuple):
    """Who reads: an admin of the account, or an admin of this organization; `names` are what keys are called."""

    environment: Environment
    names: Mapping[str, str]
    organization: str = ""


def doors(life: Life, reader: Reader) -> tuple[Door, ...]:
    """The pages where a finding is mended, of at most three of its keys; none where others have to."""
    return tuple(_doors(life, reader))


def mends_by_moving(life: Life) -> bool:
    """Whether a finding is over for a key once another account manages it."""
    return life.code in MENDED_BY_MOVING


def _doors(life: Life, reader: Reader) -> Iterator[Door]:
    if reader.environment == "production" and life.code in MENDED_BY_MOVING:
        yield from _moving(life, reader)
    rule = life.rule
    if rule is None or (reader.organization and life.account):
        return
    key = life.subject if life.kind == "key" else next(iter(life.keys), "")
    path = rule.button.path.format(account=life.account, key=key, organization=life.organization)
    if path != _OWN_PAGE:
        yield Door(rule.button.label, path)


def _moving(life: Life, reader: Reader) -> Iterator[Door]:
    for key in life.keys[:_MOST]:
        name = reader.names.get(key, key)
        if not reader.organization:
            yield Door(f"Transfer {name}", f"/apps/{key}/transfer")
        elif life.code in _LOST:
            yield Door(f"Stand in for {name}", f"/organizations/{reader.organization}/stand-in?key={key}")
    if not reader.organization and life.code in _LOST:
        for key in life.keys[:1]:
            yield Door(f"Replace {reader.names.get(key, key)}", f"/apps/{key}/replacement")
