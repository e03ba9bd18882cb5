"""Do receivers know our signatures, by the words of the standard and of our own guide?"""

import base64
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keysteward.crypto.webhook_signatures import new_signing_secret, signature

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "webhooks.md"
NODE = Path(sys.executable).parent / "node"
BODY = '{"type":"new-secret","facts":{"app":"Lärm"}}'.encode()


def snippet(language: str) -> str:
    """The code of the guide in a language."""
    found = re.search(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def headers(*signatures: str, at: int) -> dict[str, str]:
    """The headers of a request."""
    return {"webhook-id": "m-1", "webhook-timestamp": str(at), "webhook-signature": " ".join(signatures)}


def cases(secret: str) -> list[tuple[bool, dict[str, str], str]]:
    """What is ours and what is not: whether, the headers, and the body."""
    now, other = int(time.time()), new_signing_secret()
    good, text = signature(secret, "m-1", now, BODY), BODY.decode()
    return [
        (True, headers(good, at=now), text),
        (True, headers(signature(other, "m-1", now, BODY), good, at=now), text),
        (False, headers(good, at=now), text + " "),
        (False, headers(good, at=now) | {"webhook-id": "m-2"}, text),
        (False, headers(good, at=now + 1), text),
        (False, headers(signature(other, "m-1", now, BODY), at=now), text),
        (False, headers(signature(secret, "m-1", now - 301, BODY), at=now - 301), text),
        (False, headers("v1,", at=now), text),
    ]


def test_the_vector_of_the_standard() -> None:
    """The example that the reference libraries of Standard Webhooks are tested with."""
    secret, message = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"

    said = signature(secret, message, 1_614_265_330, b'{"test": 2432232314}')
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secrets_are_of_256_bits() -> None:
    """Each another one, in the form that libraries read."""
    made = {new_signing_secret() for _ in range(10)}

    assert len(made) == 10
    assert {len(base64.b64decode(each.removeprefix("whsec_"))) for each in made} == {32}


def test_the_guides_python_verifies() -> None:
    """It takes what is ours, also beside another signature, and nothing else."""
    known: dict[str, Any] = {}
    exec(snippet("python"), known)  # noqa: S102 — our own documentation
    verify: Callable[[dict[str, str], bytes, str], bool] = known["is_from_keysteward"]
    secret = new_signing_secret()

    assert [verify(sent, body.encode(), secret) for _, sent, body in cases(secret)] == [ok for ok, *_ in cases(secret)]


def test_the_guides_node_verifies(tmp_path: Path) -> None:
    """So does the other."""
    secret, program = new_signing_secret(), tmp_path / "verify.js"
    asked = cases(secret)
    program.write_text(
        snippet("js")
        + "const asked = JSON.parse(process.argv[2]);\n"
        + "console.log(JSON.stringify(asked.map(([, sent, body]) => isFromKeysteward(sent, Buffer.from(body), "
        + "process.argv[3]))));\n"
    )
    done = subprocess.run([NODE, program, json.dumps(asked), secret], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == [ok for ok, *_ in asked]
