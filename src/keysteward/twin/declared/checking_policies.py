"""What of a declared policy can be seen to be wrong before anything is applied?"""

from collections.abc import Sequence
from dataclasses import replace

from keysteward.actions import packs
from keysteward.rules.numbers import changed, loosened
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.policy_text import read
from keysteward.rules.refusals import BAD_PACK, Refusal
from keysteward.twin.declared.problems import Complaints, Problem, of_refusal
from keysteward.twin.declared.shapes import PolicyVersion


def check_policies(complaints: Complaints, path: str, declared: Sequence[PolicyVersion]) -> list[Policy]:
    """The versions of one environment, from the one that a new twin begins with."""
    found = [DEFAULT]
    for number, version in enumerate(declared):
        at = f"{path}[{number}]"
        complaints.check_text(f"{at}.author", version.author)
        complaints.check_text(f"{at}.approved_by", version.approved_by, least=0)
        complaints.check_text(f"{at}.reason", version.reason, most=500)
        complaints.check_moment(f"{at}.created", version.created)
        found.append(_after(complaints, at, version, found[-1]))
    return found


def _after(complaints: Complaints, path: str, version: PolicyVersion, before: Policy) -> Policy:
    """The policy that a version makes; the one before it where that cannot be said."""
    said = [name for name in ("numbers", "installs", "removes") if getattr(version, name)]
    if len(said) != 1:
        complaints.say(path, "give one of numbers, installs and removes.")
        return before
    if said == ["numbers"]:
        return _with_numbers(complaints, path, version, before)
    if version.approved_by:
        complaints.say(f"{path}.approved_by", "a rule pack needs nobody's approval; leave this field out.")
    if said == ["installs"]:
        return _with_pack(complaints, f"{path}.installs", version, before)
    return _without_pack(complaints, f"{path}.removes", version, before)


def _with_numbers(complaints: Complaints, path: str, version: PolicyVersion, before: Policy) -> Policy:
    try:
        after = read(version.numbers, before)
    except Refusal as refusal:
        complaints.problems.append(of_refusal(f"{path}.numbers", refusal, is_field=False))
        return before
    if not changed(before, after):
        complaints.say(f"{path}.numbers", "it changes nothing; leave this version out.")
    looser, approver = ", ".join(loosened(before, after)), version.approved_by.strip().casefold()
    if looser and approver in {"", version.author.strip().casefold()}:
        sentence = f"this loosens what guards keys: {looser}. Name somebody other than its author who approved it."
        complaints.say(f"{path}.approved_by", sentence)
    return after


def _with_pack(complaints: Complaints, path: str, version: PolicyVersion, before: Policy) -> Policy:
    """A pack takes the place of another version of itself."""
    try:
        pack = packs.check(version.installs)
    except Refusal as refusal:
        complaints.problems.append(_of_pack(path, refusal))
        return before
    if pack in before.packs:
        complaints.say(path, "this version of the pack is in force already; leave this entry out.")
    others = tuple(each for each in before.packs if each.name != pack.name)
    return replace(before, packs=(*others, pack))


def _without_pack(complaints: Complaints, path: str, version: PolicyVersion, before: Policy) -> Policy:
    left = tuple(each for each in before.packs if each.name != version.removes)
    if left == before.packs:
        complaints.say(path, f"no pack called {version.removes} is in force by then.")
    return replace(before, packs=left)


def _of_pack(path: str, refusal: Refusal) -> Problem:
    """What is wrong with a pack, at the place in it where that is known."""
    if refusal.kind is not BAD_PACK:
        return of_refusal(path, refusal, is_field=True)
    place, reason = str(refusal.values["field"]), str(refusal.values["reason"])
    return Problem(path if place == "pack" else f"{path}.{place}", f"{reason[0].lower()}{reason[1:]}".replace("`", ""))
