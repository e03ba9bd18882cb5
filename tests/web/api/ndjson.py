"""How does schemathesis write a body of lines? One line will do."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def one_line(_: object, value: object) -> bytes:
    """A value as a line of JSON."""
    return value if isinstance(value, bytes) else json.dumps(value, default=str).encode()
