"""What is known of accounts that custody is judged by, with what only reviews and papers tell of their keys?"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from keysteward.actions.context import Context
from keysteward.crypto.papers import kept_ticket
from keysteward.rules.custody.inventory import Inventory, KeyFacts
from keysteward.rules.golive import Review, is_expired
from keysteward.store import inventories
from keysteward.store.database import Connection


def facts_of(
    ctx: Context, tx: Connection, accounts: Collection[str], acted_for: Collection[str] | None = None
) -> Inventory:
    """The facts of some accounts, a hundred at most at once; see `inventories.of_accounts`."""
    inventory = inventories.of_accounts(tx, accounts, ctx.environment, ctx.now, acted_for)
    if ctx.environment == "demo":
        reviews = inventories.list_newest_reviews(tx, accounts)
        return replace(inventory, keys=tuple(_with_review(ctx, key, reviews) for key in inventory.keys))
    papers = inventories.list_papers(tx, accounts)
    return replace(inventory, keys=tuple(_compared(key, papers.get(key.key)) for key in inventory.keys))


def _with_review(ctx: Context, key: KeyFacts, reviews: Mapping[str, Review]) -> KeyFacts:
    """Until when a pass may be used that was not used yet."""
    review = None if key.live else reviews.get(key.key)
    usable = review is not None and review.passed_at is not None and not is_expired(review, ctx.now, ctx.policy)
    return replace(key, review_ends_at=review.expires_at(ctx.policy)) if review and usable else key


def _compared(key: KeyFacts, paper: str | None) -> KeyFacts:
    """Which of a key's keypairs demo had when the key came here."""
    in_demo = set(kept_ticket(paper).sheet.thumbprints) if paper else set()
    found = tuple(replace(each, in_both=each.fingerprint in in_demo) for each in key.credentials)
    return replace(key, credentials=found) if in_demo else key
