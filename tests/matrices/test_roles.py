"""Does everybody see what is theirs, and nothing of anybody else?"""

import pytest

from keysteward.twin import cast
from tests.attacks.scene import UNKNOWN
from tests.attacks.wire import Reply
from tests.matrices.estate import ADA, DANA, OLIVE, SAM, Estate, Said, is_refused, same
from tests.matrices.guards import MEANINGS, MOUNTS, OF_ADMINS_TOO, Ask, Guard, asks, guard_of, mounts

ASKS = asks()


def guarded(*guards: Guard) -> list[Ask]:
    """The routes that some of the guards stand before, but for addresses of forms, which lead home."""
    return [ask for ask in ASKS if guard_of(ask.path) in guards and not ask.leads_home]


def every(asked: list[Ask]) -> pytest.MarkDecorator:
    """A test for each of them."""
    return pytest.mark.parametrize("ask", asked, ids=str)


def test_every_route_has_its_guard() -> None:
    """A route that nobody classified would be in neither matrix."""
    missing = sorted({ask.path for ask in ASKS if guard_of(ask.path) is None})
    choices = "\n".join(f"  {guard!r}: {meaning}" for guard, meaning in MEANINGS.items())

    assert missing == [], f"add each to BELOW (or EXACT) of tests/matrices/guards.py with one of:\n{choices}"
    assert mounts() == set(MOUNTS), "name what answers below it in MOUNTS of tests/matrices/guards.py"


def test_every_guard_is_judged() -> None:
    """Each class of routes has its test below, and each route its class."""
    judged = [*guarded("nobody"), *guarded("way in"), *guarded("token"), *guarded("member"), *guarded("organization")]
    judged += [*guarded("session"), *guarded("in use"), *guarded("account", "key"), *guarded("council")]
    judged += guarded("operator")
    judged += [ask for ask in ASKS if ask.leads_home]

    assert sorted(map(str, judged)) == sorted(map(str, ASKS))


@every(guarded("nobody"))
def test_what_is_for_everybody(estate: Estate, ask: Ask) -> None:
    """Being signed in, or holding a token, changes nothing but the name at the head of a page."""
    target = estate.target("demo", ask)
    nobody = estate.ask("demo", ask, target)

    for email in (SAM, ADA):
        for headers in ({"Cookie": estate.session_of(email)}, {"Authorization": f"Bearer {estate.token_of(email)}"}):
            reply = estate.ask("demo", ask, target, **headers)
            assert (reply.status, reply.location) == (nobody.status, nobody.location)
            assert same(reply) == same(nobody) or "text/html" in reply.headers["Content-Type"]


@every(guarded("way in"))
def test_what_is_for_people_on_their_way_in(estate: Estate, ask: Ask) -> None:
    """Nobody needs to be somebody, and a cookie that is none is nobody's."""
    target = estate.target("demo", ask)
    invented = "__Host-ks-demo=ksw_" + "A" * 49

    assert same(estate.ask("demo", ask, target, Cookie=invented)) == same(estate.ask("demo", ask, target))


@every([ask for ask in ASKS if ask.leads_home])
def test_the_address_of_a_form(estate: Estate, ask: Ask) -> None:
    """Opened by GET it leads to its page, whoever asks, and tells nothing."""
    target = estate.target("demo", ask)
    nobody = same(estate.ask("demo", ask, target))

    assert nobody.status == 303
    assert same(estate.ask("demo", ask, target, Cookie=estate.session_of(DANA))) == nobody


def by_token(estate: Estate, ask: Ask, email: str, target: str) -> Reply:
    """What somebody's app is answered."""
    return estate.ask("demo", ask, target, Authorization=f"Bearer {estate.token_of(email)}")


def by_session(estate: Estate, ask: Ask, email: str, target: str) -> Reply:
    """What somebody is answered in the console."""
    return estate.ask("demo", ask, target, Cookie=estate.session_of(email))


@every(guarded("token"))
def test_what_needs_a_token(estate: Estate, ask: Ask) -> None:
    """No token, no answer; a session is none. What a user does not have is not there."""
    target = estate.target("demo", ask)

    assert estate.ask("demo", ask, target).status == 401
    assert by_session(estate, ask, ADA, target).status == 401
    assert by_token(estate, ask, SAM, target).status == (404 if "{id}" in ask.path else 200)


@every(guarded("member"))
def test_what_needs_a_member(estate: Estate, ask: Ask) -> None:
    """Members of the account, admins or not; to others the account is as absent as one that does not exist."""
    target, unknown = estate.target("demo", ask), estate.target("demo", ask, account=UNKNOWN)

    assert estate.ask("demo", ask, target).status == 401
    assert [by_token(estate, ask, email, target).status for email in (SAM, ADA)] == [200, 200]
    stranger = by_token(estate, ask, DANA, target)
    assert stranger.status in {400, 401, 403, 404}
    assert same(stranger) == same(by_token(estate, ask, DANA, unknown)) == same(by_token(estate, ask, ADA, unknown))


