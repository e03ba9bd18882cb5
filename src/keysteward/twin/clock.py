"""What time is it in the twin? One clock for both environments, moved by its owner and kept in the twin's folder."""

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from keysteward.twin.files import write_private


class TwinClock:
    """The machine's clock, moved by an offset that survives a restart."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        kept = json.loads(file.read_text())["offset_seconds"] if file.exists() else 0
        self._offset = timedelta(seconds=kept)

    def __call__(self) -> datetime:
        """The twin's time, in UTC."""
        return datetime.now(UTC) + self._offset

    @property
    def offset_seconds(self) -> float:
        """How far the twin is ahead of the machine."""
        return self._offset.total_seconds()

    def move(self, offset_seconds: float) -> None:
        """Set how far the twin is ahead of the machine; raises OverflowError where no calendar has that day."""
        with self._lock:
            offset = timedelta(seconds=offset_seconds)
            if not 1971 <= (datetime.now(UTC) + offset).year <= 9000:
                raise OverflowError
            write_private(self._file, json.dumps({"offset_seconds": offset_seconds}))
            self._offset = offset
