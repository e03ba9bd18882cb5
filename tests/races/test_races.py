"""Does every deed keep its promise when a hundred do it at once, on both databases?"""

import ast
import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import keysteward.actions
from keysteward.actions import (
    account_links,
    account_states,
    accounts,
    acting_apps,
    addresses,
    advice,
    approvals,
    audit,
    audit_export,
    audit_log,
    authorize,
    calls,
    checkpoint_copies,
    clients,
    consents,
    credentials,
    custody,
    decisions,
    doing,
    domains,
    drills,
    evidence,
    expiry_notices,
    factors,
    first_run,
    gateways,
    golive,
    housekeeping,
    idempotency,
    identity_providers,
    inbox,
    invitations,
    kept_forms,
    keys,
    leaks,
    leases,
    leavers,
    legacy,
    limits,
    linking,
    mailing,
    moving,
    operators,
    organization_consents,
    organization_custody,
    organizations,
    packs,
    passkeys,
    personal_data,
    policy,
    policy_changes,
    profiles,
    promotion,
    receipts,
    recovery,
    recovery_contacts,
    releases,
    reminders,
    replacements,
    request_logs,
    retirements,
    retiring,
    review_notices,
    revocation,
    scim_tokens,
    scim_users,
    sealed_credentials,
    sessions,
    setup,
    sign_ups,
    signin,
    signing_keys,
    smoke,
    stand_ins,
    tokens,
    transfers,
    webhook_deliveries,
    webhooks,
    working,
    works,
)
from keysteward.actions import people as members
from tests.cast import Town
from tests.conftest import Founded
from tests.peers.databases import DIALECTS, Copies, Dialect, Files, Stock
from tests.races import approvals as races_of_approvals
from tests.races import apps, grants, house, moves, people
from tests.races import audit_log as races_of_the_audit_log
from tests.races import checked as races_of_checked_calls
from tests.races import clients as races_of_clients
from tests.races import consents as races_of_consents
from tests.races import custody as races_of_custody
from tests.races import evidence as races_of_evidence
from tests.races import factors as races_of_factors
from tests.races import golive as races_of_golive
from tests.races import leavers as races_of_leavers
from tests.races import legacy as races_of_legacy
from tests.races import limits as races_of_limits
from tests.races import notices as races_of_notices
from tests.races import organizations as races_of_organizations
from tests.races import packs as races_of_packs
from tests.races import policy as races_of_policy
from tests.races import recovery as races_of_recovery
from tests.races import replacements as races_of_replacements
from tests.races import request_logs as races_of_request_logs
from tests.races import scim as races_of_scim
from tests.races import sealed as races_of_sealed
from tests.races import transfers as races_of_transfers
from tests.races import webhooks as races_of_webhooks
from tests.races import works as races_of_works
from tests.races.course import RACES, Came, Ground, Race, demand_legal
from tests.racing import at_once

TABLES = (
    apps,
    grants,
    house,
    moves,
    people,
    races_of_approvals,
    races_of_the_audit_log,
    races_of_checked_calls,
    races_of_clients,
    races_of_consents,
    races_of_custody,
    races_of_evidence,
    races_of_factors,
    races_of_golive,
    races_of_leavers,
    races_of_legacy,
    races_of_limits,
    races_of_notices,
    races_of_organizations,
    races_of_packs,
    races_of_policy,
    races_of_recovery,
    races_of_replacements,
    races_of_request_logs,
    races_of_scim,
    races_of_sealed,
    races_of_transfers,
    races_of_webhooks,
    races_of_works,
)
MODULES: tuple[ModuleType, ...] = (
    drills, releases, sealed_credentials,
    account_links, account_states, domains, expiry_notices, inbox, invitations, leavers, members, profiles,
    audit_export, audit_log, checkpoint_copies, personal_data,
    accounts, acting_apps, addresses, advice, approvals, audit, authorize, calls, clients, consents, credentials,
    custody, decisions, evidence, factors, gateways, golive, housekeeping, idempotency, identity_providers, keys,
    leaks, leases, legacy, limits, linking, mailing, moving, operators, organization_consents, organizations, packs,
    passkeys, policy, policy_changes, first_run,
    kept_forms, promotion,
    receipts, recovery, recovery_contacts, reminders, replacements, request_logs, retirements, retiring,
    review_notices, revocation, sessions, setup, sign_ups, signin, signing_keys,
    scim_tokens, scim_users,
    organization_custody, smoke, stand_ins, tokens, transfers, webhook_deliveries, webhooks,
    doing, working, works,
)  # fmt: skip
WRITES_BESIDE = {
    "calls.record", "calls.complete", "decisions.allow", "decisions.refuse", "tokens.grant_assertion",
    "revocation.introspect",
}  # fmt: skip
NOT_RACED: dict[str, str] = {}
EVERY_DAY = {
    grants.a_code_is_redeemed_once, grants.a_refresh_token_is_used_once, grants.a_stolen_refresh_token_kills_once,
    grants.an_assertion_with_an_id_is_used_once,
    races_of_golive.one_review_starts, races_of_golive.one_key_is_made, races_of_golive.a_handle_is_exchanged_once,
    races_of_golive.a_ticket_is_fetched_once, races_of_golive.a_receipt_arrives_once,
}  # fmt: skip  # what is used once is raced at every run; the others at length


