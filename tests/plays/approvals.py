"""How is each deed around a person who looks at reviews played?"""

from keysteward.actions import approvals, operators, review_notices
from tests.approving import OLIVE, SAID, employ, let_wait
from tests.cast import SAM
from tests.plays.stage import Play, Scene, Stage, Told

_HOST = "the host"


def add_operator(on: Stage) -> Scene:
    """A user is named on the host."""
    deed = lambda: operators.add(on.demo, SAM.email, _HOST)  # noqa: E731 — as short as it gets
    return Scene(on.demo, deed, Told("OperatorAdded", _HOST, "", ""))


def remove_operator(on: Stage) -> Scene:
    """And is named no more."""
    employ(on.town)
    deed = lambda: operators.remove(on.demo, OLIVE.email, _HOST)  # noqa: E731
    return Scene(on.demo, deed, Told("OperatorRemoved", _HOST, "", ""))


def ask(on: Stage) -> Scene:
    """An operator asks."""
    employ(on.town)
    review = let_wait(on.town, on.made)
    olive = on.town.actor(OLIVE)
    told = on.of_key("ReviewQuestioned", OLIVE.email)
    return Scene(on.demo, lambda: approvals.ask(on.demo, olive, review.id, SAID), told)


def answer(on: Stage) -> Scene:
    """A developer answers."""
    employ(on.town)
    review = let_wait(on.town, on.made)
    approvals.ask(on.demo, on.town.actor(OLIVE), review.id, SAID)
    deed = lambda: approvals.answer(on.demo, on.ada, on.made.key, review.id, "Ours.")  # noqa: E731
    return Scene(on.demo, deed, on.of_key("ReviewAnswered"))


def approve(on: Stage) -> Scene:
    """An operator approves."""
    employ(on.town)
    review = let_wait(on.town, on.made)
    olive = on.town.actor(OLIVE)
    told = on.of_key("ReviewApproved", OLIVE.email)
    return Scene(on.demo, lambda: approvals.decide(on.demo, olive, review.id, "approved", ""), told)


def decline(on: Stage) -> Scene:
    """An operator declines."""
    employ(on.town)
    review = let_wait(on.town, on.made)
    olive = on.town.actor(OLIVE)
    told = on.of_key("ReviewDeclined", OLIVE.email)
    return Scene(on.demo, lambda: approvals.decide(on.demo, olive, review.id, "declined", "No terms."), told)


def tell_of_expiry(on: Stage) -> Scene:
    """A pass is about to end."""
    on.town.pass_review(on.made)
    on.town.clock.advance(days=85)
    told = on.of_key("ReviewExpiryTold", "system")
    return Scene(on.demo, lambda: review_notices.tell_of_expiry(on.demo), told)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("operators.add", add_operator),
    ("operators.remove", remove_operator),
    ("approvals.ask", ask),
    ("approvals.answer", answer),
    ("approvals.decide", approve),
    ("approvals.decide and decline", decline),
    ("review_notices._tell_of_expiry", tell_of_expiry),
)
