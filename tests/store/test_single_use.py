"""Has everything that may happen once exactly one winner of a hundred?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from keysteward.actions.context import Context
from keysteward.rules.golive import Review
from keysteward.rules.grants import Code
from keysteward.rules.tokens import Family
from keysteward.store import golive, keys, promotion, signin, tokens
from keysteward.store.database import Connection
from keysteward.store.promotion import PromotionRow, TicketRow
from tests.cast import ADA, BO, CALLBACK, START, Made
from tests.racing import at_once

Use = Callable[[Connection, int], bool]
LATER = START + timedelta(hours=1)
TICKET = "71c4e700-0000-4000-8000-000000000001"
REVIEW = Review("4e71e300-0000-4000-8000-000000000001", "", START, ADA.demo, ADA.email, 0, 1)


def a_code(tx: Connection, key: str) -> Use:
    """A code."""
    code = Code(key, ADA.demo, ("signature",), CALLBACK, None, None, "family", START, LATER, 1)
    tokens.save_code(tx, "digest", code)
    return lambda tx, _: tokens.burn_code(tx, "digest", START)


def a_family(tx: Connection, key: str) -> Use:
    """A token family, which dies once."""
    tokens.save_family(tx, Family("family", key, ADA.demo, frozenset({"signature"}), False, START, LATER, 1))
    return lambda tx, number: tokens.kill_family(tx, "family", f"reason {number}", START)


def a_refresh_token(tx: Connection, key: str) -> Use:
    """A refresh token."""
    a_family(tx, key)
    tokens.save_refresh_token(tx, "digest", tokens.RefreshToken("family", START, LATER, None))
    return lambda tx, _: tokens.burn_refresh_token(tx, "digest", START)


def an_assertion(tx: Connection, key: str) -> Use:
    """The id of an assertion."""
    del tx
    return lambda tx, _: tokens.burn_assertion(tx, key, "jti", LATER)


def a_form(tx: Connection, key: str) -> Use:
    """A form that is sent again and again."""
    del tx, key
    return lambda tx, _: signin.burn_nonce(tx, "nonce", START)


def a_review(tx: Connection, key: str) -> Use:
    """A verdict."""
    golive.save_review(tx, replace(REVIEW, key=key), 1)
    verdict = replace(REVIEW, key=key, settled_at=START, verdict="passed")
    return lambda tx, _: golive.settle_review(tx, verdict)


def a_handle(tx: Connection, key: str) -> Use:
    """A handle."""
    golive.save_review(tx, replace(REVIEW, key=key), 1)
    promotion.save_ticket(tx, TicketRow(TICKET, "digest", key, REVIEW.id, ADA.demo, ADA.email, None, START, LATER))
    return lambda tx, _: promotion.burn_handle(tx, TICKET, START)


def a_receipt(tx: Connection, key: str) -> Use:
    """The arrival of a receipt."""
    a_handle(tx, key)
    return lambda tx, _: promotion.mark_received(tx, TICKET, START)


def a_ticket_kept(tx: Connection, key: str) -> Use:
    """A ticket that is fetched by many at once."""
    del tx
    return lambda tx, _: promotion.save_promotion(tx, PromotionRow("digest", TICKET, key, "paper", START, LATER))


def a_promotion(tx: Connection, key: str) -> Use:
    """A ticket that is burnt."""
    promotion.save_promotion(tx, PromotionRow("digest", TICKET, key, "paper", START, LATER))
    return lambda tx, number: promotion.finish_promotion(tx, "digest", key, f"receipt {number}", START)


def a_claim(tx: Connection, key: str) -> Use:
    """A promotion that a hundred people bring."""
    promotion.save_promotion(tx, PromotionRow("digest", TICKET, key, "paper", START, LATER))
    return lambda tx, number: promotion.claim_promotion(tx, "digest", f"person {number}")


def a_version(tx: Connection, key: str) -> Use:
    """A version of an app that many saw and each of them changes."""
    app = keys.find(tx, key)
    assert app is not None
    return lambda tx, number: keys.change(tx, replace(app, name=f"name {number}"))


def a_redirect_uri(tx: Connection, key: str) -> Use:
    """A redirect URI that is registered by many at once."""
    del tx
    return lambda tx, _: keys.add_redirect_uri(tx, key, "https://app.example.com/new", START)


ONCE = [a_code, a_family, a_refresh_token, an_assertion, a_form, a_review, a_handle, a_receipt, a_ticket_kept,
        a_promotion, a_claim, a_version, a_redirect_uri]  # fmt: skip


@pytest.mark.parametrize("prepare", ONCE, ids=lambda prepare: prepare.__name__)
def test_one_of_a_hundred_wins(demo: Context, made: Made, prepare: Callable[[Connection, str], Use]) -> None:
    """Of a hundred transactions at once that use the same thing, one is told True, and none fails."""
    with demo.database.writing() as tx:
        use = prepare(tx, made.key)

    def deed(number: int) -> bool:
        with demo.database.writing() as tx:
            return use(tx, number)

    answers, refused = at_once(deed)

    assert (answers.count(True), answers.count(False), refused) == (1, 99, [])


def test_a_claim_may_be_repeated_by_whoever_made_it(demo: Context, made: Made) -> None:
    """The person who brought a promotion first brings it again; nobody else does."""
    with demo.database.writing() as tx:
        a_claim(tx, made.key)
        answers = [promotion.claim_promotion(tx, "digest", person.demo) for person in (ADA, ADA, BO, ADA)]

    assert answers == [True, True, False, True]


def test_a_newer_handle_replaces_the_older_ones_of_its_key(demo: Context, made: Made) -> None:
    """Only the newest handle of a key can be used; one that was exchanged before stays exchanged."""
    with demo.database.writing() as tx:
        golive.save_review(tx, replace(REVIEW, key=made.key), 1)
        for number in range(3):
            promotion.save_ticket(
                tx,
                TicketRow(
                    f"ticket {number}", f"digest {number}", made.key, REVIEW.id, ADA.demo, ADA.email, None, START, LATER
                ),
            )
        answers = [promotion.burn_handle(tx, f"ticket {number}", START) for number in range(3)]

    assert answers == [False, False, True]


def test_what_is_not_there_is_not_used(demo: Context) -> None:
    """Using what never was is told False."""
    with demo.database.writing() as tx:
        answers = [
            tokens.burn_code(tx, "x", START),
            tokens.burn_refresh_token(tx, "x", START),
            tokens.kill_family(tx, "x", "", START),
            promotion.burn_handle(tx, "x", START),
            promotion.finish_promotion(tx, "x", "", "", START),
        ]

    assert answers == [False] * 5
