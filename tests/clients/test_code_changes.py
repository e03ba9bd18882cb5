"""Do the three changes in the code work as they are shown, with Docusign's own SDKs?"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import docusign_esign

from keysteward.rules.code_changes import CHANGES, Language, Values, filled
from keysteward.twin import cast
from tests.setup.install import NODE as PACKAGES
from tests.twin.running import Place

NODE = Path(sys.executable).parent / "node"
PROGRAM = """
const privateKey = require("node:fs").readFileSync(process.env.DS_PRIVATE_KEY_FILE);
(async () => {
%s
const found = await new docusign.AccountsApi(client).getAccountInformation(account.accountId);
console.log(found.accountIdGuid);
})();
"""


def shown(language: Language, place: Place) -> str:
    """All three snippets of a language, as the page shows them for the app of `dev.env`."""
    variables = place.variables
    values = Values(place.host, variables["DS_INTEGRATION_KEY"], variables["DS_USER_ID"])
    return "\n".join(filled(change, language, values) for change in CHANGES)


def test_the_python_works(place: Place) -> None:
    """One snippet after the other leads to a client that calls the API."""
    names: dict[str, Any] = {"private_key": Path(place.variables["DS_PRIVATE_KEY_FILE"]).read_bytes()}
    exec(shown("python", place), names)  # noqa: S102 — it is our own
    found = docusign_esign.AccountsApi(names["client"]).get_account_information(names["account"].account_id)

    assert found.account_id_guid == cast.TOWNS[place.environment].account


def test_the_node_works(place: Place, tmp_path: Path) -> None:
    """The same in Node."""
    program = tmp_path / "changes.cjs"
    program.write_text(PROGRAM % shown("node", place))
    variables = place.variables | {"NODE_EXTRA_CA_CERTS": place.ca_file, "NODE_PATH": str(PACKAGES / "node_modules")}
    done = subprocess.run([NODE, program], env=variables, capture_output=True, check=False, text=True, timeout=60)

    assert (done.stdout.strip(), done.stderr) == (cast.TOWNS[place.environment].account, "")
