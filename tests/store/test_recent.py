"""Does what is remembered of tokens and answers stay small?"""

from keysteward.store.directory import Recent


def test_memory_is_bounded() -> None:
    """Whatever is asked for, no more is kept than was said; the oldest goes first, and what is known stays known."""
    recent: Recent[int, str] = Recent(3)
    for number in (1, 2, 3, 1, 4):
        recent.add(number, str(number))

    assert [recent.get(number) for number in (1, 2, 3, 4)] == [None, "2", "3", "4"]
    recent.clear()
    assert recent.get(4) is None
