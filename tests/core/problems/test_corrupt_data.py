"""Data that went bad on the way: one line for each kind, and never taken for good."""

import gzip
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import numpy as np
import pytest

from optlab import cli
from optlab.params import InputError
from optlab.problems import cifar
from optlab.problems.datasets import dataset_status, get_dataset, load_images
from optlab.problems.download import part_of
from tests.core.problems.cifar_archives import (
    CIFAR10,
    archive,
    members,
    packed,
    put,
    records,
    sha256,
)
from tests.promises import Note, Times

WHOLE = archive(CIFAR10, 3)
MOST_SECONDS = 3.0


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def with_label(label: int) -> bytes:
    data = bytearray(records(CIFAR10, 3))
    data[CIFAR10.record] = label
    return packed({**members(CIFAR10, 3), CIFAR10.train[2]: bytes(data)})


def with_part(data: bytes) -> bytes:
    return packed({**members(CIFAR10, 3), CIFAR10.test[0]: data})


KINDS: Mapping[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "one byte": lambda: WHOLE[:1],
    "HTML error page": lambda: b"<!DOCTYPE html><title>502 Bad Gateway</title>",
    "JSON error": lambda: b'{"error": "quota exceeded"}',
    "plain text": lambda: b"version https://git-lfs.github.com/spec/v1\n",
    "zeros": lambda: bytes(len(WHOLE)),
    "label 10": lambda: with_label(10),
    "label 255": lambda: with_label(255),
    "a member too short": lambda: with_part(records(CIFAR10, 3)[:-1]),
    "a member too long": lambda: with_part(records(CIFAR10, 3) + b"x"),
    "an empty member": lambda: with_part(b""),
    "a member missing": lambda: packed({CIFAR10.train[0]: records(CIFAR10, 3)}),
    "gzip in gzip": lambda: gzip.compress(WHOLE, mtime=0),
    "not compressed": lambda: gzip.decompress(WHOLE),
    "a gzip bomb": lambda: gzip.compress(bytes(10**6), mtime=0) * 500,
    "CIFAR-100 in its place": lambda: packed(members(cifar.LAYOUTS[1], 3)),
    "rubbish behind it": lambda: WHOLE + b"rubbish",
}


def refused(folder: Path, what: str) -> str:
    """Load CIFAR-10, which has to be refused in one line and soon."""
    began = monotonic()
    with pytest.raises(InputError) as caught:
        load_images("cifar10", folder=folder)
    assert monotonic() - began < MOST_SECONDS, what
    said = str(caught.value)
    assert "\n" not in said
    return said


@pytest.mark.promise(
    11, "each kind of bad data gets one line in 3 s; none is installed"
)
def test_that_each_kind_is_refused_and_never_installed(
    tmp_path: Path, times: Times, measured: Note
) -> None:
    times(len(KINDS), len(KINDS))
    began = monotonic()
    for number, (kind, make) in enumerate(KINDS.items()):
        data = make()
        here, there = tmp_path / f"{number}", tmp_path / f"{number}-new"
        path = put(here, CIFAR10, data)
        assert str(path) in refused(here, kind)
        with pytest.raises(InputError):
            get_dataset("cifar10", source=path, sha256=sha256(WHOLE), folder=there)
        assert not dataset_status("cifar10", folder=there).ready
        assert list(there.iterdir()) == []
    measured(f"{(monotonic() - began) / len(KINDS):.2f} s each")


@pytest.mark.promise(11, "no truncation of a dataset goes unnoticed")
def test_that_no_cut_goes_unnoticed(tmp_path: Path, times: Times) -> None:
    count = times(10, 100)
    for place in np.linspace(0, len(WHOLE) - 1, count).astype(int):
        put(tmp_path, CIFAR10, WHOLE[:place])
        refused(tmp_path, f"cut at {place}")


