"""What a run says of where it took place."""

from pathlib import Path

from optlab.engine.devices import _commit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_that_the_commit_of_a_checkout_is_told(tmp_path: Path) -> None:
    git = tmp_path / ".git"
    (git / "refs/heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    assert _commit(tmp_path) == ""
    (git / "packed-refs").write_text(f"# pack-refs\n{COMMIT} refs/heads/main\n")
    assert _commit(tmp_path) == COMMIT[:12]
    (git / "refs/heads/main").write_text(f"{COMMIT[::-1]}\n")
    assert _commit(tmp_path) == COMMIT[::-1][:12]
    (git / "HEAD").write_text(f"{COMMIT}\n")
    assert _commit(tmp_path) == COMMIT[:12]


def test_that_an_installed_program_has_no_commit(tmp_path: Path) -> None:
    assert _commit(tmp_path) == ""
