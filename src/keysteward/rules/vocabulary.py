"""Which words of ours could be taken for a person's name?

A full name is two words. Whoever is called like a state or a kind cannot be told from it in a text, so that name is
not looked for when they are erased; their address is.
"""

from typing import get_args

from keysteward.rules.custody.inventory import Fact
from keysteward.rules.custody.what_if import Effect
from keysteward.rules.drills import Subject
from keysteward.rules.foreign_logs.sightings import Kind as LogKind
from keysteward.rules.golive import Status as ReviewStatus
from keysteward.rules.leaks import Kind as LeakKind
from keysteward.rules.people import Source
from keysteward.rules.phases import Phase
from keysteward.rules.replacements import End as RetirementEnd
from keysteward.rules.replacements import Status as RetirementStatus
from keysteward.rules.replacements import Step as RetirementStep
from keysteward.rules.rerun import Result
from keysteward.rules.sealed_credentials import Credential, State
from keysteward.rules.transfers import Hand
from keysteward.rules.transfers import Status as TransferStatus
from keysteward.rules.troubleshooting.diagnosis import Bearing
from keysteward.rules.webhooks import Stage
from keysteward.rules.words import IntegrationType
from keysteward.rules.works import Status as WorkStatus

_LISTS = (
    Bearing, Credential, Effect, Fact, Hand, IntegrationType, LeakKind, LogKind, Phase, Result, RetirementEnd,
    RetirementStatus, RetirementStep, ReviewStatus, Source, Stage, State, Subject, TransferStatus,
    WorkStatus,
)  # fmt: skip

VOCABULARY: frozenset[str] = frozenset(word.casefold() for each in _LISTS for word in get_args(each))
"""The words of every list of ours in which one has a space, folded; a test finds a list that is missing."""


def is_our_word(name: str) -> bool:
    """Whether a name is one of our own words, whatever its letter case and spaces."""
    return " ".join(name.split()).casefold() in VOCABULARY
