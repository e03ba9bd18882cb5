"""How is each deed played that reads the audit log, takes it along, or says what is held on somebody?"""

from dataclasses import replace
from datetime import UTC, datetime

from keysteward.actions import audit_export, audit_log, checkpoint_copies, personal_data
from keysteward.rules.audit_log import Question, Scope
from tests.cast import ACME, ADA, SAM
from tests.forging import seal_all
from tests.plays.stage import Play, Scene, Stage, Told

OF_ACME = Question(Scope(ACME.demo))


def read(on: Stage) -> Scene:
    """Ada asks what was done with her app."""
    question = OF_ACME._replace(key=on.made.key)
    told = Told("AuditRead", ADA.email, "", ACME.demo)
    return Scene(on.demo, lambda: audit_log.read(on.demo, on.ada, question, None, 50), told)


def turn_page(on: Stage) -> Scene:
    """She goes on reading."""
    read(on).deed()
    question = OF_ACME._replace(key=on.made.key)
    return Scene(on.demo, lambda: audit_log.read(on.demo, on.ada, question, 10_000, 50), None)


def download(on: Stage) -> Scene:
    """Ada takes events along."""
    told = Told("AuditExported", ADA.email, "", ACME.demo)
    return Scene(on.demo, lambda: audit_log.start_download(on.demo, on.ada, OF_ACME), told)


def export_person(on: Stage) -> Scene:
    """Sam takes along what is held on him."""
    told = Told("PersonExported", SAM.email, "", "")
    return Scene(on.demo, lambda: personal_data.start_own_export(on.demo, on.town.actor(SAM)), told)


def export_for_somebody(on: Stage) -> Scene:
    """Somebody on the host answers what is held on Sam."""
    told = Told("PersonExported", "operator Olive", "", "")
    return Scene(on.demo, lambda: personal_data.start_export(on.demo, "Olive", SAM.demo), told)


def take_along(on: Stage) -> Scene:
    """Somebody on the host takes the whole history along."""
    told = Told("AuditExported", "operator Olive", "", "")
    noting = audit_export.note_export
    return Scene(on.demo, lambda: noting(on.demo.database, "Olive", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)), told)


def copy(on: Stage) -> Scene:
    """A checkpoint is copied."""
    seal_all(on.demo)
    ctx = replace(on.demo, checkpoint_copy=on.folder / "checkpoints.txt")
    return Scene(ctx, lambda: checkpoint_copies.copy_checkpoints(ctx), None)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("audit_log._note_reading", read),
    ("audit_log.start_download", download),
    ("personal_data.start_own_export", export_person),
    ("personal_data.start_export", export_for_somebody),
    ("audit_export.note_export", take_along),
)

SILENT: tuple[tuple[str, str, Play], ...] = (
    ("audit_log._note_reading by turning a page", "who goes on reading does nothing new", turn_page),
    ("checkpoint_copies.copy_checkpoints", "a copy changes nothing that was copied", copy),
)
