"""Which shapes do the interview and its advice have?"""

from typing import Literal

from msgspec import Struct

from keysteward.rules.interview import Topic
from keysteward.rules.keys import Grant, IntegrationType
from keysteward.web.api.shapes import Instant


class InterviewOption(Struct):
    """One answer to a question."""

    code: str
    label: str


class InterviewQuestion(Struct):
    """What is asked now."""

    code: str
    asks: str
    options: list[InterviewOption]


class Answers(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """The option that answers each question; questions that do not come up are left out."""

    calls: Literal["", "api", "powerform", "clickwrap", "listener"] = ""
    owner: Literal["", "own", "consultant", "product", "bought"] = ""
    instances: Literal["", "shared", "dedicated", "controlled"] = ""
    embedded: Literal["", "theirs", "ours"] = ""
    place: Literal["", "server", "client"] = ""
    people: Literal["", "present", "away", "both"] = ""


class Counsel(Struct):
    """One piece of advice, and where it comes from."""

    topic: Topic
    says: str
    source: str


class Advice(Struct):
    """What follows from complete answers; without a key there is nothing to register."""

    needs_key: bool
    integration_type: IntegrationType | None
    grants: list[Grant]
    counsels: list[Counsel]


class Interview(Struct):
    """An interview so far: the next question, or the advice once there is none."""

    answers: Answers
    question: InterviewQuestion | None
    advice: Advice | None


class NewAdvice(Struct, forbid_unknown_fields=True):
    """Complete answers, to be kept with an app."""

    answers: Answers


class KeptAdvice(Struct):
    """What was kept with an app, by whom and when."""

    answers: Answers
    advice: Advice
    by: str
    at: Instant
