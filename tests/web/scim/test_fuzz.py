"""Does any filter, path or body bring the service of SCIM down?"""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import SAM
from tests.directory import Speaker

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(["userName", "emails", "name", "active", "externalId", "displayName", "schemas", "meta", "x"])
WORDS = st.sampled_from(
    [
        "userName",
        "emails[",
        "]",
        "(",
        ")",
        " eq ",
        " co ",
        " and ",
        " or ",
        "not ",
        '"a"',
        "true",
        "null",
        " pr",
        "\x00",
    ]
)
TEXTS = st.lists(WORDS | st.text(max_size=4), max_size=8).map("".join)
OPERATION = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "replace", "remove"])}, optional={"path": NAMES | TEXTS, "value": JSON}
)

at_the_wire = settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])


@at_the_wire
@given(TEXTS, st.text(max_size=5), st.text(max_size=5))
def test_no_query_fails(entra: Speaker, text: str, start: str, count: str) -> None:
    """It is answered, or refused for what it is."""
    text, start, count = (each.encode("utf-8", "replace").decode() for each in (text, start, count))
    answer = entra.ask(
        "GET", "/Users", params={"filter": text, "startIndex": start, "count": count, "attributes": text}
    )

    assert answer.status in {200, 400}


@at_the_wire
@given(st.dictionaries(NAMES, JSON) | JSON, st.lists(OPERATION, max_size=3))
def test_no_body_fails(entra: Speaker, body: object, operations: list[dict[str, Any]]) -> None:
    """Likewise whatever is sent as a user, or as a change of one."""
    said = json.dumps({"Operations": operations}).encode()

    for method, path, data in (
        ("POST", "/Users", json.dumps(body).encode()),
        ("PUT", f"/Users/{SAM.demo}", json.dumps(body).encode()),
        ("PATCH", f"/Users/{SAM.demo}", said),
        ("POST", "/.search", json.dumps(body).encode()),
    ):
        assert entra.ask(method, path, data=data).status in {200, 201, 400, 409}, (method, data)
