"""How is each deed played that asks for long work, does it, or takes along what came of it?"""

from keysteward.actions import leases, working, works
from keysteward.actions.doing import Doing
from keysteward.rules.audit_log import Question, Scope
from keysteward.rules.custody.what_if import Change
from keysteward.rules.works import Work
from keysteward.store import works as kept
from tests.approving import OLIVE, employ
from tests.cast import ACME, ADA, BO, CY, ORGANIZATION, SAM
from tests.plays.stage import Play, Scene, Stage, Told

OF_ACME = Question(Scope(ACME.demo))


def ask_for_events(on: Stage) -> Scene:
    """Ada wants all events of her account as a file."""
    asking = works.ask_audit_export
    return Scene(on.demo, lambda: asking(on.demo, on.ada, OF_ACME), Told("WorkAsked", ADA.email, "", ACME.demo))


def ask_for_proof(on: Stage) -> Scene:
    """An operator wants the whole history verified."""
    employ(on.town)
    actor = on.town.actor(OLIVE)
    return Scene(on.demo, lambda: works.ask_verification(on.demo, actor), Told("WorkAsked", OLIVE.email, "", ""))


def ask_for_custody(on: Stage) -> Scene:
    """Cy wants everything in the organization judged anew."""
    actor = on.town.actor(CY)
    asking = works.ask_custody_audit
    return Scene(on.demo, lambda: asking(on.demo, actor, ORGANIZATION["demo"]), Told("WorkAsked", CY.email, "", ""))


def ask_what_if(on: Stage) -> Scene:
    """Ada asks what if Bo leaves, as long work."""
    changes = [Change("leaves", BO.email)]
    told = Told("WorkAsked", ADA.email, "", ACME.demo)
    return Scene(on.demo, lambda: works.ask_what_if(on.demo, on.ada, ACME.demo, changes), told)


def ask_what_if_everywhere(on: Stage) -> Scene:
    """Cy asks it of the whole organization."""
    actor, changes = on.town.actor(CY), [Change("leaves", BO.email)]
    asking = works.ask_what_if_of_organization
    told = Told("WorkAsked", CY.email, "", "")
    return Scene(on.demo, lambda: asking(on.demo, actor, ORGANIZATION["demo"], changes), told)


def ask_for_oneself(on: Stage) -> Scene:
    """Sam wants all that is held on him; that is an export, whenever the file is ready."""
    actor = on.town.actor(SAM)
    return Scene(on.demo, lambda: works.ask_own_export(on.demo, actor), Told("PersonExported", SAM.email, "", ""))


def ask_for_another(on: Stage) -> Scene:
    """An operator wants it."""
    employ(on.town)
    actor, told = on.town.actor(OLIVE), Told("PersonExported", OLIVE.email, "", "")
    return Scene(on.demo, lambda: works.ask_export(on.demo, actor, SAM.demo), told)


def cancel(on: Stage) -> Scene:
    """Ada does not want it any more."""
    work = works.ask_audit_export(on.demo, on.ada, OF_ACME).work
    told = Told("WorkCancelled", ADA.email, "", ACME.demo)
    return Scene(on.demo, lambda: works.cancel(on.demo, on.ada, work.id), told)


def take_events(on: Stage) -> Scene:
    """Ada takes the events along."""
    work = works.ask_audit_export(on.demo, on.ada, OF_ACME).work
    _done(on)
    told = Told("AuditExported", ADA.email, "", ACME.demo)
    return Scene(on.demo, lambda: works.take(on.demo, on.ada, work.id), told)


def do(on: Stage) -> Scene:
    """The job does what was asked."""
    works.ask_audit_export(on.demo, on.ada, OF_ACME)
    return Scene(on.demo, lambda: _done(on), None)


def tell(on: Stage) -> Scene:
    """It says that it is through."""
    doing = _doing(on)
    return Scene(on.demo, lambda: doing.tell(2, 2), None)


def keep(on: Stage) -> Scene:
    """It keeps a piece of a file."""
    doing = _doing(on)
    return Scene(on.demo, lambda: doing.keep([b"number,at\r\n"]), None)


def end(on: Stage) -> Scene:
    """It comes to its end."""
    doing = _doing(on)
    return Scene(on.demo, lambda: doing.end("done", ["One event."]), None)


def put_back(on: Stage) -> Scene:
    """It failed, and is begun again later."""
    doing = _doing(on)
    return Scene(on.demo, doing.put_back, None)


def _done(on: Stage) -> None:
    working.do_next(on.demo, leases.keep(on.demo, "a job", ["work"])["work"])


def _doing(on: Stage) -> Doing:
    works.ask_audit_export(on.demo, on.ada, OF_ACME)
    lease = leases.keep(on.demo, "a job", ["work"])["work"]
    with on.demo.database.writing() as tx:
        work = kept.claim_next(tx, lease.name, on.demo.now)
    assert isinstance(work, Work)
    return Doing(on.demo, lease, work)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("works.ask_audit_export", ask_for_events),
    ("works.ask_verification", ask_for_proof),
    ("works.ask_custody_audit", ask_for_custody),
    ("works.ask_what_if", ask_what_if),
    ("works.ask_what_if_of_organization", ask_what_if_everywhere),
    ("works.ask_own_export", ask_for_oneself),
    ("works.ask_export", ask_for_another),
    ("works.cancel", cancel),
    ("works.take", take_events),
)

SILENT: tuple[tuple[str, str, Play], ...] = (
    ("working.do_next", "whoever asked for it is on record, and whoever takes its file", do),
    ("doing.tell", "how far it is changes nothing for anybody", tell),
    ("doing._save", "a file is nobody's until it is taken along", keep),
    ("doing.end", "likewise", end),
    ("doing.put_back", "it is begun again", put_back),
)
