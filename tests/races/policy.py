"""Who races over the policy in the console, and over the steps of a first run?"""

from collections import Counter
from collections.abc import Generator
from dataclasses import replace

from keysteward.actions import first_run, operators, policy, policy_changes
from keysteward.actions.policy_changes import Change
from keysteward.outgoing.mail import MailServer
from keysteward.rules.first_run import STEPS
from keysteward.rules.refusals import NO_SUCH_OBJECT, Refusal
from tests.approving import OLIVE, employ
from tests.cast import SAM
from tests.peers.mailbox import mailbox
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]


@race(policy_changes.change)
def nobody_overwrites_the_policy(on: Ground) -> Story:
    """Of a hundred operators who saw the same version and change a number each, one does; the others are told."""
    employ(on.town)
    olive = on.town.actor(OLIVE)
    came = yield lambda number: policy_changes.change(
        on.demo, olive, Change({"keys_per_account": 1_000 + number}, "A race.", 1)
    )

    came.once("changed-meanwhile")
    assert [each.policy.version for each in policy.list_versions(on.demo)] == [2, 1]


@race(policy_changes.approve, policy_changes.end, operators.remove)
def a_proposal_ends_once(on: Ground) -> Story:
    """While it is approved, declined and withdrawn, and its author is removed, one ending stays, and applies or not."""
    employ(on.town)
    employ(on.town, SAM)
    olive, sam = on.town.actor(OLIVE), on.town.actor(SAM)
    proposal = policy_changes.change(on.demo, olive, Change({"calls_needed": 5}, "A race.", 1)).proposal
    assert proposal

    def remove(_: int) -> None:
        operators.remove(on.demo, OLIVE.email, "x")
        raise Refusal(NO_SUCH_OBJECT, thing="operator")  # so that one answer is left, the ending's

    came = yield taking_turns(
        lambda _: policy_changes.approve(on.demo, sam, proposal.id),
        lambda _: policy_changes.end(on.demo, sam, proposal.id, "No."),
        lambda _: policy_changes.end(on.demo, olive, proposal.id, ""),
        remove,
    )

    came.once("proposal-over", "proposer-gone", "not-an-operator", "no-such-object")
    ended = policy_changes.load_proposal(on.demo, sam, proposal.id).state
    applied = events_of(on.demo, "PolicyApplied")
    assert (applied, events_of(on.demo, "PolicyProposalEnded")) == ((1, 0) if ended == "approved" else (0, 1))
    assert len(policy.list_versions(on.demo)) == 1 + applied


@race(first_run.finish)
def a_step_is_done_once(on: Ground) -> Story:
    """Whoever finishes a step, and however often: it is told once, and stays as it was first."""
    employ(on.town)
    olive = on.town.actor(OLIVE)
    came = yield lambda number: first_run.finish(on.demo, olive, STEPS[number % len(STEPS)], f"By {number}.")

    assert (len(came.answers), came.refusals) == (100, Counter())
    assert events_of(on.demo, "SetupStepDone") == len(STEPS)


@race(first_run.send_test_mail, times=20)
def a_mail_that_arrived_is_noted_once(on: Ground) -> Story:
    """Whoever asks for a test mail at once gets one each, and the step is done once."""
    employ(on.town)
    olive = on.town.actor(OLIVE)
    with mailbox() as box:
        ctx = replace(on.demo, mail_server=MailServer("127.0.0.1", box.port, "none", "keys@acme.example"))
        came = yield lambda _: first_run.send_test_mail(ctx, olive)

    assert ({each.is_good for each in came.answers}, came.refusals) == ({True}, Counter())
    assert events_of(on.demo, "SetupStepDone") == 1
