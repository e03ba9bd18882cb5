"""How is what passed between an operator and a developer shown, and what changed between two reviews?"""

from collections.abc import Iterable
from typing import Any

from keysteward.actions.approvals import Thread
from keysteward.rules.approvals import Note
from keysteward.rules.golive import REVIEW, Review
from keysteward.rules.review_history import Difference, Turn

Shown = dict[str, Any]

_ASKS = {rule.code: rule.asks for rule in REVIEW}
_TURNS: dict[Turn, tuple[str, str]] = {
    "gone": ("is-ok", "Mended"),
    "fewer": ("is-waiting", "Fewer"),
    "same": ("is-bad", "As before"),
    "more": ("is-bad", "More"),
    "new": ("is-bad", "New"),
}


def thread(found: Thread) -> Shown | None:
    """What was asked, answered and decided, where a person looks at this review."""
    if found.review.pending_since is None:
        return None
    return {"lines": lines(found.review, found.notes), "may_answer": found.may_answer}


def lines(review: Review, notes: Iterable[Note]) -> list[Shown]:
    """Everything that was said, in its order; the decision ends it."""
    said = [{"kind": note.kind, "text": note.text, "who": note.by_email, "at": note.at} for note in notes]
    if ruling := review.ruling:
        said.append({"kind": ruling.choice, "text": ruling.reason, "who": ruling.by_email, "at": ruling.at})
    return said


def difference(found: Difference | None) -> Shown | None:
    """What changed since the review before."""
    if found is None:
        return None
    return {
        "id": found.before.id,
        "started_at": found.before.started_at,
        "runs": (found.before.run, found.after.run),
        "versions": (found.before.policy_version, found.after.policy_version),
        "calls": found.calls,
        "rules": [
            {
                "rule": _ASKS.get(each.rule, each.rule),
                "before": each.before,
                "after": each.after,
                "turn": _TURNS[each.turn],
            }
            for each in found.rules
        ],
    }
