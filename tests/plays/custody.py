"""How is each deed played that keeps findings about custody?"""

from datetime import timedelta

from keysteward.actions import audit, custody, leases, organization_custody
from keysteward.actions.organization_custody import Asked
from keysteward.rules.access import Actor
from keysteward.rules.custody.lives import Life
from keysteward.rules.events import Name
from keysteward.store.custody import Unit
from tests.cast import ACME, ADA, BO, CY, ORGANIZATION
from tests.plays.stage import Play, Scene, Stage, Told

ACCOUNT = Unit("account", ACME.demo)


def a_finding(on: Stage) -> Life:
    """Ada's app was never used in 91 days."""
    on.town.clock.advance(days=91)
    custody.judge(on.demo, ACCOUNT)
    lives = custody.view(on.demo, on.ada, ACME.demo).lives
    return next(life for life in lives if life.code == "unused-key")


def of_account(name: Name, actor: str = ADA.email) -> Told:
    """What is told of a deed on Acme's demo account."""
    return Told(name, actor, "", ACME.demo)


def judge(on: Stage) -> Scene:
    """The app was not used for long."""
    on.town.clock.advance(days=91)
    return Scene(on.demo, lambda: custody.judge(on.demo, ACCOUNT), of_account("CustodyChanged", "system"))


def judge_due(on: Stage) -> Scene:
    """Likewise, when everything is judged."""
    on.town.clock.advance(days=91)
    return Scene(on.demo, lambda: custody.judge_due(on.demo), of_account("CustodyChanged", "system"))


def accept(on: Stage) -> Scene:
    """Ada accepts a finding."""
    life, until = a_finding(on), on.demo.now + timedelta(days=9)
    deed = lambda: custody.accept(on.demo, on.ada, ACME.demo, life.id, until, "For the fair.")  # noqa: E731 — a scene takes one
    return Scene(on.demo, deed, of_account("FindingAccepted"))


def reopen(on: Stage) -> Scene:
    """She takes it back."""
    life, until = a_finding(on), on.demo.now + timedelta(days=9)
    custody.accept(on.demo, on.ada, ACME.demo, life.id, until, "For the fair.")
    return Scene(on.demo, lambda: custody.reopen(on.demo, on.ada, ACME.demo, life.id), of_account("FindingReopened"))


def assign(on: Stage) -> Scene:
    """Bo sees to it."""
    life = a_finding(on)
    return Scene(
        on.demo, lambda: custody.assign(on.demo, on.ada, ACME.demo, life.id, BO.demo), of_account("FindingAssigned")
    )


def read_history(on: Stage) -> Scene:
    """The history is read to its end, and tells nothing of custody."""
    custody.judge_changed(on.demo)
    audit.seal_events(on.demo, leases.keep(on.demo, "play", ["seal"])["seal"], everything=True)
    return Scene(on.demo, lambda: custody.judge_changed(on.demo), None)


def judge_many(on: Stage) -> Scene:
    """An account and its organization, which lacks nothing in demo."""
    on.town.clock.advance(days=91)
    units = [ACCOUNT, Unit("organization", ORGANIZATION["demo"])]
    return Scene(on.demo, lambda: custody.judge_many(on.demo, units), of_account("CustodyChanged", "system"))


def judge_all(on: Stage) -> Scene:
    """Likewise, however lately it was judged."""
    on.town.clock.advance(days=91)
    return Scene(on.demo, lambda: list(custody.judge_all(on.demo)), of_account("CustodyChanged", "system"))


def judge_organization(on: Stage) -> Scene:
    """Only Cy can stand in for its accounts."""
    on.town.go_live(on.made)
    ctx, unit = on.town.production, Unit("organization", ORGANIZATION["production"])
    return Scene(ctx, lambda: custody.judge(ctx, unit), Told("CustodyChanged", "system", "", ""))


def a_finding_of_the_organization(on: Stage) -> Life:
    """Only Cy can stand in for its accounts."""
    on.town.go_live(on.made)
    unit = Unit("organization", ORGANIZATION["production"])
    custody.judge(on.town.production, unit)
    return organization_custody.view(on.town.production, cy_of(on), unit.id, Asked()).lives[0]


def cy_of(on: Stage) -> Actor:
    """Cy in production."""
    return on.town.actor(CY, on.town.production)


def accept_for_organization(on: Stage) -> Scene:
    """Cy accepts it."""
    ctx, life, own = on.town.production, a_finding_of_the_organization(on), ORGANIZATION["production"]
    until = ctx.now + timedelta(days=9)
    deed = lambda: organization_custody.accept(ctx, cy_of(on), own, life.id, until, "For the fair.")  # noqa: E731 — a scene takes one
    return Scene(ctx, deed, Told("FindingAccepted", CY.email, "", ""))


def reopen_for_organization(on: Stage) -> Scene:
    """Cy takes it back."""
    ctx, life, own = on.town.production, a_finding_of_the_organization(on), ORGANIZATION["production"]
    until = ctx.now + timedelta(days=9)
    organization_custody.accept(ctx, cy_of(on), own, life.id, until, "For the fair.")
    deed = lambda: organization_custody.reopen(ctx, cy_of(on), own, life.id)  # noqa: E731 — a scene takes one
    return Scene(ctx, deed, Told("FindingReopened", CY.email, "", ""))


def assign_for_organization(on: Stage) -> Scene:
    """Cy sees to it."""
    ctx, life, own = on.town.production, a_finding_of_the_organization(on), ORGANIZATION["production"]
    deed = lambda: organization_custody.assign(ctx, cy_of(on), own, life.id, CY.production)  # noqa: E731 — a scene takes one
    return Scene(ctx, deed, Told("FindingAssigned", CY.email, "", ""))


DEEDS: tuple[tuple[str, Play], ...] = (
    ("custody._judge_accounts of many", judge_many),
    ("custody._judge_accounts of all", judge_all),
    ("custody._judge_accounts of one", judge),
    ("custody._judge_organization", judge_organization),
    ("organization_custody.accept", accept_for_organization),
    ("organization_custody.reopen", reopen_for_organization),
    ("organization_custody.assign", assign_for_organization),
    ("custody.judge_due", judge_due),
    ("custody.accept", accept),
    ("custody.reopen", reopen),
    ("custody.assign", assign),
)

SILENT: tuple[tuple[str, str, Play], ...] = (
    (
        "custody.judge_changed",
        "it notes how far it read; each judgement that it makes tells what changed",
        read_history,
    ),
)
