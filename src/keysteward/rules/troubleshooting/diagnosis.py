"""Which causes does an error text have, the most likely first?

What our own server says is known from the list of refusals itself; `signs` of articles add what others say.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from string import Formatter
from typing import Literal, NamedTuple

from keysteward.rules.refusals import ALL, Kind
from keysteward.rules.troubleshooting.afterwards import AFTER
from keysteward.rules.troubleshooting.articles import Article, Cause
from keysteward.rules.troubleshooting.clues import Clues
from keysteward.rules.troubleshooting.facts import Facts
from keysteward.rules.troubleshooting.library import ARTICLES, article_of_refusal
from keysteward.rules.words import Environment

Bearing = Literal["so", "maybe", "not so"]

_MOST_FOUND = 4
_CODE, _SENTENCE, _DESCRIPTION, _SIGN, _ERROR_CODE, _ERROR, _HINT = 200, 70, 60, 50, 40, 20, 15
_RARE, _RARE_CODE = 3, 6  # a word that so few refusals share tells enough by itself
_LEAST = 30
_LEAST_WORDS = 12
_COMMON: tuple[str, ...] = (
    "consent-required",
    "issuer-not-found",
    "no-valid-keys-or-signatures",
    "user-not-found",
    "redirect-uri-not-registered",
    "invalid-client",
    "code-not-good",
    "refresh-not-good",
    "no-token",
    "bad-token",
    "not-a-member",
)
_ERRORS = Counter(kind.error for kind in ALL)
_ERROR_CODES = Counter(kind.error_code for kind in ALL)


class Likely(NamedTuple):
    """An article that may be about it, and how well it fits: more is better."""

    article: Article
    score: int


class Weighed(NamedTuple):
    """A cause, and what is known of it: it is so for this key, it may be, or it is not."""

    cause: Cause
    bearing: Bearing


def diagnose(clues: Clues, environment: Environment | None = None) -> list[Likely]:
    """The articles that a text points to, the likeliest first; none where nothing in it is known.

    What goes wrong after Go-Live is named beside, but where it happened in demo.
    """
    scores: Counter[str] = Counter()
    for kind in ALL:
        article, score = article_of_refusal(kind.code), _score(kind, clues)
        if article and score >= _LEAST:
            scores[article.code] = max(scores[article.code], score)
    for article in ARTICLES:
        is_after = article in AFTER
        if any(_says(clues, sign) for sign in article.signs) and not (is_after and environment == "demo"):
            scores[article.code] += _HINT if is_after else _SIGN
    if not scores:
        scores.update(_by_error_alone(clues))
    likely = [Likely(article, scores[article.code]) for article in ARTICLES if article.code in scores]
    return _best(likely)


def weigh(causes: Iterable[Cause], facts: Facts) -> list[Weighed]:
    """Causes with those first that are so for a key, and those last that are not."""
    weighed = [Weighed(cause, _bearing(cause, facts)) for cause in causes]
    ranks: tuple[Bearing, ...] = ("so", "maybe", "not so")
    return sorted(weighed, key=lambda each: ranks.index(each.bearing))


def _best(likely: list[Likely]) -> list[Likely]:
    """The best of them; the far weaker ones would only confuse."""
    ranked = sorted(likely, key=lambda each: (-each.score, _rank(each.article)))
    if not ranked:
        return []
    least = ranked[0].score // 2 if ranked[0].score < _CODE else _CODE - 1
    return [each for each in ranked if each.score > least or each.article in AFTER][:_MOST_FOUND]


def _score(kind: Kind, clues: Clues) -> int:
    """How much of what this refusal says stands in the text."""
    if kind.code in clues.codes:
        return _CODE
    score = 0
    if _pattern(kind.sentence).search(clues.words):
        score += _SENTENCE
    if kind.description and _says(clues, kind.description):
        score += _DESCRIPTION
    if _says(clues, kind.error):
        score += _ERROR if _ERRORS[kind.error] > _RARE else _LEAST
    if _says(clues, kind.error_code) and _ERROR_CODES[kind.error_code] <= _RARE_CODE:
        score += _ERROR_CODE
    return score


def _by_error_alone(clues: Clues) -> dict[str, int]:
    """What a bare invalid_grant may mean."""
    said = [kind for kind in ALL if kind.error != "invalid_request" and _says(clues, kind.error)]
    articles = filter(None, (article_of_refusal(kind.code) for kind in said))
    return {article.code: _ERROR for article in articles}


def _says(clues: Clues, text: str) -> bool:
    """Whether a text stands in the words, not as a part of a longer one."""
    position, wanted = -1, text.lower()
    while (position := clues.words.find(wanted, position + 1)) >= 0:
        before, behind = clues.words[position - 1 : position], clues.words[position + len(wanted) :][:1]
        if not (_joins(before) or _joins(behind)) or not wanted.replace("_", "").isalnum():
            return True
    return False


def _joins(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    """A sentence, whatever was filled into it; one of which too little is left matches nothing."""
    words = [part for part, _, _, _ in Formatter().parse(sentence.lower())]
    if len("".join(words).strip()) < _LEAST_WORDS:
        return re.compile(r"(?!)")
    return re.compile(".{0,200}?".join(map(re.escape, words)))


def _bearing(cause: Cause, facts: Facts) -> Bearing:
    if cause.when is None or facts.app is None:
        return "maybe"
    return "so" if cause.when(facts) else "not so"


def _rank(article: Article) -> int:
    return _COMMON.index(article.code) if article.code in _COMMON else len(_COMMON)
