"""What does DNS say in the twin, which asks no network? What somebody said under `/_dev/dns`.

Whatever nobody spoke of is as it was declared: an active domain stays active, a pending one pending. What was said is
one for both environments and kept in the twin's folder, so that a proof outlives a restart.
"""

import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from keysteward.outgoing.dns import failed, timed_out
from keysteward.rules.domains import RecordType, ascii_name
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.shapes import known
from keysteward.twin.files import write_private

MOST_NAMES = 1_000

_LONGEST_NAME, _LONGEST_LABEL = 253, 63

Value = Annotated[str, Meta(max_length=1_000)]


class Name(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """What one name has: TXT records, or an alias, or trouble. With none of these it is there and has nothing."""

    txt: Annotated[tuple[Value, ...], Meta(max_length=50)] = ()
    cname: Value = ""
    trouble: Literal["timeout", "servfail", "nxdomain"] | None = None


class Names(msgspec.Struct, forbid_unknown_fields=True):
    """Some names, as they are put or added."""

    names: Annotated[dict[str, Name], Meta(max_length=MOST_NAMES)]


class TwinDns:
    """The names that somebody spoke of. Asked by deeds in their threads, changed by the control."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._names = msgspec.json.decode(file.read_bytes(), type=known(Names)).names if file.exists() else {}

    def put(self, names: Mapping[str, Name]) -> None:
        """Let DNS say this and nothing else; refuses where a name could not be one."""
        checked = {_checked(name, said): said for name, said in names.items()}
        with self._lock:
            self._keep(checked)

    def add(self, names: Mapping[str, Name]) -> None:
        """Let DNS say this of these names, in the place of what it said of them."""
        checked = {_checked(name, said): said for name, said in names.items()}
        with self._lock:
            if len(self._names | checked) > MOST_NAMES:
                raise Refusal(INVALID_FIELD, field="names", reason=f"there may be {MOST_NAMES} at most.")
            self._keep(self._names | checked)

    def listed(self) -> dict[str, Name]:
        """All that was said."""
        return self._names

    def knows(self, names: Iterable[str]) -> bool:
        """Whether somebody spoke of any of these names."""
        return any(ascii_name(name) in self._names for name in names)

    def ask(self, name: str, record_type: RecordType) -> tuple[str, ...]:
        """The values of a name's own records, as a resolver answers; raises Unanswered."""
        said = self._names.get(ascii_name(name), Name())
        if said.trouble == "timeout":
            raise timed_out()
        if said.trouble == "servfail":
            raise failed()
        if record_type == "CNAME":
            return (ascii_name(said.cname),) if said.cname else ()
        return said.txt

    def _keep(self, names: dict[str, Name]) -> None:
        write_private(self._file, msgspec.json.encode(Names(names)))
        self._names = names


def _checked(name: str, said: Name) -> str:
    """A name as DNS has it; refuses what no name server would take."""
    folded = ascii_name(name.strip())
    if len(folded) > _LONGEST_NAME or not all(0 < len(label) <= _LONGEST_LABEL for label in folded.split(".")):
        raise Refusal(INVALID_FIELD, field="names", reason=f"{name[:_LONGEST_NAME]} is no name such as acme.example.")
    if (said.txt and said.cname) or (said.trouble and (said.txt or said.cname)):
        reason = f"say one of {folded}: txt, cname or trouble; an alias has no other records."
        raise Refusal(INVALID_FIELD, field=f"names.{folded}", reason=reason)
    return folded
