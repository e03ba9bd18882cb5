"""Which steps lead from an empty environment to one that people work in?"""

from datetime import datetime
from typing import Literal, NamedTuple, get_args

Step = Literal["account", "addresses", "policy", "mail", "people"]
Mark = Literal[Step, "dismissed"]

STEPS: tuple[Step, ...] = get_args(Step)


class Done(NamedTuple):
    """A step that is done, or the walk dismissed: by whom and when, and what came of it."""

    mark: Mark
    by_email: str
    at: datetime
    result: str


class Progress(NamedTuple):
    """How far the first run of an environment is."""

    done: dict[Mark, Done]

    @property
    def has_begun(self) -> bool:
        """Whether this environment was opened by the setup page or on the host, and not before there was a walk."""
        return "account" in self.done

    @property
    def is_over(self) -> bool:
        """Whether nobody needs to be led any further."""
        return "dismissed" in self.done or all(step in self.done for step in STEPS)

    @property
    def next_step(self) -> Step | None:
        """The first step that is not done; None where all are."""
        return next((step for step in STEPS if step not in self.done), None)
