"""Who needs a key, who should own it, and what should it be registered as?

An interview of a few questions. Read QUESTIONS from top to bottom: each is asked where the answers before it leave it
open. Read COUNSELS likewise: each is given where the answers call for it, and says where it comes from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from keysteward.rules.keys import Grant, IntegrationType
from keysteward.rules.refusals import INVALID_FIELD, Refusal

Answers = Mapping[str, str]
"""The code of an option, by the code of its question."""

Topic = Literal["need", "owner", "number", "type", "review", "grants", "custody"]
TOPICS: Mapping[Topic, str] = {
    "need": "Do you need a key?",
    "owner": "Whose key is it?",
    "number": "How many keys?",
    "type": "As what do you register it?",
    "review": "What comes before Go-Live?",
    "grants": "How does it sign in?",
    "custody": "How does it survive people?",
}

_FAQ = "FAQs: integration keys and Go-Live"
_MANAGE = "Manage your integration keys"


class Option(NamedTuple):
    """One answer to a question."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and after which answers."""

    code: str
    asks: str
    options: tuple[Option, ...]
    when: Callable[[Answers], bool]

    def takes(self, answer: str) -> bool:
        """Whether it is one of the options."""
        return any(option.code == answer for option in self.options)

    def label_of(self, answer: str) -> str:
        """An option in words."""
        return next(option.label for option in self.options if option.code == answer)


@dataclass(frozen=True, slots=True)
class Counsel:
    """One piece of advice, where it comes from, and after which answers it is given."""

    topic: Topic
    says: str
    source: str
    when: Callable[[Answers], bool]


class Advice(NamedTuple):
    """What follows from complete answers. Where no key is needed nothing is to be registered."""

    needs_key: bool
    counsels: tuple[Counsel, ...]
    integration_type: IntegrationType | None
    grants: tuple[Grant, ...]


def _said(code: str, *options: str) -> Callable[[Answers], bool]:
    return lambda answers: answers.get(code) in options


def _all(*conditions: Callable[[Answers], bool]) -> Callable[[Answers], bool]:
    return lambda answers: all(condition(answers) for condition in conditions)


def _always(answers: Answers) -> bool:
    del answers
    return True


needs_key = _said("calls", "api")
_keeps_secrets = _all(needs_key, _said("place", "server"))
_is_product = _all(needs_key, _said("owner", "product"))
_is_ours_to_run = _all(_is_product, _said("instances", "shared", "dedicated"))
_is_customers = _all(_is_product, _said("instances", "controlled"))

