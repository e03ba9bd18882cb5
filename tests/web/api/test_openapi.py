"""Is what we tell programs about our API true?"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from starlette.routing import Route

from keysteward.actions import domains, golive, keys, organizations, signin
from keysteward.rules.access import PERMISSIONS
from keysteward.web.api.operations import OPERATIONS
from keysteward.web.api.shapes import Permission
from keysteward.web.routes import ROUTES
from tests.cast import ACME, ADA, PASSWORD, SMALL, rsa_keypair
from tests.web.api.program import House

TOOLS = Path(sys.executable).parent
LINES = {"SCHEMATHESIS_HOOKS": "tests.web.api.ndjson", "PYTHONPATH": str(Path(__file__).parents[3])}

CONFIG = """
phases.stateful.max-steps = 6
# A request of the right form may still be refused for what it says: a handle that is used (410), a version that
# moved on (412), a public key that is none (422), what was taken along too often (429).
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 410, 412, 422, 429]
# A deleted key stays to be seen, and to be restored, for 15 days.
checks.use_after_free.enabled = false
"""


def test_every_operation_has_its_route_and_every_route_its_operation() -> None:
    """The list that the document is printed from and the list of paths name the same endpoints."""
    routed = {
        (method, route.path, route.endpoint)
        for route in ROUTES
        if isinstance(route, Route) and route.path.startswith("/api/")
        for method in (route.methods or set()) - {"HEAD"}
    }

    assert {(each.method, each.path, each.endpoint) for each in OPERATIONS} == routed


def test_every_operation_has_a_name_of_its_own() -> None:
    """Generated clients make a function of each operation id."""
    names = [operation.name for operation in OPERATIONS]

    assert sorted(set(names)) == sorted(names)


def test_no_operation_names_a_refusal_twice() -> None:
    """Each operation lists its ways of saying no, each once."""
    assert [each.name for each in OPERATIONS if len(each.kinds()) != len(set(each.kinds()))] == []


def test_a_token_can_be_made_for_every_permission() -> None:
    """The permissions of the API are the permissions of the rules."""
    assert tuple(PERMISSIONS) == get_args(Permission)


def test_the_document_is_open_to_everybody(house: House) -> None:
    """Whoever wants to call the API reads first how, and is told of the environment that answers."""
    document = house.stranger().get("/openapi.json")

    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": house.town.demo.origin}]
    assert document["info"]["title"] == "Keysteward, demo"


def test_patterns_are_those_of_json_schema(house: House) -> None:
    """No pattern ends as only Python ends one, and moments are told as such."""
    document = house.stranger().get("/openapi.json")

    assert "\\Z" not in json.dumps(document)
    assert document["components"]["schemas"]["Me"]["properties"]["now"] == {"type": "string", "format": "date-time"}


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("phases", "examples"),
    [
        ("fuzzing", 2),
        pytest.param("examples,coverage", 30, marks=pytest.mark.long),
        pytest.param("fuzzing", 30, marks=pytest.mark.long),
        pytest.param("stateful", 30, marks=pytest.mark.long),
    ],
)
def test_schemathesis_finds_the_document_true(house: House, tmp_path: Path, phases: str, examples: int) -> None:
    """Requests made from the document, good and bad, are answered as it says: statuses, headers, shapes, refusals."""
    config = tmp_path / "schemathesis.toml"
    config.write_text(_dictionaries(house) + CONFIG)
    address = house.address_of(house.town.demo)
    command = ["run", f"{address}/api/v1/openapi.json", "--url", address, "--continue-on-failure", "--no-color"]
    command += ["--phases", phases, "--max-examples", str(examples)]
    told = subprocess.run(
        [TOOLS / "schemathesis", "--config-file", config, *command],
        cwd=tmp_path, capture_output=True, text=True, check=False, env=os.environ | LINES,
    )  # fmt: skip

    assert told.returncode == 0, told.stdout + told.stderr


def _dictionaries(house: House) -> str:
    """Name things that are there, so that most requests find something; and who asks."""
    town = house.town
    demo, ada = town.demo, town.actor(ADA)
    town.call(house.made, 3)
    review = golive.start_review(demo, ada, house.made.key)
    app = keys.view(demo, ada, house.made.key)
    others = [town.create_app(name=name).key for name in ("One", "Two", "Three")]
    organization = organizations.create(demo, ada, SMALL.demo, "Small Group").id
    claimed = domains.claim(demo, ada, organization, "small.example").id
    token = signin.issue_personal_token(demo, ada, "Build server", frozenset(PERMISSIONS), 30)
    known = {
        "path.account": [ACME.demo, SMALL.demo],
        "path.key": [house.made.key, *others],
        "path.organization": [organization],
        "path.id": [claimed, review.id, app.settings.secrets[0].id, app.settings.keypairs[0].id],
        "query.uri": list(app.settings.redirect_uris),
        "body.public_key": [rsa_keypair()[1]],
        "body.uri": ["https://example.com/back", "http://localhost:3000/cb", "com.example.app:/cb", "https://["],
        "body.origin": ["https://example.com", "https://[", "http://localhost:3000"],
        "body.privacy_url": ["https://example.com/privacy", "https://["],
    }  # fmt: skip
    lines = [
        f"auth.openapi.personalAccessToken.bearer = {json.dumps(token)}",
        f"auth.openapi.consoleSession.api_key = {json.dumps(signin.sign_in(demo, ADA.email, PASSWORD))}",
    ]
    for number, (place, values) in enumerate(known.items()):
        lines.append(f"dictionaries.known{number}.values = {json.dumps(values)}")
        lines.append(f'parameters."{place}" = {{ dictionary = "known{number}", probability = 0.7 }}')
    return "\n".join(lines)
