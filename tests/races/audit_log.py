"""Who races over the audit log: its readers, its downloads, its copy, and what is held on a person?"""

from collections import Counter
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from keysteward.actions import audit, audit_export, audit_log, checkpoint_copies, personal_data
from keysteward.rules.audit_log import Question, Scope
from tests.cast import ACME, START
from tests.forging import complaints, seal_all, sealing_lease
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]

QUESTION = Question(Scope(ACME.demo))


@race(
    audit_log.read, audit_log.start_download, personal_data.start_export, personal_data.start_own_export,
    audit_export.note_export,
)  # fmt: skip
def reading_is_noted_once(on: Ground) -> Story:
    """A hundred who read and take along: one reading is noted, and every download; one's own data goes five times."""
    came = yield taking_turns(
        lambda _: audit_log.read(on.demo, on.ada, QUESTION, None, 10),
        lambda _: audit_log.start_download(on.demo, on.ada, QUESTION),
        lambda _: personal_data.start_own_export(on.demo, on.ada),
        lambda _: personal_data.start_export(on.demo, "Olive", on.ada.user),
        lambda _: audit_export.note_export(on.demo.database, "Olive", START),
    )

    assert (len(came.answers), came.refusals) == (85, Counter({"too-many-exports": 15}))
    found = [events_of(on.demo, name) for name in ("AuditRead", "AuditExported", "PersonExported")]
    assert found == [1, 40, 25]


@race(checkpoint_copies.copy_checkpoints, audit.seal_events, audit.sign_checkpoint, times=20)
def every_checkpoint_is_copied(on: Ground) -> Story:
    """Two who hold the job for a moment copy a checkpoint twice, and never leave one out."""
    with TemporaryDirectory() as folder:
        ctx = replace(on.demo, checkpoint_copy=Path(folder) / "checkpoints.txt")
        lease = sealing_lease(ctx)

        def grow(_: int) -> None:
            audit.seal_events(ctx, lease, everything=False)
            audit.sign_checkpoint(ctx, lease, at_once=True)

        seal_all(ctx)
        came = yield taking_turns(lambda _: checkpoint_copies.copy_checkpoints(ctx), grow)

        assert (len(came.answers), came.refusals) == (20, Counter())
        assert checkpoint_copies.copy_checkpoints(ctx)
        assert complaints(ctx) == []
