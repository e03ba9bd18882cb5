"""How is a page of plain text written as a PDF that any reader opens?

The shapes are those of ISO 32000-1: header, numbered objects, a cross-reference table of 20 bytes a line, a trailer.
"""

import textwrap
from collections.abc import Iterable, Sequence

CHARACTERS_A_LINE = 88
LINES_A_PAGE = 52
LINE_HEIGHT = 14
TOP_LEFT = "56 786"
PAGES_OBJECT, FONT_OBJECT, FIRST_PAGE_OBJECT = 2, 3, 4


def write_pdf(lines: Iterable[str]) -> bytes:
    """Write lines of text as a PDF of A4 pages; a character that Windows-1252 lacks becomes a question mark."""
    return _with_table([_catalog(), *_pages(_paginate(lines))])


def _paginate(lines: Iterable[str]) -> list[Sequence[str]]:
    wrapped = [part for line in lines for part in textwrap.wrap(_printable(line), CHARACTERS_A_LINE) or [""]]
    return [wrapped[start : start + LINES_A_PAGE] for start in range(0, max(len(wrapped), 1), LINES_A_PAGE)]


def _printable(line: str) -> str:
    return "".join(character if character.isprintable() else " " for character in line)


def _catalog() -> bytes:
    return f"<< /Type /Catalog /Pages {PAGES_OBJECT} 0 R >>".encode()


def _pages(pages: Sequence[Sequence[str]]) -> list[bytes]:
    numbers = [FIRST_PAGE_OBJECT + 2 * index for index in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    tree = f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} /MediaBox [0 0 595 842] >>".encode()
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    each = [part for number, page in zip(numbers, pages, strict=True) for part in (_page(number), _content(page))]
    return [tree, font, *each]


def _page(number: int) -> bytes:
    font = f"<< /Font << /F1 {FONT_OBJECT} 0 R >> >>"
    return f"<< /Type /Page /Parent {PAGES_OBJECT} 0 R /Resources {font} /Contents {number + 1} 0 R >>".encode()


def _content(page: Sequence[str]) -> bytes:
    shown = b"\n".join(b"(" + _escaped(line) + b") '" for line in page)
    stream = f"BT /F1 10 Tf {LINE_HEIGHT} TL {TOP_LEFT} Td\n".encode() + shown + b"\nET"
    return f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream"


def _escaped(line: str) -> bytes:
    plain = line.encode("cp1252", "replace")
    return plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _with_table(objects: Sequence[bytes]) -> bytes:
    file = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(file))
        file += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    entries = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    table = f"xref\n0 {size}\n0000000000 65535 f \n{entries}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return bytes(file) + table.encode() + f"startxref\n{len(file)}\n%%EOF\n".encode()
