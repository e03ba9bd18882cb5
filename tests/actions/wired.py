"""How do both environments of a town ask each other over a network that may be bad?"""

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from keysteward.actions import keys, promotion, receipts
from keysteward.actions.context import Context, Counterpart
from keysteward.assembly import counterpart_of
from keysteward.outgoing.https import Peer
from keysteward.rules.refusals import Refusal
from tests.cast import ACME, ADA, BO, Made, Person, Town
from tests.peers.bad_network import BadNetwork, bad_network
from tests.peers.databases import rows
from tests.racing import at_once
from tests.web.api.program import answering

_MAY_BE_SAID = {"other-environment-silent", "handle-not-good", "key-exists", "not-the-presenter", "already-live"}
_STEPS = ("press", "promote", "promote", "promote twice", "two admins", "deliver", "deliver", "a while passes")


@dataclass
class Wired:
    """A town whose environments are asked over networks, and what its people have in their hands."""

    town: Town
    demo: Context
    production: Context
    networks: tuple[BadNetwork, BadNetwork]

    @property
    def to_demo(self) -> BadNetwork:
        """The network on which production asks demo."""
        return self.networks[0]

    @property
    def to_production(self) -> BadNetwork:
        """The network on which demo asks production."""
        return self.networks[1]

    def passed(self, name: str) -> Made:
        """A new app whose review has passed."""
        made = self.town.create_app(name=name)
        self.town.pass_review(made)
        return made

    def press(self, made: Made, by: Person = ADA) -> str:
        """Press Go Live."""
        return promotion.present(self.demo, self.town.actor(by), made.key, None)

    def promote(self, handle: str, by: Person = ADA) -> str:
        """Bring a handle to production: the key's account, or what was refused."""
        actor = self.town.actor(by, self.production)
        try:
            return promotion.promote(self.production, actor, handle, ACME.production).account
        except Refusal as refusal:
            return refusal.kind.code

    def deliver(self) -> bool:
        """Let production tell demo."""
        return receipts.deliver_receipts(self.production)

    def is_live(self, made: Made) -> bool:
        """Whether demo shows it."""
        return keys.view(self.demo, self.town.actor(ADA), made.key).app.live_at is not None

    def told(self, ctx: Context, name: str, key: str) -> int:
        """How often something was recorded of a key."""
        return sum(row == (name, key) for row in rows(ctx.database, "SELECT name, key FROM events"))


@contextmanager
def wired(town: Town) -> Iterator[Wired]:
    """Both environments, each answering behind a network of its own."""
    with ExitStack() as stack:
        networks = stack.enter_context(bad_network(0)), stack.enter_context(bad_network(0))
        demo = replace(town.demo, counterpart=_over(town.demo, networks[1]))
        production = replace(town.production, counterpart=_over(town.production, networks[0]))
        for ctx, network in zip((demo, production), networks, strict=True):
            address = urlsplit(stack.enter_context(answering(ctx)))
            network.lead_to(str(address.hostname), int(address.port or 0))
        yield Wired(town, demo, production, networks)


def _over(ctx: Context, network: BadNetwork) -> Counterpart:
    peer = Peer(f"http://127.0.0.1:{network.port}")
    return replace(counterpart_of(peer), origin=ctx.counterpart.origin)


def run_through(on: Wired, seed: int) -> None:
    """Let people and jobs do what they do while the network is bad, as a seed says; then let it be good, and finish."""
    dice = random.Random(seed)  # noqa: S311 — seeded, so that a run can be had again
    made = on.passed(f"Run {seed}")
    for network in on.networks:
        network.sow(seed)
        network.calm = False
    handles = [on.press(made)]
    for _ in range(dice.randrange(4, 12)):
        _take(on, made, dice.choice(_STEPS), handles)
        demand_whole(on, made)
    for network in on.networks:
        network.calm = True
    _finish(on, made)
    keys.delete(on.demo, on.town.actor(ADA), made.key)  # an account may have a hundred


def _take(on: Wired, made: Made, step: str, handles: list[str]) -> None:
    """One step of whoever happens to be there."""
    if step == "press" and not on.is_live(made):
        handles.append(on.press(made))
    elif step == "promote":
        _demand_known(on.promote(handles[-1]))
    elif step == "promote twice":
        for said in at_once(lambda _: on.promote(handles[-1]), 2)[0]:
            _demand_known(said)
    elif step == "two admins" and not on.is_live(made):
        both = [(handles[-1], ADA), (on.press(made, BO), BO)]
        for said in at_once(lambda number: on.promote(*both[number]), 2)[0]:
            _demand_known(said)
    elif step == "deliver":
        on.deliver()
    elif step == "a while passes":
        on.town.clock.advance(minutes=3)


def _demand_known(said: str) -> None:
    assert said in _MAY_BE_SAID | {ACME.production}, said


def _finish(on: Wired, made: Made) -> None:
    """Once the network is good a person needs one more press at most, and the jobs one more round."""
    if not is_there(on, made):
        assert on.promote(on.press(made)) == ACME.production
    assert on.deliver()
    demand_whole(on, made)
    assert on.is_live(made)
    promoted = on.told(on.production, "KeyPromoted", made.key), on.told(on.production, "ReceiptDelivered", made.key)
    assert (*promoted, on.told(on.demo, "ReceiptAccepted", made.key)) == (1, 1, 1)


def is_there(on: Wired, made: Made) -> bool:
    """Whether production has the key."""
    return (made.key,) in rows(on.production.database, "SELECT key FROM apps")


def demand_whole(on: Wired, made: Made) -> None:
    """See that a key is in production wholly or not at all, and never live in demo before it is there."""
    done = [
        row for row in rows(on.production.database, "SELECT key, account, receipt, done_at FROM promotions")
        if row[0] == made.key and row[3] is not None
    ]  # fmt: skip
    arrived = int(is_there(on, made))
    assert (len(done), on.told(on.production, "KeyPromoted", made.key)) == (arrived, arrived)
    assert all(account == ACME.production and receipt for _, account, receipt, _ in done)
    assert arrived or not on.is_live(made)
    assert on.told(on.demo, "ReceiptAccepted", made.key) == int(on.is_live(made))
