"""Who races over rule packs, and over what a review is judged by?"""

from collections import Counter
from collections.abc import Generator

from keysteward.actions import bundles, golive, packs, policy, promotion
from keysteward.crypto.signing import public_keys_of
from keysteward.rules.rerun import Rerun
from tests.packs import a_document
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]


@race(packs.install, packs.remove, policy.apply)
def no_change_of_packs_is_lost(on: Ground) -> Story:
    """While operators install, remove and change numbers, each change is one version built on the one before."""
    packs.install(on.demo, a_document(name="gone"), author="Olga", reason="A race.")

    def install(number: int) -> object:
        return packs.install(on.demo, a_document(version=number + 1), author="Olga", reason="A race.")

    came = yield taking_turns(
        install,
        lambda _: packs.remove(on.demo, "gone", author="Otto", reason="A race."),
        lambda number: policy.apply(on.demo, {"keys_per_account": 1_000 + number}, author="Olga", reason="A race."),
    )

    made = events_of(on.demo, "PackInstalled") + events_of(on.demo, "PackRemoved") + events_of(on.demo, "PolicyApplied")
    newest = policy.load(on.demo, 0).policy
    assert (came.refusals, events_of(on.demo, "PackRemoved")) == (Counter({"no-such-object": 32}), 1)
    assert (newest.version, [pack.name for pack in newest.packs]) == (1 + made, ["envelopes"])
    assert len(packs.list_versions(on.demo)) == 35


@race(packs.install)
def one_of_a_hundred_installs_a_version(on: Ground) -> Story:
    """A hundred operators who install the same file bring it into force once."""
    came = yield lambda _: packs.install(on.demo, a_document(), author="Olga", reason="A race.")

    came.once("pack-in-force")


@race(golive.settle_due, packs.install)
def a_verdict_is_by_the_packs_of_its_start(on: Ground) -> Story:
    """Whatever comes and goes while it is settled: the bundle proves it by the packs that it names."""
    on.town.call(on.made, 20)
    packs.install(on.demo, a_document({"kind": "calls-needed", "code": "many", "calls": 21}), author="O", reason="R.")
    review = golive.start_review(on.demo, on.ada, on.key)
    on.town.clock.advance(seconds=1)

    def change(number: int) -> object:
        return packs.install(on.demo, a_document(name="other", version=number + 1), author="Olga", reason="A race.")

    came = yield taking_turns(change, lambda _: golive.settle_due(on.demo))

    keys = public_keys_of({"keys": promotion.paper_keys(on.demo)})
    proved = bundles.verify(bundles.bundle_of(on.demo, on.ada, on.key, review.id), keys)
    assert (came.refusals, proved.broken, proved.again) == (Counter(), (), Rerun("same"))
    assert (proved.manifest.verdict, review.packs) == ("failed", ("envelopes 1",))
