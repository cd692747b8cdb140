"""The set-up and `optlab doctor` name the same system libraries."""

import re

from optlab.cli.doctor import QT_LIBRARIES, XCB_LIBRARIES
from tests.architecture.source import ROOT


def installed_by(name: str) -> dict[str, str]:
    """Return the libraries and packages of one list in the script."""
    text = (ROOT / "scripts" / "system-libraries.sh").read_text(encoding="utf-8")
    found = re.search(rf'^{name}="([^"]*)"', text, re.MULTILINE)
    assert found
    return {pair.split(":")[0]: pair.split(":")[1] for pair in found[1].split()}


def test_that_the_set_up_installs_what_the_doctor_asks_for_offscreen() -> None:
    assert installed_by("offscreen") == dict(QT_LIBRARIES)


def test_that_the_set_up_installs_what_the_doctor_asks_for_on_a_screen() -> None:
    assert installed_by("window").items() >= XCB_LIBRARIES.items()
