"""How is a form read that a small file may come with?"""

from collections.abc import AsyncGenerator

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from keysteward.rules.refusals import MALFORMED, Refusal
from keysteward.web.reading import TYPED_BY, media_type, read_bytes, read_form

MOST_BYTES = 1_048_576
MULTIPART = "multipart/form-data"
_MOST_PARTS = 10


async def read_upload(request: Request) -> dict[str, str]:
    """The fields of a form as text, a file under the name of its field; one without a file may come as others do."""
    if media_type(request) != MULTIPART:
        return await read_form(request)
    return {name: value for name, value in (await read_parts(request)).items() if name != TYPED_BY}


async def read_parts(request: Request) -> dict[str, str]:
    """The fields of a form that comes in parts, who filled it in among them."""
    body = await read_bytes(request, MOST_BYTES)

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        parser = MultiPartParser(
            request.headers, stream(), max_files=1, max_fields=_MOST_PARTS, max_part_size=MOST_BYTES
        )
        form = await parser.parse()
    except (MultiPartException, KeyError, AssertionError):
        raise Refusal(MALFORMED, reason="the form cannot be read.") from None
    try:
        return {name: await _text(value) for name, value in form.items()}
    finally:
        await form.close()


async def _text(value: UploadFile | str) -> str:
    if isinstance(value, str):
        return value
    try:
        return (await value.read()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(MALFORMED, reason="the file is not UTF-8 text: save it as CSV UTF-8.") from None
