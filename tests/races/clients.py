"""Who races over what a client proves, gives back and learns, and over the keys that sign?"""

from collections import Counter
from collections.abc import Generator
from datetime import timedelta

from keysteward.actions import clients, revocation, signing_keys, tokens
from keysteward.crypto.signing import take_apart
from keysteward.rules.clients import Credentials
from tests.cast import SAM
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns
from tests.races.grants import is_alive

Story = Generator[Runner, Came, None]


def proof(on: Ground) -> Credentials:
    """An assertion that proves the app, once."""
    said = on.town.assertion(on.demo, on.made, None, sub=on.key, jti="one", scope=None)
    return Credentials("", None, "assertion", said)


@race(clients.authenticate, clients.demand_authenticated)
def an_assertion_proves_a_client_once(on: Ground) -> Story:
    """Of a hundred who show one assertion one is believed."""
    shown = proof(on)
    came = yield taking_turns(
        lambda _: clients.authenticate(on.demo, shown), lambda _: clients.demand_authenticated(on.demo, shown)
    )

    assert came.once("invalid-client").app.key == on.key


@race(clients.burn_assertion)
def the_id_of_an_assertion_is_used_once(on: Ground) -> Story:
    """Whatever it was for."""
    jwt = take_apart(proof(on).unverified_assertion)
    came = yield lambda _: clients.burn_assertion(on.demo, on.made.app, jwt)

    came.once("assertion-reused")


@race(revocation.revoke)
def a_token_is_given_back_once(on: Ground) -> Story:
    """A hundred who give back the tokens of one sign-in end its family once, and the access token once at most."""
    answer = on.town.sign_in_with(on.demo, on.made, SAM)
    came = yield taking_turns(
        lambda _: revocation.revoke(on.demo, on.made.credentials, answer.refresh_token or ""),
        lambda _: revocation.revoke(on.demo, on.made.credentials, answer.access_token),
    )

    assert (len(came.answers), came.refusals) == (100, Counter())
    assert (events_of(on.demo, "FamilyKilled"), events_of(on.demo, "TokenRevoked")) == (1, 1)
    assert not is_alive(on, answer.access_token)


@race(revocation.revoke, tokens.refresh)
def nothing_comes_after_what_was_given_back(on: Ground) -> Story:
    """Whoever refreshes while the client gives the family back holds nothing that works afterwards."""
    answer = on.town.sign_in_with(on.demo, on.made, SAM)

    def deed(number: int) -> object:
        if number == 50:
            revocation.revoke(on.demo, on.made.credentials, answer.refresh_token or "")
            return None
        return tokens.refresh(on.demo, on.made.credentials, answer.refresh_token or "", None)

    came = yield deed

    assert set(came.refusals) <= {"refresh-not-good"}
    issued = [each.access_token for each in came.answers if each is not None]
    assert [token for token in (answer.access_token, *issued) if is_alive(on, token)] == []


@race(revocation.introspect)
def looking_changes_nothing(on: Ground) -> Story:
    """A hundred who ask what one token is worth are told the same; one assertion asks once."""
    answer = on.town.sign_in_with(on.demo, on.made, SAM)
    shown = proof(on)
    came = yield taking_turns(
        lambda _: revocation.introspect(on.demo, on.made.credentials, answer.access_token),
        lambda _: revocation.introspect(on.demo, shown, answer.access_token),
    )

    assert len(set(came.answers)) == 1
    assert came.refusals == Counter({"invalid-client": 49})


@race(signing_keys.rotate, times=20)
def one_key_waits_at_a_time(on: Ground) -> Story:
    """Of many who rotate the signing keys at once one does."""
    came = yield lambda _: signing_keys.rotate(on.demo, timedelta(minutes=1))

    came.once("rotation-under-way")


@race(signing_keys.distrust, times=20)
def one_key_steps_in(on: Ground) -> Story:
    """Of many who distrust the key that signs at once one makes another, and all are told which."""
    stolen = signing_keys.list_keys(on.demo)[0].life.kid
    came = yield lambda _: signing_keys.distrust(on.demo, stolen, "Olga", "A laptop was lost.")

    kept = {each.life.kid: each.signs for each in signing_keys.list_keys(on.demo)}
    (new,) = kept.keys() - {stolen}
    assert (kept, came.refusals) == ({stolen: False, new: True}, Counter())
    assert Counter(came.answers) == Counter({(new, True): 1, (new, False): 19})
