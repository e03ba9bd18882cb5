"""Does the reference of rule packs say what packs are read by?"""

from pathlib import Path

from keysteward.cli import pack_reference

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_the_reference_is_printed_from_the_values() -> None:
    """Page and schema are what `python -m keysteward.cli.pack_reference docs/reference` writes."""
    assert (REFERENCE / pack_reference.PAGE).read_text() == pack_reference.page()
    assert (REFERENCE / pack_reference.SCHEMA).read_bytes() == pack_reference.schema()
