"""What the doctor knows not to go well together."""

import pytest

from optlab.cli.doctor import (
    PACKAGES,
    QT_LIBRARIES,
    Setup,
    findings,
    is_fatal_pair,
    missing_libraries,
)

GOOD = dict.fromkeys(PACKAGES, "1.0") | {
    "torch": "2.13.0+cpu",
    "PySide6-Essentials": "6.11.3",
}


def setup_with(
    *,
    python: tuple[int, ...] = (3, 11, 7),
    sqlite: tuple[int, ...] = (3, 53, 0),
    missing: tuple[str, ...] = (),
    **versions: str,
) -> Setup:
    changed = {name.replace("_", "-"): v for name, v in versions.items()}
    return Setup(python=python, versions=GOOD | changed, sqlite=sqlite, missing=missing)


def test_that_a_good_setup_has_no_findings() -> None:
    assert findings(setup_with()) == ()


@pytest.mark.parametrize(
    ("setup", "serious", "words"),
    [
        (setup_with(PySide6_Essentials="6.12.0"), True, "6.11.3"),
        (setup_with(numpy=""), True, "numpy is not installed"),
        (setup_with(torch="2.12.1"), False, "2.12.1"),
        (setup_with(missing=("libegl1",)), True, "apt-get install libegl1"),
        (setup_with(sqlite=(3, 40, 1)), False, "3.51.3"),
    ],
)
def test_that_a_bad_setup_is_found(setup: Setup, serious: bool, words: str) -> None:
    (finding,) = findings(setup)
    assert finding.serious is serious
    assert words in finding.text


@pytest.mark.parametrize(
    ("pyside", "python", "fatal"),
    [
        ("6.12.0", (3, 11, 7), True),
        ("6.12.0", (3, 12, 0), False),
        ("6.12.1", (3, 11, 7), False),
        ("6.11.3", (3, 11, 7), False),
        ("", (3, 11, 7), False),
    ],
)
def test_that_only_the_fatal_pair_is_refused(
    pyside: str, python: tuple[int, ...], fatal: bool
) -> None:
    assert is_fatal_pair(pyside, python) is fatal


def test_that_a_library_that_does_not_load_is_named_by_its_package() -> None:
    assert missing_libraries(lambda name: name != "libEGL.so.1") == ("libegl1",)
    everything = missing_libraries(lambda name: False)
    assert set(QT_LIBRARIES.values()) < set(everything)