# fmt: off
QUESTIONS: tuple[Question, ...] = (
    Question("calls", "What does your program do?", (
        Option("api", "It sends requests to the API."),
        Option("powerform", "It only opens PowerForms by their URL."),
        Option("clickwrap", "It only embeds a clickwrap's generated JavaScript in web pages."),
        Option("listener", "It only listens to events, such as Connect's, and calls nothing."),
    ), _always),
    Question("owner", "Whose application is it?", (
        Option("own", "Ours: we use it ourselves, or our customers meet it as a part of our service."),
        Option("consultant", "Our customer's: we build it for them."),
        Option("product", "A product of ours, which others buy and use with accounts of their own."),
        Option("bought", "A product that we bought, whose vendor asks us for a key."),
    ), needs_key),
    Question("instances", "How does the product run for its customers?", (
        Option("shared", "As one service for all of them, with one instance or several; we keep its settings."),
        Option("dedicated", "As an instance for each customer; we run it, and its settings are hidden from them."),
        Option("controlled", "As an instance that the customer controls completely, with all its settings."),
    ), _is_product),
    Question("embedded", "Through whose account do your customers work?", (
        Option("theirs", "Through accounts of their own."),
        Option("ours", "Through our account: the API's features are a part of our product."),
    ), _is_ours_to_run),
    Question("place", "Where does it run?", (
        Option("server", "On a server, which can keep a secret."),
        Option("client", "In a browser, on a phone or on a desktop, where a secret could be read out."),
    ), needs_key),
    Question("people", "Is the person for whom it acts there when it calls?", (
        Option("present", "Yes, they sign in."),
        Option("away", "No, it works in the background."),
        Option("both", "Sometimes."),
    ), _keeps_secrets),
)
COUNSELS: tuple[Counsel, ...] = (
    Counsel("need", "You need an integration key: whoever sends requests to the API does. It identifies the app, never "
            "an account or a user.", f"{_FAQ}: Who needs an integration key?", needs_key),
    Counsel("need", "You need no key. A PowerForm that is opened by its URL needs no access token.",
            f"{_FAQ}: Who does not need an integration key?", _said("calls", "powerform")),
    Counsel("need", "You need no key. A clickwrap's generated JavaScript needs no access token.",
            f"{_FAQ}: Who does not need an integration key?", _said("calls", "clickwrap")),
    Counsel("need", "You need no key as long as it calls nothing: not to look up what an event is about, for instance. "
            "Once it does, come back.",
            f"{_FAQ}: Who does not need an integration key?", _said("calls", "listener")),

    Counsel("owner", "Your organization owns the application, and so manages its key.",
            f"{_FAQ}: Who should administer the integration key?", _all(needs_key, _said("owner", "own"))),
    Counsel("owner", "Your customer owns the application, and so manages its key. Let an admin of theirs register it "
            "in their developer account and promote it to their production account; you need no standing in either.",
            f"{_FAQ}: Who should administer the integration key?", _all(needs_key, _said("owner", "consultant"))),
    Counsel("owner", "You own the product, and so you manage its key. Ask no customer to create or manage one.",
            f"{_FAQ}: Who should administer the integration key?", _is_ours_to_run),
    Counsel("owner", "Whoever controls everything owns the key: each customer creates their own.",
            f"{_FAQ}: What are the best practices for ISV applications?", _is_customers),
    Counsel("owner", "The key is the vendor's: ask them to use theirs. A key of your own makes you the one whom "
            "everybody asks when their product fails. Create one only for an instance that you control completely.",
            f"{_FAQ}: What are the best practices for ISV applications?", _all(needs_key, _said("owner", "bought"))),

    Counsel("number", "One key for the whole product, whatever the number of its customers and instances, hidden from "
            "them.", f"{_FAQ}: What are the best practices for ISV applications?", _is_ours_to_run),
    Counsel("number", "One key for the application, in demo and, with the same GUID, in production.",
            f"{_FAQ}: Will my integration key change after Go Live?",
            _all(needs_key, _said("owner", "own", "consultant"))),

    Counsel("type", "Register it as a private custom integration: your own employees or your customer's use it.",
            "Keysteward: integration types", _all(needs_key, _said("owner", "own", "consultant"))),
    Counsel("type", "Register it as a public integration: many customers use it with accounts of their own.",
            "Keysteward: integration types", _all(_is_ours_to_run, _said("embedded", "theirs"))),
    Counsel("type", "Register it as an embedded integration: its customers work through your account.",
            "Keysteward: integration types", _all(_is_ours_to_run, _said("embedded", "ours"))),
    Counsel("type", "Let each customer register it as a third-party integration key.",
            "Keysteward: integration types", _is_customers),
    Counsel("type", "If you must have one, register it as a third-party integration key.",
            "Keysteward: integration types", _all(needs_key, _said("owner", "bought"))),

    Counsel("review", "Partners ask for an app review before Go-Live. Write to your partner representative early; the "
            "operators' queue here is that review.",
            f"{_FAQ}: What are the best practices for ISV applications?", _is_ours_to_run),

    Counsel("grants", "Authorization code grant with a secret key: people sign in, and your server keeps the tokens.",
            "RFC 9700 §2.1.1", _all(_keeps_secrets, _said("people", "present", "both"))),
    Counsel("grants", "JWT grant with a keypair: each person consents once, then the app acts for them while they are "
            "away.", "RFC 7523 §2.1", _all(_keeps_secrets, _said("people", "away", "both"))),
    Counsel("grants", "Authorization code grant with PKCE and no secret: what is shipped to a browser or a device can "
            "be read there. Not the implicit grant.",
            "RFC 9700 §2.1.2", _all(needs_key, _said("place", "client"))),

    Counsel("custody", "Have two admins in the account that manages the key, so that it outlives either. "
            "One of them may be a service admin, whose address is a distribution list.",
            f"{_MANAGE}: Account management practices", needs_key),
)
# fmt: on

_TYPES: tuple[tuple[IntegrationType, Callable[[Answers], bool]], ...] = (
    ("Embedded integration", _all(_is_ours_to_run, _said("embedded", "ours"))),
    ("Public integration", _is_ours_to_run),
    ("Third-party integration key", _all(needs_key, _said("owner", "bought", "product"))),
    ("Private custom integration", needs_key),
)
_GRANTS: tuple[tuple[Grant, Callable[[Answers], bool]], ...] = (
    ("confidential_code", _all(_keeps_secrets, _said("people", "present", "both"))),
    ("public_code", _all(needs_key, _said("place", "client"))),
    ("jwt", _all(_keeps_secrets, _said("people", "away", "both"))),
)


def read(unverified_answers: Answers) -> dict[str, str]:
    """The answers to questions that are asked, in their order; what answers no such question is left out.

    Raises Refusal for an answer that is none of the options.
    """
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        answer = unverified_answers.get(question.code, "")
        if answer and not question.takes(answer):
            choices = ", ".join(option.code for option in question.options)
            raise Refusal(INVALID_FIELD, field=question.code, reason=f"choose among {choices}.")
        if answer and question.when(answers):
            answers[question.code] = answer
    return answers


def next_question(answers: Answers) -> Question | None:
    """What is to be asked now; None once the interview is complete."""
    open_ones = (each for each in QUESTIONS if each.code not in answers and each.when(answers))
    return next(open_ones, None)


def advise(answers: Answers) -> Advice:
    """What follows from complete answers. Raises Refusal where a question is open."""
    if (question := next_question(answers)) is not None:
        raise Refusal(INVALID_FIELD, field=question.code, reason=f"answer this first: {question.asks}")
    given = tuple(counsel for counsel in COUNSELS if counsel.when(answers))
    integration_type = next((each for each, when in _TYPES if when(answers)), None)
    return Advice(needs_key(answers), given, integration_type, tuple(each for each, when in _GRANTS if when(answers)))
