"""How does a test let answers of the twin go wrong?"""

from typing import Any

from pytest_keysteward.asking import Api

_FAULTS = "/_dev/faults"


class Faults:
    """Adds faults; after the test they are gone. Called with what a fault says: `faults(route="token", status=503)`."""

    def __init__(self, control: Api) -> None:
        self._control = control

    def __call__(self, **fault: object) -> None:
        """Add one fault behind those that are there."""
        self._control.post(_FAULTS, {"faults": [fault]})

    def listed(self) -> list[dict[str, Any]]:
        """Every fault, with how many requests it was about (`seen`) and how many it struck (`hits`)."""
        found: list[dict[str, Any]] = self._control.get(_FAULTS)["faults"]
        return found

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._control.ask("DELETE", _FAULTS)
