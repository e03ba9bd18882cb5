"""Does an environment say so when the copy of its checkpoints cannot be written?"""

from dataclasses import replace
from pathlib import Path

import requests

from keysteward.actions.checkpoint_copies import copy_checkpoints
from tests.cast import Town
from tests.forging import seal_all
from tests.web.api.program import answering


def test_a_copy_that_fails_is_a_warning(town: Town, tmp_path: Path) -> None:
    """It is ready all the same; health has a line, metrics a number, and both are gone when it works again."""
    ctx = replace(town.demo, checkpoint_copy=tmp_path / "share" / "checkpoints.txt")
    seal_all(ctx)
    copy_checkpoints(ctx)
    with answering(ctx) as address:
        failing = [requests.get(address + path, timeout=30) for path in ("/readyz", "/metrics")]
        (tmp_path / "share").mkdir()
        copy_checkpoints(ctx)
        well = [requests.get(address + path, timeout=30) for path in ("/readyz", "/metrics")]

    assert [each.status_code for each in (*failing, *well)] == [200] * 4
    assert failing[0].text == "ok\ncheckpoints: the copy cannot be written: No such file or directory\n"
    assert well[0].text == "ok\n"
    names = ("keysteward_checkpoints_uncopied{", "keysteward_checkpoint_copy_failing{")
    lines = [line for each in (failing[1], well[1]) for line in each.text.splitlines() if line.startswith(names)]
    assert [line.rpartition(" ")[2] for line in lines] == ["1", "1", "0", "0"]
