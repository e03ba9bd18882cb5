"""What of a declared policy can be seen to be wrong before anything is applied?"""

from collections.abc import Sequence

from keysteward.rules.numbers import changed, loosened
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.policy_text import read
from keysteward.rules.refusals import Refusal
from keysteward.twin.declared.problems import Complaints, of_refusal
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
