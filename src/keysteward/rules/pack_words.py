"""How are the rules and readings of a pack said in words?"""

from keysteward.rules.packs import (
    AnyRule,
    Asked,
    CallsNeeded,
    Forbidden,
    Gap,
    Reading,
    Required,
    Share,
    Window,
    check_of,
)


def asked(rule: AnyRule, needed: int) -> str:
    """What a rule looks for, where the policy needs so many calls."""
    many = f"the newest {rule.calls or needed} calls"
    if isinstance(rule, CallsNeeded):
        return f"{rule.calls} calls in a row succeeded within the rules."
    if isinstance(rule, Window):
        return f"{many.capitalize()} were made within {rule.within}."
    if isinstance(rule, Asked):
        return f"The check {check_of(rule)} is asked about {many}."
    return _of_operations(rule, many, " or ".join(rule.operations))


def read_as(reading: Reading) -> list[str]:
    """What a reading makes of calls."""
    said = []
    if reading.success is not None:
        said.append(f"a success is {' or '.join(reading.success)}")
    if reading.countable is not None:
        said.append("counts" if reading.countable else "does not count")
    if reading.polled is not None:
        said.append("polls where it is read too often" if reading.polled else "never polls")
    return said


def _of_operations(rule: Required | Forbidden | Share | Gap, many: str, operations: str) -> str:
    if isinstance(rule, Required):
        return f"At least {rule.at_least} of {many} is {operations}."
    if isinstance(rule, Forbidden):
        return f"None of {many} is {operations}."
    if isinstance(rule, Share):
        return f"At most {rule.most_percent} percent of {many} are {operations}."
    return f"Among {many}, {operations} reads the same resource at most once in {rule.gap}."