@pytest.mark.promise(11, "no flipped bit of a dataset changes what is trained on")
def test_that_no_flipped_bit_changes_an_image(tmp_path: Path, times: Times) -> None:
    put(tmp_path, CIFAR10, WHOLE)
    sound = load_images("cifar10", folder=tmp_path)
    draw = np.random.default_rng(0)
    unharmed = 0
    for bit in draw.integers(8 * len(WHOLE), size=times(10, 200)):
        put(tmp_path, CIFAR10, flipped(WHOLE, int(bit)))
        try:
            found = load_images("cifar10", folder=tmp_path)
        except InputError:
            continue
        # The header of gzip has a date and a system, which say nothing of the data.
        unharmed += 1
        assert np.array_equal(found.train.images, sound.train.images)
        assert np.array_equal(found.test.labels, sound.test.labels)
    assert unharmed <= 2


def test_that_an_archive_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, CIFAR10, archive(CIFAR10, 200))
    read = cifar._read_member

    def changing(*args: object) -> bytes:
        os.truncate(path, path.stat().st_size // 2)
        return read(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(cifar, "_read_member", changing)
    assert "not a usable" in refused(tmp_path, "cut while it is read")


def test_that_what_was_loaded_does_not_change_with_its_file(tmp_path: Path) -> None:
    path = put(tmp_path, CIFAR10, WHOLE)
    found = load_images("cifar10", folder=tmp_path)
    before = found.train.images.copy()
    with path.open("r+b") as file:
        file.write(bytes(len(WHOLE)))
    path.unlink()
    assert np.array_equal(found.train.images, before)


def test_that_links_are_followed_only_to_sound_files(tmp_path: Path) -> None:
    place = tmp_path / "data" / CIFAR10.archive
    place.parent.mkdir()
    elsewhere = put(tmp_path / "elsewhere", CIFAR10, WHOLE)
    for target in (tmp_path / "nowhere", place, Path("/dev/null"), tmp_path):
        place.symlink_to(target)
        assert "not on this machine" in refused(place.parent, str(target))
        assert not dataset_status("cifar10", folder=place.parent).ready
        place.unlink()
    place.symlink_to(Path(__file__))
    assert "no gzip archive" in refused(place.parent, "a link to code")
    place.unlink()
    place.symlink_to(elsewhere)
    assert len(load_images("cifar10", folder=place.parent).train.labels) == 15


@contextmanager
def nobody() -> Iterator[None]:
    """Be an unprivileged user for the time of a block."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are those of POSIX")
@pytest.mark.parametrize("closed", ["the file", "the folder"])
def test_that_data_that_may_not_be_read_get_one_line(
    closed: str, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    path = put(folder, CIFAR10, WHOLE)
    own = folder / "own.npz"
    own.write_bytes(WHOLE)
    for parent in (*tmp_path.parents[:3], tmp_path):
        if os.access(parent, os.W_OK):
            parent.chmod(parent.stat().st_mode | 0o011)
    if closed == "the file":
        path.chmod(0)
        own.chmod(0)
    else:
        folder.chmod(0)
    try:
        with nobody():
            said = refused(folder, closed)
            dataset_status("cifar10", folder=folder)
            with pytest.raises(InputError):
                load_images(str(own))
            with pytest.raises(InputError):
                get_dataset("cifar10", source=path, folder=tmp_path / "new")
    finally:
        folder.chmod(0o700)
    assert "Permission denied" in said or "not on this machine" in said


@pytest.mark.parametrize("name", ["x/" * 3000, "./a\0b", "~nobody-here/x.npz", "/" * 9])
def test_that_no_name_is_too_odd(name: str) -> None:
    with pytest.raises(InputError):
        load_images(name)


def test_that_a_bad_dataset_ends_a_run_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPTLAB_DATA", str(tmp_path))
    put(tmp_path, CIFAR10, WHOLE[:-9])
    words = ["run", "seed-cnn-first-look", "--set", "problem.dataset=cifar10"]
    assert cli.main([*words, "--out", "out", "--quiet"]) == 2
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "optlab data get cifar10" in said
    assert not Path("out").exists()
    assert not part_of(tmp_path / CIFAR10.archive).exists()
