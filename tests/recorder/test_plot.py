import struct
from pathlib import Path

import pytest

from smartevse.recorder.command import main

pytest.importorskip("matplotlib")


def test_a_recording_becomes_one_picture(shorted: Path, tmp_path: Path) -> None:
    picture = tmp_path / "out.png"
    assert main(["plot", str(shorted), str(picture)]) == 0
    data = picture.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (2250, 1425)


def test_a_picture_that_cannot_be_written_is_told_in_one_sentence(
    shorted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plot", str(shorted), str(tmp_path / "missing" / "out.png")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("cannot write the picture ")
    assert error.count("\n") == 1
