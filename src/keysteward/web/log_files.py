"""How does a request log leave as one ZIP?"""

import io
import zipfile
from collections.abc import Iterable

from keysteward.actions.request_logs import LogFile

MEDIA_TYPE = "application/zip"


def archive(files: Iterable[LogFile]) -> bytes:
    """One ZIP of text files."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        for file in files:
            entry = zipfile.ZipInfo(file.name, file.at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            opened.writestr(entry, file.text.encode(errors="replace"))
    return written.getvalue()
