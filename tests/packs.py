"""Which packs do tests install?"""

from typing import Any

ENVELOPES = "POST /restapi/v2.1/accounts/{id}/envelopes"
LISTING = "GET /restapi/v2.1/accounts/{id}/envelopes"


def a_document(*rules: dict[str, Any], **said: Any) -> dict[str, Any]:  # noqa: ANN401 — as a pack has them
    """A pack as a file has it, with these rules: unless said, an envelope must be created."""
    common = {"asks": "Something.", "source": "A test."}
    wanted = rules or ({"kind": "required", "code": "creates", "operations": [ENVELOPES]},)
    return {
        "name": "envelopes", "version": 1, "author": "The envelopes team.", "says": "A test.",
        "rules": [common | rule for rule in wanted],
        "examples": [{"says": "Envelopes pass.", "calls": [{"operation": ENVELOPES, "times": 60}]}],
    } | said  # fmt: skip
