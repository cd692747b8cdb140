"""Where nothing can be written runs are shown; the rest is said in one sentence."""

import os
from pathlib import Path

import pytest

from tests.core.torture.conftest import Nursery
from tests.core.torture.runs import write_spec
from tests.core.torture.test_faults import STUDY, files
from tests.promises import Times

READING = {
    "list": ("list", "problems"),
    "table": ("export", "old/run.optlab", "--to", "{free}/table.csv"),
    "report": ("report", "old/run.optlab", "--to", "{free}/page.html"),
    "compare": ("compare", "old/run.optlab", "--json"),
    "figure": ("export", "old/run.optlab", "--to", "{free}/figure.svg"),
}
WRITING = {
    "run": ("run", "spec.toml", "--out", "new"),
    "resume": ("resume", "old/run.optlab", "--steps", "90"),
    "export": ("export", "old/run.optlab", "--to", "table.csv"),
    "run by default": ("run", "spec.toml"),
    "report": ("report", "old/run.optlab", "--to", "page.html"),
    "tune": ("tune", "study.toml", "--out", "study"),
    "replace": ("export", "old/run.optlab", "--to", "old/metrics.csv", "--force"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Path:
    """A folder, and a home, in which nobody may write."""
    if not hasattr(os, "geteuid"):
        pytest.skip("needs the permissions of POSIX")
    folder = tmp_path_factory.mktemp("place")
    write_spec(folder, steps=40)
    (folder / "study.toml").write_text(STUDY)
    (folder / "home").mkdir()
    done = nursery.run("run", "spec.toml", "--out", "old", "--quiet", folder=folder)
    assert done.code == 0, done.err
    for path in folder.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    folder.chmod(0o555)
    return folder


@pytest.mark.promise(5, "folder, file and home are read-only: runs are shown")
def test_that_what_only_reads_needs_no_place_to_write(
    tmp_path: Path, place: Path, nursery: Nursery, times: Times
) -> None:
    before = files(place)
    for name in list(READING)[: times(3, len(READING))]:
        words = [word.format(free=tmp_path) for word in READING[name]]
        done = nursery.run(*words, folder=place, bound=True, env=home_of(place))
        assert (done.code, done.err) == (0, ""), name
        assert files(place) == before
    if "figure" in list(READING)[: times(3, len(READING))]:
        assert (tmp_path / "figure.svg").stat().st_size > 1000


@pytest.mark.promise(5, "folder, file and home are read-only: each verb says so, once")
def test_that_what_writes_says_in_one_sentence_that_it_cannot(
    place: Path, nursery: Nursery, times: Times
) -> None:
    before = files(place)
    for name in list(WRITING)[: times(3, len(WRITING))]:
        done = nursery.run(*WRITING[name], folder=place, bound=True, env=home_of(place))
        assert done.code == 2, (name, done)
        lines = done.err.splitlines()
        assert len(lines) == 1, (name, done)
        assert lines[0].startswith("optlab: "), name
        assert "ermission denied" in lines[0] or "readonly" in lines[0], (name, lines)
        assert files(place) == before


def home_of(place: Path) -> dict[str, str]:
    home = str(place / "home")
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    return dict.fromkeys((*names, "XDG_CACHE_HOME"), home)
