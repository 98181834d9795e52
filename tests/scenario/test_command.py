import json
from pathlib import Path

import pytest

from smartevse.scenario.command import main

GOOD = "[[at]]\nt = 1\ndo = 'ev plug'\n[[expect]]\nt = 0.5\nstate = 'A'\n"


def written(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return str(path)


def test_a_story_that_holds_is_told_with_status_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([written(tmp_path, "title = 'Nothing happens'\n" + GOOD)]) == 0
    told = capsys.readouterr().out
    assert "mine: Nothing happens" in told
    assert "ok   0.5 s: state A" in told


def test_a_story_that_does_not_hold_has_status_1_and_says_what_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([written(tmp_path, GOOD.replace("'A'", "'C'")), "pilot-short"]) == 1
    told = capsys.readouterr().out
    assert "NOT  0.5 s: state C\n         at 0.5 s: state A" in told
    assert "1 of 2 stories did not hold: mine" in told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere.toml"], "there is no file 'nowhere.toml'"),
        ([], "name at least one story"),
        (["pilot-short", "diode-lost", "--plot", "x.png"], "--plot draws one story"),
    ],
)
def test_what_cannot_be_run_has_status_2_and_a_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert says in capsys.readouterr().err


def test_a_bad_file_has_status_2_and_names_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "oops = 1\n" + GOOD)
    assert main([path]) == 2
    assert f"{path}: there is no key 'oops'" in capsys.readouterr().err


def test_json_has_every_change_for_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([written(tmp_path, GOOD), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["held"] is True
    states = [change["state"] for change in told["units"][0]["changes"]]
    assert states[0] == "A"
    assert "B1" in states


def test_a_picture_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "story.png"
    assert main(["small-cable", "--plot", str(out)]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    assert main([written(tmp_path, GOOD), "--plot", str(tmp_path / "none" / "x.png")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_the_words_and_the_stories_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--words"]) == 0
    assert main(["--list"]) == 0
    told = capsys.readouterr().out
    assert "ev plug|unplug" in told
    assert "welded-contactor" in told
