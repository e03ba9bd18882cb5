"""How do declared keys retire once others replace them? Step by step, all of them in the order of the moments."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from keysteward.actions import replacements, retirements
from keysteward.actions import retiring as deeds
from keysteward.actions.context import Context
from keysteward.actions.retirements import Wish
from keysteward.rules.replacements import Retirement as Asked
from keysteward.rules.replacements import final_at
from keysteward.twin.declared.problems import Mistakes, Problem
from keysteward.twin.declared.references import step_of
from keysteward.twin.declared.shapes_ways_back import Retirement
from keysteward.twin.declared.stage import Stage, at

_A_WHILE = timedelta(minutes=1)
_BEFORE_NOW, _BEFORE_NOW_STANDING_IN = timedelta(days=1), timedelta(days=5)


class _Taken(NamedTuple):
    """A step that is to be taken."""

    when: datetime
    path: str
    deed: Callable[[], object]


class _Way:
    """A key on its way out: what a file says of that, and who may take a step of it."""

    def __init__(self, stage: Stage, path: str, declared: Retirement) -> None:
        self.stage, self.path, self.declared = stage, path, declared
        self.old = stage.known.apps.load(declared.app)
        live = [each for each in stage.known.successors(self.old) if each in stage.accounts]
        self.new = stage.known.apps.load(declared.successor) if declared.successor else live[0]
        self.hand = self._hand()

    def steps(self) -> Iterator[_Taken]:
        """The steps, each as soon as it can be where the file does not say when."""
        declared, stage, policy = self.declared, self.stage, self.stage.policy_at
        is_stand_in = declared.hand == "stand-in"
        asked = stage.when(declared.asked, stage.now - (_BEFORE_NOW_STANDING_IN if is_stand_in else _BEFORE_NOW))
        yield _Taken(asked, self.path, partial(self._ask, asked))
        approval, retired, last = step_of(declared.approved), asked, asked
        if approval is not None:
            last = stage.when(approval.at, asked + _A_WHILE)
            yield _Taken(last, f"{self.path}.approved", partial(self._approve, last, approval.by))
        if is_stand_in and declared.retired:
            retired = stage.when(declared.retired, max(last, asked + policy(asked).stand_in_wait))
            yield _Taken(retired, f"{self.path}.retired", partial(self._go_on, retired, deeds.take_effect))
        if declared.final:
            final = stage.when(declared.final, final_at(retired, policy(retired)))
            yield _Taken(final, f"{self.path}.final", partial(self._go_on, final, deeds.finish))

    def _ask(self, when: datetime) -> None:
        actor = self.stage.actor(self.hand[0], when)
        wish = Wish(self.declared.hand, self.declared.reason, despite_use=True)
        retirements.retire(self.stage.on(when), actor, self.new, wish)

    def _approve(self, when: datetime, by: str | None) -> None:
        others = [self.stage.known.users.load(by)] if by else self.hand[1:]
        if not others:
            raise Mistakes([Problem(f"{self.path}.approved", "nobody here may take this step; leave it out.")])
        retirements.approve(self.stage.on(when), self.stage.actor(others[0], when), self.new)

    def _go_on(self, when: datetime, deed: Callable[[Context, Asked], bool]) -> None:
        """Take a step for which nobody's hand is needed any more."""
        ctx = self.stage.on(when)
        asked = replacements.view(ctx, self.stage.actor(self.hand[0], when), self.new).case.retirement
        if asked is not None:
            deed(ctx, asked)

    def _hand(self) -> list[str]:
        """Who has the hand with which it is retired, whoever did so first."""
        may = self._may()
        if not may and self.declared.by is None:
            raise Mistakes([Problem(f"{self.path}.hand", "nobody here has this hand; say another.")])
        by = self.stage.known.users.load(self.declared.by) if self.declared.by else may[0]
        return [by, *(each for each in may if each != by)]

    def _may(self) -> list[str]:
        known, account = self.stage.known, self.stage.accounts[self.old]
        if self.declared.hand == "admin":
            return known.admins[account]
        if self.declared.hand == "operator":
            return [known.user_guid(each) for each in known.declared.users if each.operator]
        organization = known.organization_of(account)
        return [known.users.load(each) for each in known.admins_in(organization)] if organization else []


def retire(stage: Stage) -> None:
    """Play all retirements: what retires for good may replace another key that retired before."""
    declared = enumerate(stage.known.retirements_declared)
    ways = [_Way(stage, f"{stage.environment}.retirements[{number}]", each) for number, each in declared]
    steps = [step for way in ways for step in way.steps()]
    for step in sorted(steps, key=lambda each: each.when):
        with at(step.path):
            step.deed()
