"""Is every PDF that the sample writes correct?"""

import io

from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from keysteward.sample.pdf import LINES_A_PAGE, write_pdf

letters = st.text(st.characters(codec="cp1252", categories=["L", "N", "P", "S"]), min_size=1, max_size=40)


def read(pdf: bytes) -> PdfReader:
    """Open a PDF with a reader that forgives nothing."""
    return PdfReader(io.BytesIO(pdf), strict=True)


@given(st.lists(letters, max_size=120))
def test_what_is_written_is_read(lines: list[str]) -> None:
    """Any lines that fit come back from a strict reader, on as many pages as they need."""
    opened = read(write_pdf(lines))

    text = "\n".join(page.extract_text() for page in opened.pages)
    assert [line for line in text.splitlines() if line] == lines
    assert len(opened.pages) == max(-(-len(lines) // LINES_A_PAGE), 1)


@given(st.lists(st.text(max_size=200), max_size=10))
def test_any_text_makes_a_pdf_that_opens(lines: list[str]) -> None:
    """Whatever a client puts into a name, the page stays a page."""
    assert len(read(write_pdf(lines)).pages) >= 1


def test_the_table_points_at_every_object() -> None:
    """Each entry of the cross-reference table is 20 bytes and holds the offset of its object."""
    pdf = write_pdf(["One page"])

    table = pdf[int(pdf.rsplit(b"startxref\n", 1)[1].split()[0]) :]
    entries = table.split(b"trailer")[0].split(b"0000000000 65535 f \n")[1]
    offsets = [int(entries[start : start + 10]) for start in range(0, len(entries), 20)]
    assert [pdf[offset:].split(b" obj")[0] for offset in offsets] == [b"%d 0" % number for number in range(1, 6)]
