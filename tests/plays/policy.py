"""How is each deed played by which operators change the policy in the console, and set an environment up?"""

from keysteward.actions import first_run, policy_changes
from keysteward.actions.policy_changes import Change
from tests.approving import OLIVE, employ
from tests.cast import SAM
from tests.plays.stage import Play, Scene, Stage, Told

_LOOSER = Change({"calls_needed": 5}, "Less proof.", 1)


def change(on: Stage) -> Scene:
    """An operator tightens a number."""
    employ(on.town)
    tighter = Change({"calls_needed": 30}, "More proof.", 1)
    told = Told("PolicyApplied", OLIVE.email, "", "")
    return Scene(on.demo, lambda: policy_changes.change(on.demo, on.town.actor(OLIVE), tighter), told)


def propose(on: Stage) -> Scene:
    """An operator wants to loosen one."""
    employ(on.town)
    told = Told("PolicyProposed", OLIVE.email, "", "")
    return Scene(on.demo, lambda: policy_changes.change(on.demo, on.town.actor(OLIVE), _LOOSER), told)


def approve(on: Stage) -> Scene:
    """A second operator approves."""
    proposal = _proposed(on)
    told = Told("PolicyApplied", OLIVE.email, "", "")
    return Scene(on.demo, lambda: policy_changes.approve(on.demo, on.town.actor(SAM), proposal), told)


def decline(on: Stage) -> Scene:
    """A second operator declines."""
    proposal = _proposed(on)
    told = Told("PolicyProposalEnded", SAM.email, "", "")
    return Scene(on.demo, lambda: policy_changes.end(on.demo, on.town.actor(SAM), proposal, "No."), told)


def finish(on: Stage) -> Scene:
    """A step of the first run is done."""
    employ(on.town)
    told = Told("SetupStepDone", OLIVE.email, "", "")
    return Scene(on.demo, lambda: first_run.finish(on.demo, on.town.actor(OLIVE), "addresses"), told)


def _proposed(on: Stage) -> str:
    employ(on.town)
    employ(on.town, SAM)
    proposal = policy_changes.change(on.demo, on.town.actor(OLIVE), _LOOSER).proposal
    assert proposal
    return proposal.id


DEEDS: tuple[tuple[str, Play], ...] = (
    ("policy_changes.change", change),
    ("policy_changes.change and propose", propose),
    ("policy_changes.approve", approve),
    ("policy_changes.end", decline),
    ("first_run.finish", finish),
)
