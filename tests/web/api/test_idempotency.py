"""Does what is sent twice happen once?"""

import pytest
from sqlalchemy import select

from keysteward.actions import accounts, idempotency
from keysteward.actions.idempotency import Answer
from keysteward.rules.access import READ_KEYS, WRITE_KEYS
from keysteward.rules.refusals import IDEMPOTENCY_KEY_IN_USE, Refusal
from keysteward.store.tables import idempotency_keys
from tests.cast import ACME, ADA, BO, Town, refused
from tests.peers.databases import on_both
from tests.racing import at_once
from tests.web.api.program import House, refusal_in

KEYS = f"/accounts/{ACME.demo}/keys"
NEW = {"name": "Invoices", "contact": "team@acme.example"}
ONCE = {"Idempotency-Key": "order-1"}


def test_the_same_request_is_answered_the_same(house: House) -> None:
    """Body, status and headers come again, and there is one app."""
    ada = house.program()
    first, second = (ada.ask("POST", KEYS, NEW, headers=ONCE) for _ in range(2))

    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert first.headers["Location"] == second.headers["Location"]
    assert first.headers["ETag"] == second.headers["ETag"]
    assert [key["name"] for key in ada.get(KEYS)["keys"]].count("Invoices") == 1


def test_a_secret_comes_again_and_is_sealed_meanwhile(house: House) -> None:
    """The one who lost the answer gets the value again; the database does not hold it in the clear."""
    ada, secrets = house.program(), f"/keys/{house.made.key}/secrets"
    values = {ada.make(secrets, {}, **ONCE)["value"] for _ in range(3)}
    with house.town.demo.database.reading() as tx:
        kept = tx.execute(select(idempotency_keys)).one()

    assert len(values) == 1
    assert values.pop().encode() not in kept.answer_sealed
    assert ONCE["Idempotency-Key"] not in kept.digest


@pytest.mark.parametrize(
    ("path", "body"),
    [("/keypairs", {}), ("/reviews", {})],
)
def test_what_makes_something_takes_a_key(house: House, path: str, body: object) -> None:
    """Keypairs and reviews, too, are made once."""
    ada = house.program()
    first, second = (ada.make(f"/keys/{house.made.key}{path}", body, **ONCE) for _ in range(2))

    assert first == second


def test_another_request_under_the_same_key_is_refused(house: House) -> None:
    """Another body and another path are other requests; spaces in the JSON are not."""
    ada = house.program()
    ada.make(KEYS, NEW, **ONCE)
    reused = (422, "idempotency-key-reused", "Idempotency-Key")
    spaced = b'{"contact": "team@acme.example",  "name": "Invoices"}'

    assert ada.refused("POST", KEYS, NEW | {"name": "Other"}, headers=ONCE) == reused
    assert ada.refused("POST", f"/keys/{house.made.key}/secrets", {}, headers=ONCE) == reused
    assert ada.ask("POST", KEYS, data=spaced, headers=ONCE).status_code == 201


def test_keys_of_different_people_do_not_meet(house: House) -> None:
    """The same key of another admin, and of a token that may do less, is another key."""
    ada, bo = house.program(), house.program(BO)
    secrets = f"/keys/{house.made.key}/secrets"
    made = ada.make(secrets, {}, **ONCE)
    reader = house.program(permissions=frozenset({READ_KEYS}))

    assert bo.make(secrets, {}, **ONCE)["id"] != made["id"]
    assert reader.refused("POST", secrets, {}, headers=ONCE) == (403, "token-lacks-permission", "")
    assert house.program().make(secrets, {}, **ONCE) == made


def test_a_token_that_only_writes_is_answered_again(house: House) -> None:
    """Whoever may create a key may ask again what it was, though they may not look at it."""
    writer = house.program(permissions=frozenset({WRITE_KEYS}))

    assert writer.make(KEYS, NEW, **ONCE) == writer.make(KEYS, NEW, **ONCE)


def test_a_refused_request_may_be_sent_again(house: House) -> None:
    """A refusal is not kept: once its reason is gone, the same request goes through."""
    ada, secrets = house.program(), f"/keys/{house.made.key}/secrets"
    ada.ask("DELETE", f"/keys/{house.made.key}")
    assert ada.refused("POST", secrets, {}, headers=ONCE) == (409, "key-deleted", "")
    ada.ask("POST", f"/keys/{house.made.key}/restorations")

    assert ada.make(secrets, {}, **ONCE)["value"].startswith("kss_")


def test_a_key_is_forgotten_after_a_day(house: House) -> None:
    """After 24 hours the same key makes something new, and the old answer is gone."""
    ada, secrets = house.program(), f"/keys/{house.made.key}/secrets"
    made = ada.make(secrets, {}, **ONCE)
    house.town.clock.advance(hours=24)
    assert ada.make(secrets, {}, **ONCE) == made
    house.town.clock.advance(seconds=1)

    assert ada.make(secrets, {}, **ONCE)["id"] != made["id"]


@on_both
def test_many_at_once_make_one(house: House) -> None:
    """Of thirty programs that send the same request together, none makes a second secret key."""
    secrets = f"/keys/{house.made.key}/secrets"
    programs = [house.program(permissions=frozenset({WRITE_KEYS})) for _ in range(30)]
    answers, _ = at_once(lambda number: programs[number].ask("POST", secrets, {}, headers=ONCE), 30)
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    others = {refusal_in(answer) for answer in answers if answer.status_code != 201}

    assert len(made) == 1
    assert others <= {(409, "idempotency-key-in-use", "Idempotency-Key")}
    assert len(house.program().get(secrets)["secrets"]) == 2


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "\xe9"], ids=["empty", "a space", "too long", "an accent"])
def test_a_key_that_cannot_be_one_is_refused(house: House, key: str) -> None:
    """A key is 1 to 255 visible ASCII characters."""
    headers = {"Idempotency-Key": key.encode("latin-1")}

    assert house.program().refused("POST", KEYS, NEW, headers=headers) == (400, "malformed", "Idempotency-Key")


def test_a_deed_that_was_cut_off_is_not_repeated(town: Town) -> None:
    """Nobody knows whether it took effect, so the key stays in use and the refusal says what to do."""
    asked = (town.demo, town.actor(ADA), "order-1", "POST /somewhere {}")

    def fail() -> Answer:
        raise RuntimeError("the power failed")

    with pytest.raises(RuntimeError):
        idempotency.once(*asked, fail, list)
    with refused(IDEMPOTENCY_KEY_IN_USE):
        idempotency.once(*asked, lambda: Answer(201, {}, b"{}"), list)
    assert "use a new key" in Refusal(IDEMPOTENCY_KEY_IN_USE).next_step


def test_who_lost_their_standing_hears_nothing_again(house: House) -> None:
    """An admin who left the account is refused, not told the kept answer."""
    ada, secrets = house.program(), f"/keys/{house.made.key}/secrets"
    ada.make(secrets, {}, **ONCE)
    accounts.close_membership(house.town.demo, ACME.demo, ADA.demo, BO.email)

    assert ada.refused("POST", secrets, {}, headers=ONCE) == (404, "no-such-key", "")
