"""Which article is about what?

SHELVES holds every article. A refusal and a review rule have exactly one each, or a test fails.
"""

from collections.abc import Mapping
from typing import NamedTuple

from keysteward.rules.refusals import ALL, Kind
from keysteward.rules.troubleshooting.afterwards import AFTER
from keysteward.rules.troubleshooting.approvals import APPROVALS
from keysteward.rules.troubleshooting.apps import APPS
from keysteward.rules.troubleshooting.articles import Article, filled
from keysteward.rules.troubleshooting.assertions import ASSERTIONS
from keysteward.rules.troubleshooting.calls import CALLS
from keysteward.rules.troubleshooting.gateways import GATEWAYS
from keysteward.rules.troubleshooting.going_live import GO_LIVE
from keysteward.rules.troubleshooting.members import MEMBERS
from keysteward.rules.troubleshooting.organizations import ORGANIZATIONS
from keysteward.rules.troubleshooting.pages import PAGES
from keysteward.rules.troubleshooting.people import PEOPLE
from keysteward.rules.troubleshooting.replacements import REPLACEMENTS
from keysteward.rules.troubleshooting.requests import REQUESTS
from keysteward.rules.troubleshooting.scim import SCIM
from keysteward.rules.troubleshooting.sealed import SEALED
from keysteward.rules.troubleshooting.standing import STANDING
from keysteward.rules.troubleshooting.tokens import TOKENS
from keysteward.rules.troubleshooting.transfers import TRANSFERS
from keysteward.rules.troubleshooting.webhooks import WEBHOOKS
from keysteward.rules.troubleshooting.wire import WIRE


class Shelf(NamedTuple):
    """Articles that stand together, under the heading of the help."""

    title: str
    articles: tuple[Article, ...]


SHELVES: tuple[Shelf, ...] = (
    Shelf("Go-Live", GO_LIVE),
    Shelf("After Go-Live", AFTER),
    Shelf("Approval, proof and packs of rules", APPROVALS),
    Shelf("Transfers", TRANSFERS),
    Shelf("Replacements and recovery contacts", REPLACEMENTS),
    Shelf("Sealed credentials and drills", SEALED),
    Shelf("JWT grant", ASSERTIONS),
    Shelf("Codes, refresh tokens and secret keys", TOKENS),
    Shelf("Consent and redirects", PAGES),
    Shelf("Calls", CALLS),
    Shelf("Network and TLS", WIRE),
    Shelf("Apps and Keys", APPS),
    Shelf("Signing in", PEOPLE),
    Shelf("Accounts and users", MEMBERS),
    Shelf("What you may do", STANDING),
    Shelf("Organizations", ORGANIZATIONS),
    Shelf("Directories (SCIM)", SCIM),
    Shelf("Webhooks", WEBHOOKS),
    Shelf("Requests", REQUESTS),
    Shelf("Gateways and the server", GATEWAYS),
)
ARTICLES: tuple[Article, ...] = tuple(article for shelf in SHELVES for article in shelf.articles)
ANY_RULE_OF_A_PACK = "rule-of-a-pack"

_BY_CODE: Mapping[str, Article] = {article.code: article for article in ARTICLES}
_BY_REFUSAL: Mapping[str, Article] = {code: article for article in ARTICLES for code in article.explains}
_BY_RULE: Mapping[str, Article] = {code: article for article in ARTICLES for code in article.finds}
KINDS: Mapping[str, Kind] = {kind.code: kind for kind in ALL}


def article_named(code: str) -> Article | None:
    """The article of a code of its own."""
    return _BY_CODE.get(code)


def article_of_refusal(code: str) -> Article | None:
    """The article that explains a refusal."""
    return _BY_REFUSAL.get(code)


def article_of_rule(code: str) -> Article:
    """The article about a rule of a review; the rules of packs share one, for only their makers know more."""
    return _BY_RULE.get(code) or _BY_CODE[ANY_RULE_OF_A_PACK]


def search(words: str) -> list[Shelf]:
    """The articles that hold every one of these words, those whose title or codes do first; no words find all."""
    wanted = words.lower().split()
    found = []
    for shelf in SHELVES:
        ranked = sorted((_misses(article, wanted), article.code, article) for article in shelf.articles)
        hits = tuple(article for misses, _, article in ranked if misses is not _ABSENT)
        if hits:
            found.append(Shelf(shelf.title, hits if wanted else shelf.articles))
    return sorted(found, key=lambda shelf: _misses(shelf.articles[0], wanted)) if wanted else found


def titled(words: str) -> list[Article]:
    """The articles whose title has every one of these words."""
    wanted = words.casefold().split()
    return [article for article in ARTICLES if all(word in article.title.casefold() for word in wanted)]


_ABSENT = 1_000_000


def _misses(article: Article, wanted: list[str]) -> int:
    """How many of the words stand only further below; _ABSENT where one stands nowhere."""
    head, whole = _head(article), _whole(article)
    if any(word not in whole for word in wanted):
        return _ABSENT
    return sum(word not in head for word in wanted)


def _head(article: Article) -> str:
    return " ".join((article.code, article.title, *article.explains, *article.finds)).lower()


def _whole(article: Article) -> str:
    """All words of an article, and those in which its refusals are said."""
    kinds = [KINDS[code] for code in article.explains if code in KINDS]
    said = [f"{kind.error} {kind.description or ''} {kind.error_code} {kind.sentence}" for kind in kinds]
    causes = [f"{cause.how} {cause.fix} {filled(cause.shows, {})}" for cause in article.causes]
    return " ".join((_head(article), article.means, *article.signs, *causes, *said)).lower()
