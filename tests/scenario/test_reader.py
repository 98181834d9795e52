"""Whatever is wrong with a story is one sentence that says where it is and what is allowed."""

from pathlib import Path

import pytest

from smartevse.scenario.story import StoryError
from tests.scenario.telling import story

HOLDS = "[[expect]]\nt = 1\nstate = 'A'\n"

BAD = (
    ("title = ", "is not a TOML file"),
    ("", "nothing is expected"),
    (HOLDS + "colour = 'red'", "there is no key 'colour' in [[expect]] number 1"),
    ("colour = 'red'\n" + HOLDS, "there is no key 'colour' in the file"),
    ("[[expect]]\nt = 1\nstat = 'A'", "did you mean state?"),
    ("[[expect]]\nt = 1\nstate = 'Z'", "state in [[expect]] number 1 is 'Z': it must be one or more of A, B1, B"),
    ("[[expect]]\nt = 1\noffer_a = 'much'", "it must be a number, or a range [least, most]"),
    ("[[expect]]\nt = 1\noffer_a = [9, 3]", "it must be a number, or a range [least, most]"),
    ("[[expect]]\nt = 1\ncontactor = 1", "it must be true or false"),
    ("[[expect]]\nt = 1\nfault = 'flood'", "one or more of pilot-short, diode"),
    ("[[expect]]\nt = 1", "has no condition"),
    ("[[expect]]\nstate = 'A'", "must say when"),
    ("[[expect]]\nt = 1\nto = 2\nstate = 'A'", "must say when"),
    ("[[expect]]\nfrom = 3\nto = 2\nstate = 'A'", "is before from"),
    ("[[expect]]\nt = -1\nstate = 'A'", "it must be seconds from 0"),
    ("[[expect]]\nt = '1:99'\nstate = 'A'", "it must be seconds from 0"),
    ("duration = 5\n[[expect]]\nt = 6\nstate = 'A'", "is after the end of the story at 5 s"),
    ("[[expect]]\nt = 1\nunit = 2\nstate = 'A'", "unit in [[expect]] number 1 is 2: it must be a number from 1 to 1"),
    ("[[expect]]\nt = 1\nmains_l1_a = 3", "needs a mains meter"),
    ("[[at]]\ndo = 'ev plug'\n" + HOLDS, "[[at]] number 1 has no t"),
    ("[[at]]\nt = 1\n" + HOLDS, "[[at]] number 1 has no do"),
    ("[[at]]\nt = 1\ndo = 'ev fly'\n" + HOLDS, "write ev plug|unplug|ready"),
    ("[[at]]\nt = 1\ndo = 'dance'\n" + HOLDS, "begin with one of ev, cable, fault"),
    ("[[at]]\nt = 1\ndo = 'fault flood'\n" + HOLDS, "there is no fault 'flood'"),
    ("[[at]]\nt = 1\ndo = 'set MAX 5'\n" + HOLDS, "MAX cannot be set to '5': choose 6 A to 80 A"),
    ("[[at]]\nt = 1\ndo = 'set COLOUR red'\n" + HOLDS, "there is no setting"),
    ("[[at]]\nt = 1\ndo = 'temp 200'\n" + HOLDS, "write temp DEGREES"),
    ("[[at]]\nt = 1\ndo = 'ev set wings 2'\n" + HOLDS, "a car has no 'wings'"),
    ("[[at]]\nt = 1\ndo = 'ev set phases 7'\n" + HOLDS, "phases of a car cannot be '7'"),
    ("[given]\nunits = 9\n" + HOLDS, "it must be a whole number from 1 to 8"),
    ("[given]\nunits = true\n" + HOLDS, "it must be a whole number from 1 to 8"),
    ("[given]\ncable_a = 17\n" + HOLDS, "cable_a in [given] is 17: it must be one of 13, 16, 20, 32, 63"),
    ("[given]\nweather = 1\n" + HOLDS, "there is no key 'weather' in [given]"),
    ("[given.settings]\nMAX = 5\n" + HOLDS, "MAX in [given.settings] does not fit: MAX cannot be set to '5'"),
    ("[given.settings]\nMODE = 'Fast'\n" + HOLDS, "choose Normal, Smart or Solar"),
    ("[given.settings]\nMAX = true\n" + HOLDS, "a whole number or one of the manual's words"),
    ("[given.car]\nphases = 4\n" + HOLDS, "an EV cannot have phases = 4"),
    ("[given.car]\nwheels = 4\n" + HOLDS, "there is no key 'wheels' in [given.car]"),
    ("[given.house]\ncsv = 'none.csv'\n" + HOLDS, "csv in [given.house] names 'none.csv', which cannot be read"),
    ("[given.house]\nsteady_a = [1, 2]\n" + HOLDS, "a list of 3 numbers"),
    ("[[given.house.load]]\nphase = 'L4'\n" + HOLDS, "[[given.house.load]] number 1 is 'L4': it must be one of L1"),
    ("[given.mains]\nevery_s = 0.25\n" + HOLDS, "a whole number of tenths"),
    ("given = 3\n" + HOLDS, "must be a table of its own"),
    ("at = 3\n" + HOLDS, "must be written as tables [[at]]"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "says"), BAD, ids=[says[:40] for _, says in BAD])
def test_a_bad_story_gets_one_whole_sentence(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(StoryError) as told:
        story(tmp_path, text)
    sentence = str(told.value)
    assert says in sentence
    assert sentence.startswith(str(tmp_path / "story.toml"))
    assert "\n" not in sentence


def test_a_time_may_be_written_as_on_a_clock(tmp_path: Path) -> None:
    read = story(tmp_path, "[[expect]]\nt = '1:02:03.5'\nstate = 'A'\n[[expect]]\nt = '2:03'\nstate = 'A'")
    assert [expectation.first for expectation in read.expectations] == [372350, 12300]


def test_a_unit_has_what_is_given_for_all_and_what_is_its_own(tmp_path: Path) -> None:
    read = story(
        tmp_path,
        "[given]\nunits = 3\ncable_a = 13\n[given.settings]\nMAX = 20\n[given.car]\nphases = 1\n"
        "[[given.unit]]\n[[given.unit]]\nrotation = 'L3'\ncable_a = 'none'\nsettings = {MAX = 32}\ncar = {phases = 2}\n"
        + HOLDS,
    )
    first, second, third = read.given.units
    assert (first.wishes.max_da, first.car.phases, first.cable_ohm, first.rotation) == (200, 1, 1500, 0)
    assert (second.wishes.max_da, second.car.phases, second.cable_ohm, second.rotation) == (320, 2, None, 2)
    assert third == first


def test_a_setting_may_be_written_with_spaces_and_in_any_case(tmp_path: Path) -> None:
    read = story(tmp_path, "[[at]]\nt = 1\ndo = 'set contact 2 always off'\n" + HOLDS)
    assert read.actions[0].words == ("set", "contact", "2", "always", "off")


def test_a_recorded_house_comes_from_a_csv_file_beside_the_story(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text("time;grid\n0;2300\n60;-6900\n", "utf-8")
    read = story(
        tmp_path,
        "[given.house]\ncsv = 'day.csv'\ndelimiter = ';'\nstep_s = 60\nphases = 1\nfrom = 30\n[given.mains]\n" + HOLDS,
    )
    supply = read.given.supply()
    assert supply.mains_da(0, (0, 0, 0)) == (-100, 0, 0)
    assert supply.mains_da(30, (10, 20, 30)) == (-290, 20, 30)
