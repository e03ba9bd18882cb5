"""How long does a browser keep the console's static files?"""

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from keysteward.web.showing import STATIC, asset_version

_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


class Assets(StaticFiles):
    """The static files: for good at the address that pages name, which carries the version of all of them."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file."""
        answer = await super().get_response(path, scope)
        is_this_version = scope["query_string"] == f"v={asset_version()}".encode()
        answer.headers["Cache-Control"] = _FOR_GOOD if is_this_version else _ASK_AGAIN
        return answer