@every(guarded("organization"))
def test_what_needs_an_admin_of_the_organization(estate: Estate, ask: Ask) -> None:
    """To members and strangers alike it is as absent as one that does not exist."""
    target, unknown = estate.target("demo", ask), estate.target("demo", ask, organization=UNKNOWN)
    absent = by_token(estate, ask, ADA, unknown)

    assert estate.ask("demo", ask, target).status == 401
    assert by_token(estate, ask, ADA, target).status == 200
    assert same(by_token(estate, ask, SAM, target)) == same(by_token(estate, ask, DANA, target)) == same(absent)
    assert absent.status == 404


@every(guarded("session"))
def test_what_needs_somebody(estate: Estate, ask: Ask) -> None:
    """Whoever is signed in, and what is somebody else's is as absent as what does not exist."""
    adas = estate.target("demo", ask, id=estate.token_id_of(ADA))
    unknown = estate.target("demo", ask, key=UNKNOWN, user=UNKNOWN, id=UNKNOWN)

    assert is_refused(estate.ask("demo", ask, adas))
    mine = by_session(estate, ask, SAM, adas)
    assert not is_refused(mine)
    assert "{" not in ask.path or same(mine) == same(by_session(estate, ask, SAM, unknown))


@every(guarded("in use"))
def test_what_needs_an_admin_of_the_account_in_use(estate: Estate, ask: Ask) -> None:
    """A member is told who can do it; an admin does it, and sees nothing of other accounts."""
    target = estate.target("demo", ask, user="d0000000-0000-4000-8000-0000000000e4")
    unknown = estate.target("demo", ask, key=UNKNOWN, user=UNKNOWN)

    assert is_refused(estate.ask("demo", ask, target))
    assert by_session(estate, ask, SAM, target).status == 403
    stranger = by_session(estate, ask, DANA, target)
    assert "{" not in ask.path or same(stranger) == same(by_session(estate, ask, DANA, unknown))
    admin = by_session(estate, ask, ADA, target)
    assert (is_refused(admin), admin.status != 403) == (False, True)


@every(guarded("council"))
def test_what_needs_an_admin_of_the_organization_in_the_console(estate: Estate, ask: Ask) -> None:
    """To members and strangers alike it is as absent as one that does not exist."""
    target, unknown = estate.target("demo", ask), estate.target("demo", ask, organization=UNKNOWN)

    assert is_refused(estate.ask("demo", ask, target))
    for email in (DANA, SAM):
        assert same(by_session(estate, ask, email, target)) == same(by_session(estate, ask, email, unknown))
        assert by_session(estate, ask, email, target).status == 404
    admin = by_session(estate, ask, ADA, target)
    assert (is_refused(admin), admin.status != 403) == (False, True)


@every(guarded("operator"))
def test_what_needs_an_operator(estate: Estate, ask: Ask) -> None:
    """To admins and strangers alike every review is as absent as one that does not exist; being an admin is nothing."""
    target, unknown = estate.target("demo", ask), estate.target("demo", ask, id=UNKNOWN)

    assert is_refused(estate.ask("demo", ask, target))
    for email in (DANA, SAM, ADA):
        assert same(by_session(estate, ask, email, target)) == same(by_session(estate, ask, email, unknown))
        assert by_session(estate, ask, email, target).status == 403
    operator = by_session(estate, ask, OLIVE, target)
    if ask.method == "GET":
        assert operator.status == (404 if {"{id}", "{number}"} & set(ask.path.split("/")) else 200)
    assert (is_refused(operator), operator.status == 403) == (False, str(ask) in OF_ADMINS_TOO)


@every(guarded("account", "key"))
def test_what_needs_an_admin(estate: Estate, ask: Ask) -> None:
    """Nobody is asked who they are; a member is told who can; strangers cannot tell it from what does not exist."""
    target = estate.target("demo", ask, key=estate.new_key())
    unknown = estate.target("demo", ask, key=UNKNOWN, account=UNKNOWN)
    stranger, member = by_session(estate, ask, DANA, target), by_session(estate, ask, SAM, target)
    another = by_session(estate, ask, DANA, unknown)
    admin = by_session(estate, ask, ADA, target)

    assert is_refused(estate.ask("demo", ask, target))
    assert same(stranger) == same(another)
    assert (stranger.status, member.status) in {(404, 403), (409, 409)}, f"give {ask} what it needs in SENT"
    assert (is_refused(admin), admin.status != 403) == (False, True)
    names_more = not {"{id}", "{number}"}.isdisjoint(ask.path.split("/"))
    assert admin.status != 404 or names_more or same(admin) != same(by_session(estate, ask, ADA, unknown))


@every([ask for ask in guarded("key") if "{id}" in ask.path])
def test_what_hangs_on_another_key(estate: Estate, ask: Ask) -> None:
    """Named below a key of one's own, another key's secret, keypair or review is as absent as one that never was."""
    own = estate.new_key()

    def found(thing: str) -> Said:
        return same(by_session(estate, ask, ADA, estate.target("demo", ask, key=own, id=thing)))

    assert {found(thing) for thing in estate.things_of(cast.TOOLBOX)} == {found(UNKNOWN)}
