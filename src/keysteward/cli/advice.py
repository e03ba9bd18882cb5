"""What does `keysteward advice` do? It asks a few questions and says who needs a key, who owns it, and as what."""

import sys
from collections.abc import Mapping
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.prompt import IntPrompt

from keysteward.cli.options import stop
from keysteward.rules.interview import (
    QUESTIONS,
    TOPICS,
    Advice,
    Answers,
    Question,
    advise,
    next_question,
    read,
)
from keysteward.rules.keys import GRANT_NAMES
from keysteward.rules.refusals import Refusal

_NOTHING = "No advice yet."

console = Console(highlight=False)


def advice(
    answer: Annotated[
        list[str] | None,
        typer.Option(help="QUESTION=OPTION, as --json shows them; what is left open is asked.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the advice as JSON, and ask nothing.")] = False,
) -> None:
    """Find out whether an application needs a key, and whose it should be: docs/guides/advice.md."""
    try:
        answers = read(_told(answer or []))
        if not as_json and sys.stdin.isatty():
            answers = _interview(answers)
        found = advise(answers)
    except Refusal as refusal:
        stop(refusal.sentence, refusal.next_step, done=_NOTHING)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(_as_data(answers, found))).decode() + "\n")
    else:
        _print(found)


def _told(said: list[str]) -> dict[str, str]:
    told = dict(each.partition("=")[::2] for each in said)
    if unknown := set(told) - {question.code for question in QUESTIONS}:
        codes = ", ".join(question.code for question in QUESTIONS)
        stop(f"No question is called {min(unknown)}.", f"Questions are {codes}: --answer calls=api.", done=_NOTHING)
    return told


def _interview(answers: Answers) -> dict[str, str]:
    answered = dict(answers)
    while (question := next_question(answered)) is not None:
        answered[question.code] = _ask(question)
    return answered


def _ask(question: Question) -> str:
    console.print(f"\n[bold]{escape(question.asks)}[/]")
    for number, option in enumerate(question.options, start=1):
        console.print(f"  [bold]{number}[/]  {escape(option.label)}")
    numbers = [str(number) for number in range(1, len(question.options) + 1)]
    return question.options[IntPrompt.ask(" ", console=console, choices=numbers, show_choices=False) - 1].code


def _print(found: Advice) -> None:
    shown = ""
    for counsel in found.counsels:
        if counsel.topic != shown:
            console.print(f"\n[bold]{TOPICS[counsel.topic]}[/]")
            shown = counsel.topic
        console.print(Padding(escape(counsel.says), (0, 0, 0, 2)))
        console.print(Padding(f"[dim]{escape(counsel.source)}[/]", (0, 0, 0, 2)))
    if found.integration_type is not None:
        grants = ", ".join(GRANT_NAMES[grant] for grant in found.grants)
        console.print(
            f"\n[bold]Next[/]\n  Register it in demo under Apps and Keys: {found.integration_type}; {grants}."
        )


def _as_data(answers: Answers, found: Advice) -> Mapping[str, object]:
    return {
        "answers": answers,
        "needs_key": found.needs_key,
        "integration_type": found.integration_type,
        "grants": found.grants,
        "advice": [{"topic": each.topic, "says": each.says, "source": each.source} for each in found.counsels],
    }
