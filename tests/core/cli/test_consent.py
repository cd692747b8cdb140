"""Code of a person's own runs in the terminal where ``--trust`` or a person says so."""

import io
import sys
from pathlib import Path

import pytest

from optlab import cli

CODE = """from pathlib import Path
import torch
Path(__file__).with_name("ran").touch()
class Mine(torch.optim.SGD):
    def __init__(self, params, lr=0.01):
        super().__init__(params, lr=lr)
"""
SPEC = """format = 1
[problem]
name = "quadratic"
[training]
steps = 3
seeds = [0, 1]
[[optimizers]]
name = "{path}:Mine"
"""


@pytest.fixture(autouse=True)
def _nothing_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPTLAB_TRUST")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of code, and an experiment beside it that names it."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mine.py"
    path.write_text(CODE)
    (tmp_path / "spec.toml").write_text(SPEC.format(path=path))
    return path


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    "words",
    [
        "run spec.toml --out out --quiet",
        "tune spec.toml --out out --quiet",
        "sweep spec.toml --out out --quiet",
        "compare spec.toml --out out",
        "basins spec.toml --to out.png --quiet",
        "grade --optimizers {path}:Mine --steps 10 --out out --quiet",
    ],
)
def test_that_code_is_refused_with_the_way_to_allow_it(
    words: str, own: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words.format(path=own).split()) == 2
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "it is code" in said
    assert str(own) in said
    assert "--trust" in said
    assert not own.with_name("ran").exists()
    assert not own.with_name("out").exists()


def test_that_what_was_allowed_is_remembered_until_it_changes(own: Path) -> None:
    assert cli.main(["run", "spec.toml", "--out", "a", "--quiet", "--trust"]) == 0
    assert cli.main(["run", "spec.toml", "--out", "b", "--quiet"]) == 0
    own.write_text(CODE + "# changed\n")
    for words in (
        "run spec.toml --out c --quiet",
        "resume b/run.optlab --steps 5 --quiet",
        "replay b/run.optlab --quiet --out d",
        "replay b/run.optlab --quiet --check",
    ):
        own.with_name("ran").unlink(missing_ok=True)
        assert cli.main(words.split()) == 2, words
        assert not own.with_name("ran").exists()
    assert cli.main(["replay", "b/run.optlab", "--check", "--quiet", "--trust"]) == 0


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("\n", 2), ("", 2)])
def test_that_a_person_at_a_terminal_is_asked(
    answer: str, code: int, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", said)
    assert cli.main(["run", "spec.toml", "--out", "out", "--quiet"]) == code
    assert "It begins: from pathlib import Path" in said.getvalue()
    assert "[y/N]" in said.getvalue()
    assert own.with_name("ran").exists() is (code == 0)