@pytest.fixture
def ground(request: pytest.FixtureRequest, founded: Founded, dialect: Dialect, tmp_path: Path) -> Iterator[Ground]:
    """The town that a race is run in."""
    story: Race = request.getfixturevalue("race")
    if not story.in_an_empty_town:
        town = founded.copy(tmp_path / "town")
        yield Ground(town, founded.made)
        town.close()
        return
    homes = Files(tmp_path) if dialect == "sqlite" else Copies(request.getfixturevalue("stock"))
    town = Town(tmp_path, homes=homes)
    yield Ground(town, founded.made)
    town.close()
    _give_back(homes)


def _give_back(homes: Files | Copies) -> None:
    if isinstance(homes, Copies):
        stock: Stock = homes.stock
        for name in homes.names.values():
            stock.give_back(name)


each_race = pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)
once_each = pytest.mark.parametrize(
    ("race", "dialect"),
    [
        pytest.param(
            race,
            dialect,
            id=f"{race.name}-{dialect}",
            marks=() if dialect == "postgresql" and race.story in EVERY_DAY else pytest.mark.long,
        )
        for race in RACES
        for dialect in DIALECTS
    ],
    indirect=["dialect"],
)


@once_each
def test_a_hundred_at_once(ground: Ground, race: Race) -> None:
    """Whoever races, nobody meets anything but a refusal, what the story promises is true, and nothing is broken."""
    run(ground, race)


@pytest.mark.long
@pytest.mark.parametrize(
    ("dialect", "switch_seconds"), [("sqlite", 1e-6), ("postgresql", 1e-2), ("postgresql", 1e-6)], indirect=["dialect"]
)
@each_race
def test_a_hundred_again_and_again(ground: Ground, race: Race, switch_seconds: float) -> None:
    """However often they race, and in whatever order they come: the threads change places at every other moment."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(switch_seconds)
    try:
        run(ground, race)
    finally:
        sys.setswitchinterval(before)


def run(ground: Ground, race: Race) -> None:
    """Let the hundred run, and judge."""
    story = race.story(ground)
    deed = next(story)
    answers, refusals = at_once(deed, race.times)

    with suppress(StopIteration):
        story.send(Came(answers, Counter(refusals)))
    demand_legal(ground.demo.database)
    demand_legal(ground.production.database)


# ── is every deed in the list? ──────────────────────────────────────────────────────────────────────────────────────
def _calls(function: ast.FunctionDef) -> set[str]:
    """The names that a function calls, bare or as the last part of a path."""
    called = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return {
        func.id if isinstance(func, ast.Name) else func.attr
        for func in called
        if isinstance(func, ast.Name | ast.Attribute)
    }


@cache
def _functions(module: ModuleType) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(inspect.getsource(module))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def writing_deeds() -> set[str]:
    """Every public function of `actions` that writes: itself, or through a function of its own module."""
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in MODULES
        for name in _functions(module)
        if not name.startswith("_") and _writes(_functions(module), name, frozenset())
    } | WRITES_BESIDE


def _writes(functions: dict[str, ast.FunctionDef], name: str, seen: frozenset[str]) -> bool:
    if name not in functions or name in seen:
        return False
    called = _calls(functions[name])
    return "writing" in called or any(_writes(functions, each, seen | {name}) for each in called)


def _name(deed: Callable[..., object]) -> str:
    return f"{deed.__module__.rpartition('.')[2]}.{deed.__name__}"


def test_every_deed_that_writes_is_raced() -> None:
    """A deed that writes stands in a race, or in the list of those that need none, with the reason."""
    raced = {_name(deed) for race in RACES for deed in race.deeds}

    assert writing_deeds() - raced == NOT_RACED.keys()
    assert raced - writing_deeds() == set()


def test_every_module_of_deeds_is_looked_at() -> None:
    """No module of `actions` that opens a writing transaction is overlooked."""
    folder = Path(keysteward.actions.__path__[0])
    writing = {file.stem for file in folder.glob("*.py") if ".writing()" in file.read_text()}

    assert writing <= {module.__name__.rpartition(".")[2] for module in MODULES}


def test_every_story_says_what_it_promises() -> None:
    """Each race of each table has a docstring, and a name of its own."""
    assert [race.name for race in RACES if not race.story.__doc__] == []
    assert Counter(race.name for race in RACES).most_common(1)[0][1] == 1
    assert {race.story.__module__ for race in RACES} == {table.__name__ for table in TABLES}
