"""Which versions of the eSignature API are answered?

Clients of v2 and v2.1 are told the same; what an answer says of its own address keeps the version that was asked.
"""

from starlette.convertors import Convertor, register_url_convertor

VERSIONS = ("v2", "v2.1")
REST = "/restapi/{version:esignature}"


class _Version(Convertor[str]):
    regex = r"v2(?:\.1)?"

    def convert(self, value: str) -> str:
        """Read a version from a path."""
        return value

    def to_string(self, value: str) -> str:
        """Write a version into a path."""
        return value


register_url_convertor("esignature", _Version())
