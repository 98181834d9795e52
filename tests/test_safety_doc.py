import re

from smartevse.core.faults import RULES
from tests.support.laws import LAWS
from tests.support.safety_doc import FILE, renewed

TEXT = FILE.read_text("utf-8")


def test_the_tables_are_those_of_the_program() -> None:
    assert renewed(TEXT) == TEXT, "run: python -m tests.support.safety_doc"


def test_every_fault_and_every_law_has_its_row() -> None:
    for fault in RULES:
        assert TEXT.count(f"| {fault.name} |") == 1
    for law in LAWS:
        assert TEXT.count(f"| {law.name} |") == 1


def test_it_says_plainly_that_nothing_is_certified() -> None:
    assert "not certified" in re.split(r"^## ", TEXT, flags=re.MULTILINE)[0]
