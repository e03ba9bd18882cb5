"""What does DNS answer in the twin, and how does a test prove a claimed domain there?"""

from collections.abc import Mapping
from typing import Any, Literal

from pytest_keysteward.asking import Api
from pytest_keysteward.twin import Environment, Twin

Trouble = Literal["timeout", "servfail", "nxdomain"]

_DNS = "/_dev/dns"


class NotClaimed(Exception):
    """No organization of the user that `dev.env` names claims this domain."""


class Dns:
    """Says what DNS answers, in both environments. What nobody says is as declared; after the test all is as before."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._before = self.listed()

    def listed(self) -> dict[str, Any]:
        """All names that somebody spoke of, with what they have."""
        found: dict[str, Any] = self._twin.control.get(_DNS)["names"]
        return found

    def publish(self, name: str, *txt: str, cname: str = "") -> None:
        """Let a name have these TXT records, or be this alias, and nothing else; without either it has nothing."""
        self._say(name, {"cname": cname} if cname else {"txt": list(txt)})

    def fail(self, name: str, trouble: Trouble = "servfail") -> None:
        """Let whoever asks for a name get no answer, or hear that there is no such name."""
        self._say(name, {"trouble": trouble})

    def prove(self, host_name: str, environment: Environment = "demo") -> str:
        """Publish the proof of a claimed domain and have it looked at; the state that it has then."""
        _, claimed = self._claimed(host_name, environment)
        record = next(each for each in claimed["records"] if each["type"] == "TXT")
        said = self.listed().get(record["name"], {}).get("txt", [])
        self.publish(record["name"], *dict.fromkeys([*said, record["value"]]))
        return self.check(host_name, environment)

    def check(self, host_name: str, environment: Environment = "demo") -> str:
        """Have the proof of a claimed domain looked at now; the state that it has then."""
        organization, claimed = self._claimed(host_name, environment)
        path = f"/api/v1/organizations/{organization}/domains/{claimed['id']}/checks"
        return str(self._api(environment).post(path)["state"])

    def restore(self) -> None:
        """Let DNS say what it said before the test."""
        self._twin.control.ask("PUT", _DNS, {"names": self._before})

    def _say(self, name: str, said: Mapping[str, object]) -> None:
        self._twin.control.post(_DNS, {"names": {name: said}})

    def _claimed(self, host_name: str, environment: Environment) -> tuple[str, dict[str, Any]]:
        """The claim that somebody can see, and whose it is."""
        api = self._api(environment)
        for organization in api.get("/api/v1/organizations")["organizations"]:
            for claimed in api.get(f"/api/v1/organizations/{organization['id']}")["domains"]:
                if claimed["host_name"] == host_name.lower():
                    return organization["id"], claimed
        raise NotClaimed(f"{host_name} is claimed by no organization of the user that dev.env names in {environment}")

    def _api(self, environment: Environment) -> Api:
        return self._twin.demo if environment == "demo" else self._twin.production
