"""Code of a person's own runs where somebody has allowed these very bytes."""

import json
import py_compile
from pathlib import Path

import pytest

from optlab.own_files import NotAllowed, not_allowed, own_place
from optlab.trust import FILE, VARIABLE, fingerprint, handed_on, is_trusted, trust

CODE = b"value = 1\n"


@pytest.fixture(autouse=True)
def _nothing_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)


def test_that_trust_is_in_the_bytes_and_not_in_the_name(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    assert not is_trusted(CODE, tmp_path)
    trust(CODE, file, tmp_path)
    assert is_trusted(CODE, tmp_path)
    assert not is_trusted(CODE + b"#", tmp_path)
    trust(b"other", file, tmp_path)
    assert is_trusted(CODE, tmp_path)
    assert json.loads((tmp_path / FILE).read_text())[fingerprint(CODE)] == str(file)


@pytest.mark.parametrize("text", ["", "[1]", "null", "\x00", '{"": ', "[" * 9999])
def test_that_a_list_that_cannot_be_read_allows_nothing(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / FILE).write_text(text)
    assert not is_trusted(CODE, tmp_path)
    trust(CODE, Path("mine.py"), tmp_path)
    assert is_trusted(CODE, tmp_path)


def test_that_trust_can_be_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(CODE, Path("mine.py"), tmp_path)
    monkeypatch.setenv(VARIABLE, handed_on(tmp_path))
    elsewhere = tmp_path / "elsewhere"
    assert is_trusted(CODE, elsewhere)
    assert not is_trusted(b"other", elsewhere)
    monkeypatch.setenv(VARIABLE, "all")
    assert handed_on(tmp_path) == "all"
    assert is_trusted(b"other", elsewhere)


def test_that_an_empty_file_is_not_trusted_by_an_empty_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for given in ("", ",", " "):
        monkeypatch.setenv(VARIABLE, given)
        assert not is_trusted(b"", tmp_path)


def test_that_nothing_of_a_file_runs_before_it_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("from pathlib import Path\nPath(__file__ + '.ran').touch()\nx = 3")
    place = own_place(f"{path}:x", "optimizers.0.name", form="")
    with pytest.raises(NotAllowed, match=r"optimizers\.0\.name.*nobody has allowed"):
        place.load()
    assert not Path(f"{path}.ran").exists()
    assert not_allowed([("k", "SGD"), ("k", f"{path}:x"), ("l", f"{path}:y")]) == (
        own_place(f"{path}:x", "k", form=""),
    )
    place.allow()
    assert place.load() == 3
    assert not_allowed([("k", f"{path}:x")]) == ()
    path.write_text("x = 4")
    with pytest.raises(NotAllowed):
        place.load()


def test_that_compiled_code_beside_a_file_is_not_run_in_its_place(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mine.py"
    path.write_text("x = 'hostile'")
    place = own_place(f"{path}:x", "k", form="")
    # Valid whatever the source says: Python would take it without a look at mine.py.
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(path), invalidation_mode=mode, doraise=True)
    path.write_text("x = 'honest'")
    place.allow()
    assert place.load() == "honest"


def test_that_where_nothing_can_be_kept_a_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocker = tmp_path / "file"
    blocker.touch()
    for name in ("XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(blocker))
    path = tmp_path / "mine.py"
    path.write_text("x = 3")
    with pytest.raises(ValueError, match="cannot be remembered"):
        own_place(f"{path}:x", "k", form="").allow()
