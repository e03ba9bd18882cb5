"""What is wrong with a file, and where in it?"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from keysteward.rules.approvals import checked_lines
from keysteward.rules.keys import checked_text
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.tokens import read_scopes
from keysteward.rules.words import is_guid
from keysteward.twin.declared.moments import BadMoment, read_instant, read_moment, read_until
from keysteward.twin.declared.references import Names

_SOME_DAY = read_instant("2026-01-01T00:00:00Z")


class Problem(NamedTuple):
    """One thing that is wrong: where, and a sentence that says what to do about it."""

    path: str
    sentence: str


class Mistakes(Exception):
    """A file that cannot be applied, with all that was found wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{path}: {sentence}" for path, sentence in problems))
        self.problems = tuple(problems)


def of_refusal(path: str, refusal: Refusal, *, is_field: bool) -> Problem:
    """What a rule said of a field, or of an entry, whose field the rule may name."""
    if refusal.kind is not INVALID_FIELD:
        return Problem(path, f"{refusal.sentence} {refusal.next_step}".strip())
    return Problem(path if is_field else f"{path}.{refusal.field}", str(refusal.values["reason"]))


class Complaints:
    """Gathers what is wrong, so that a person sees all of it at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def say(self, path: str, sentence: str) -> None:
        """Note one problem."""
        self.problems.append(Problem(path, sentence))

    @contextmanager
    def judging(self, path: str) -> Iterator[None]:
        """Note what a rule refuses in this block, and whatever is no moment."""
        try:
            yield
        except Refusal as refusal:
            self.problems.append(of_refusal(path, refusal, is_field=True))
        except BadMoment as error:
            self.say(path, str(error))

    def check_text(self, path: str, text: str, *, least: int = 1, most: int = 100) -> None:
        """A name, or something else of one line."""
        with self.judging(path):
            checked_text(text, "name", least=least, most=most)

    def check_lines(self, path: str, text: str, *, least: int = 1) -> None:
        """What somebody writes to somebody, in as many lines as they like."""
        with self.judging(path):
            checked_lines(text, "text", least=least)

    def check_guid(self, path: str, guid: str | None) -> None:
        """A GUID, in any letter case."""
        if guid is not None and not is_guid(guid.lower()):
            self.say(path, "give a GUID such as 7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11.")

    def check_moment(self, path: str, moment: str | None) -> None:
        """An age, or an instant with its zone."""
        if moment is not None:
            with self.judging(path):
                read_moment(moment, _SOME_DAY)

    def check_until(self, path: str, moment: str | None) -> None:
        """A moment ahead, or a time until then."""
        if moment is not None:
            with self.judging(path):
                read_until(moment, _SOME_DAY)

    def check_reference(self, path: str, names: Names, name: str | None) -> None:
        """The name of something that is declared."""
        if name is not None and names.find(name) is None:
            self.say(path, names.why_not(name))

    def check_scopes(self, path: str, scopes: Sequence[str]) -> None:
        """The names of some scopes."""
        for number, scope in enumerate(scopes):
            if read_scopes(scope) != (scope,):
                self.say(f"{path}[{number}]", "give one scope's name, such as signature.")
        if not scopes:
            self.say(path, "name at least one scope.")

    def check_doubles(self, values: Iterable[tuple[str, str | None]]) -> None:
        """Values, by their paths, none of which may stand there twice; None is passed over."""
        seen: dict[str, str] = {}
        for path, value in values:
            if value is not None and seen.setdefault(value, path) != path:
                self.say(path, f"{seen[value]} says the same; keep one, or give each its own.")

    def demand_none(self) -> None:
        """Raise all problems, if there are any."""
        if self.problems:
            raise Mistakes(self.problems)
