"""Which shapes do rules, packs and bundles have?"""

from typing import Any

from msgspec import Struct

from keysteward.rules.packs import Pack
from keysteward.web.api.shapes import Instant


class AskedRule(Struct):
    """A rule: its code as findings name it, what it asks and where that comes from."""

    code: str
    asks: str
    source: str


class BuiltInRules(Struct):
    """The rules that come along, in a version that never changes."""

    version: int
    rules: list[AskedRule]


class KnownPack(Struct):
    """A version of a rule pack. Those not in force are known because reviews name them."""

    name: str
    version: int
    in_force: bool
    installed_at: Instant
    rules: list[AskedRule]
    document: Pack


class Rules(Struct):
    """Everything that a review asks or ever asked."""

    policy_version: int
    built_in: BuiltInRules
    packs: list[KnownPack]


class Bundle(Struct):
    """A review with everything it rests on; the paper signs a digest of each part."""

    bundle: dict[str, Any]
    review: dict[str, Any]
    policy: dict[str, Any]
    rules: dict[str, Any]
    calls: list[dict[str, Any]]
    promotion: list[dict[str, Any]]
    paper: str
