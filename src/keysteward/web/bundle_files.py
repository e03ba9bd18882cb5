"""How does the bundle of a review leave as a file?"""

from starlette.responses import Response

from keysteward.web.answers import NO_STORE


def as_file(bundle: bytes, review: str) -> Response:
    """A bundle that a browser saves, byte for byte."""
    disposition = f'attachment; filename="review-{review.lower()}.json"'
    return Response(bundle, headers={**NO_STORE, "Content-Disposition": disposition}, media_type="application/json")
