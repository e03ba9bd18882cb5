"""Does a real SCIM client find a service that keeps RFC 7643 and RFC 7644, in a served twin?

The client is imported by what uses it: it makes its models as it comes, which every worker would wait for.
"""

import re
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import httpx2
import pytest
from pydantic import BaseModel

from keysteward.twin.cast import TOWNS
from tests.twin.person import Page, Person
from tests.twin.running import Place, Twin, running

if TYPE_CHECKING:
    from scim2_client.engines.httpx2 import SyncSCIMClient

ADDRESSES = [f"person{number}@northwind.example" for number in range(10_000)]


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """A twin of its own: the tester leaves people behind whom other clients would count."""
    with running(tmp_path_factory.mktemp("scim") / "twin") as twin:
        yield twin


@pytest.fixture
def scim(place: Place, ada: Person) -> "Iterator[SyncSCIMClient]":
    """A client with a token that Ada made in the console, which learned from the service how users look.

    It makes up names and addresses by itself; here those of a claimed domain, as a provider has them.
    """
    from scim2_client.engines.httpx2 import SyncSCIMClient  # noqa: PLC0415 — see above

    here = f"/organizations/{TOWNS[place.environment].organization}/scim"
    ada.sign_in(place)
    ada.fill_in(place, here, f"{here}/home", home=f"{TOWNS[place.environment].account} 10003")
    made = ada.fill_in(place, here, f"{here}/tokens", name="A real client")
    assert isinstance(made, Page), made
    (value,) = set(re.findall(r"ksi_[\w-]+", made.text))
    trusted = ssl.create_default_context(cafile=place.ca_file)
    headers = {"Authorization": f"Bearer {value}"}
    with httpx2.Client(base_url=f"{place.origin}/scim/v2", headers=headers, verify=trusted, trust_env=False) as client:
        scim = SyncSCIMClient(client)
        scim.discover()
        _give_examples(_user_of(scim))
        yield scim
    token = re.findall(rf"{here}/tokens/([\w-]+)/revoke", ada.look(place, here).text)[-1]
    ada.fill_in(place, here, f"{here}/tokens/{token}/revoke")


def _user_of(scim: "SyncSCIMClient") -> Any:  # noqa: ANN401 — a class that the client made of our schema
    return scim.get_resource_model("User")


def _give_examples(user: type[BaseModel]) -> None:
    user.model_fields["user_name"].examples = ADDRESSES
    (email,) = [each for each in _parts_of(user) if "primary" in each.model_fields]
    email.model_fields["value"].examples = ADDRESSES


def _parts_of(user: type[BaseModel]) -> list[type[BaseModel]]:
    named = (value for value in vars(user).values() if isinstance(value, type) and issubclass(value, BaseModel))
    return list(named)


def test_the_whole_suite_is_green(scim: "SyncSCIMClient") -> None:
    """Discovery, CRUD, PATCH of every attribute, filters of attributes, and whatever else the tester looks at."""
    from scim2_tester import Status, check_server  # noqa: PLC0415 — see above

    results = check_server(scim)

    assert [each for each in results if each.status is not Status.SUCCESS] == []
    assert len(results) >= 40


def test_a_leaver_arrives(scim: "SyncSCIMClient") -> None:
    """Found by name, deactivated by PATCH, removed; then nobody is there."""
    from scim2_models import PatchOp, PatchOperation, SCIMException, SearchRequest  # noqa: PLC0415 — see above

    user, patch, operation = _user_of(scim), cast("Any", PatchOp), cast("Any", PatchOperation)
    made = scim.create(user(user_name="leaver@northwind.example", name={"givenName": "Lee"}))
    by_name: Any = {"filter": 'userName eq "LEAVER@northwind.example"'}
    found: Any = scim.query(user, query_parameters=SearchRequest(**by_name))
    assert [each.id for each in found.resources] == [made.id]
    leaves = operation[user](op=PatchOperation.Op.replace_, path="active", value=False)
    changed: Any = scim.modify(user, made.id, patch[user](operations=[leaves]))
    assert changed.model_dump()["active"] is False
    scim.delete(user, made.id)
    with pytest.raises(SCIMException):
        scim.query(user, made.id)
