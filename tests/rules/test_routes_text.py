"""Are routes read as they were written, and does a wrong one say what to do?"""

import json
from datetime import timedelta

import pytest

from keysteward.rules.numbers import loosened
from keysteward.rules.policy import DEFAULT
from keysteward.rules.policy_text import read, recall, write
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.routing import Route

PLAIN: dict[str, object] = {"name": "orders", "path": "/orders/{account}/**", "upstream": "http://api"}
WHOLE: dict[str, object] = PLAIN | {
    "scopes": ["signature", "orders"], "countable": False, "polled": True, "any_case": True, "audience": "the orders",
    "operation_header": "SOAPAction", "connect": "1s", "silence": "5m", "why_not": "orders do not count",
}  # fmt: skip


def test_a_route_says_three_things_and_has_defaults() -> None:
    """Name, path and upstream are enough, and only what differs from the defaults is written down again."""
    policy = read({"routes": [PLAIN]}, DEFAULT)

    assert policy.routes == (Route("orders", "/orders/{account}/**", "http://api"),)
    assert write(policy)["routes"] == [PLAIN]


def test_a_route_may_say_everything() -> None:
    """Every field survives being written, as JSON too, and read from a file or the database."""
    policy = read({"routes": [WHOLE]}, DEFAULT)
    document = json.loads(json.dumps(write(policy)))

    assert document["routes"] == [WHOLE]
    assert policy.routes[0].silence == timedelta(minutes=5)
    assert recall(document, 3).routes == read(document, DEFAULT).routes == policy.routes
    assert read({"routes": []}, policy).routes == ()


UPSTREAMS = [
    "https://api.example",
    "http://10.0.0.7:8080",
    "http://[::1]:8080",
    "https://api/base/v1",
    "sample",
    "keysteward",
]


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_an_upstream_is_an_address_or_a_word(upstream: str) -> None:
    """Host, port and a path before what is called; a slash at its end changes nothing."""
    for said in {upstream, upstream + "/"} if "//" in upstream else {upstream}:
        assert read({"routes": [PLAIN | {"upstream": said}]}, DEFAULT).routes[0].upstream == upstream


WRONG: list[tuple[object, str]] = [
    ("orders", "a list of tables with name, path and upstream"),
    (["orders"], "route 1: say name, path and upstream, and where you like scopes, countable"),
    ([{"name": "orders", "path": "/orders"}], "route 1: say name, path and upstream"),
    ([PLAIN | {"polls": True}], "route 1: say name, path and upstream"),
    ([PLAIN | {"name": "Orders"}], "route 1 (Orders): a name is 1 to 50 small letters"),
    ([PLAIN | {"path": 7}], "route 1 (orders): a path is text"),
    ([PLAIN | {"path": "orders"}], "a path begins with /"),
    ([PLAIN | {"path": "/**"}], "a path begins with a word"),
    ([PLAIN | {"path": "/orders/*.json"}], "*.json is no segment"),
    ([PLAIN | {"upstream": "api:8080"}], "an upstream is an address such as https://"),
    ([PLAIN | {"upstream": "https://user:pass@api"}], "an upstream is an address"),
    ([PLAIN | {"upstream": "https://api?x=1"}], "an upstream is an address"),
    ([PLAIN | {"upstream": "https://api/../x"}], "an upstream is an address"),
    ([PLAIN | {"upstream": "file:///etc/passwd"}], "an upstream is an address"),
    ([PLAIN | {"upstream": "http://api:70000"}], "has no port that there is"),
    ([PLAIN | {"upstream": ["http://api"]}], "an upstream is an address"),
    ([PLAIN | {"scopes": ["a b"]}], "say scopes such as signature"),
    ([PLAIN | {"scopes": "signature"}], "a list of scopes"),
    ([PLAIN | {"polled": "yes"}], "true or false"),
    ([PLAIN | {"silence": "2h"}], "choose 1s to 1h"),
    ([PLAIN | {"connect": "0s"}], "choose 1s to 1h"),
    ([PLAIN | {"operation_header": "SOAP Action"}], "the name of a header"),
    ([PLAIN, PLAIN], "each with a name of its own"),
    (
        [PLAIN, PLAIN | {"name": "late", "path": "/orders/{account}/1"}],
        "route late: orders before it takes all its paths",
    ),
    ([PLAIN | {"path": "/oauth/token"}], "route orders: Keysteward answers some of /oauth/token itself"),
    ([PLAIN | {"path": "/api/v1|v2/**"}], "Keysteward answers some of /api/v1|v2/** itself"),
    ([PLAIN | {"path": "/Signin"}], "Keysteward answers some of /Signin itself"),
    ([PLAIN | {"path": "/restapi/**"}], "Keysteward answers some of /restapi/** itself"),
    ([PLAIN | {"path": "/restapi/v2.1/accounts/{account}/*"}], "Keysteward answers some of"),
]


@pytest.mark.parametrize(("routes", "reason"), WRONG, ids=[f"{number}" for number in range(len(WRONG))])
def test_a_wrong_route_is_named(routes: object, reason: str) -> None:
    """The refusal says which route it is, what is wrong with it, and what may be said instead."""
    with pytest.raises(Refusal) as refused:
        read({"routes": routes}, DEFAULT)

    assert (refused.value.kind, refused.value.field) == (INVALID_FIELD, "routes")
    assert reason in str(refused.value.values["reason"])


def test_what_is_ours_may_be_judged() -> None:
    """A path that Keysteward answers may be named to be judged, and resources that it has not to be forwarded."""
    ours = PLAIN | {"path": "/restapi/v2.1/accounts/{account}/users/**", "upstream": "keysteward"}
    theirs = PLAIN | {"name": "templates", "path": "/restapi/v2.1/accounts/{account}/templates/**"}

    assert [route.name for route in read({"routes": [ours, theirs]}, DEFAULT).routes] == ["orders", "templates"]


def test_who_judges_less_strictly_needs_a_second_operator() -> None:
    """To let polls pass that were findings is named as what it is; to put an API of one's own behind is not."""
    without_polls = [{**each, "polled": False} for each in write(DEFAULT)["routes"]]

    assert loosened(DEFAULT, read({"routes": without_polls}, DEFAULT)) == ("routes",)
    assert loosened(DEFAULT, read({"routes": [*write(DEFAULT)["routes"], PLAIN]}, DEFAULT)) == ()
