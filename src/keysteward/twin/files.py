"""How are files written into the twin's folder? Whole, private, and never half."""

import os
import secrets
from pathlib import Path


def write_private(file: Path, content: str | bytes) -> None:
    """Replace a file by rename, mode 0600."""
    data = content.encode() if isinstance(content, str) else content
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)
