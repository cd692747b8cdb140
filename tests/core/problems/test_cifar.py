import gzip
import io
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from optlab.params import InputError
from optlab.problems import cifar
from optlab.problems.base import TaskContext
from optlab.problems.catalog_images import DATASETS, IMAGE_CLASSIFICATION
from optlab.problems.cifar import LAYOUTS, Layout, data_folder, load, read_archive
from optlab.problems.image_classification import family
from tests.core.problems.cifar_archives import (
    CIFAR10,
    CIFAR100,
    archive,
    members,
    packed,
    put,
    records,
)

every_layout = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda la: la.name)


@every_layout
def test_that_images_and_labels_are_those_of_the_records(
    layout: Layout, tmp_path: Path
) -> None:
    content = members(layout, 5)
    put(tmp_path, layout, packed(content))
    images = load(layout, folder=tmp_path)
    assert images.classes == layout.label_counts[-1]
    for part, names in ((images.train, layout.train), (images.test, layout.test)):
        raw = b"".join(content[name] for name in names)
        table = np.frombuffer(raw, np.uint8).reshape(-1, layout.record)
        head = len(layout.label_counts)
        assert len(part) == len(table) == 5 * len(names)
        assert part.labels.tolist() == table[:, head - 1].tolist()
        assert part.images.flags.c_contiguous
        for y, x, channel in ((0, 0, 0), (3, 17, 1), (31, 31, 2)):
            place = head + channel * 1024 + y * 32 + x
            assert (part.images[:, y, x, channel] == table[:, place]).all()


def test_that_the_layouts_agree_with_the_catalog() -> None:
    for layout in LAYOUTS:
        info = next(info for info in DATASETS if info.name == layout.name)
        assert info.download
        assert info.classes == layout.label_counts[-1]
        assert info.train_size == len(layout.train) * layout.most_records
    assert [layout.record for layout in LAYOUTS] == [3073, 3074]


def _renamed(layout: Layout) -> bytes:
    content = members(layout, 2)
    return packed({name.replace("-bin", "-py"): d for name, d in content.items()})


def _without_test_part(layout: Layout) -> bytes:
    content = members(layout, 2)
    del content[layout.test[0]]
    return packed(content)


def _with(layout: Layout, name: str, data: bytes) -> bytes:
    return packed({**members(layout, 2), name: data})


def _bad_label(layout: Layout) -> bytes:
    data = bytearray(records(layout, 2))
    data[layout.record + len(layout.label_counts) - 1] = layout.label_counts[-1]
    return _with(layout, layout.train[0], bytes(data))


def _flipped(layout: Layout) -> bytes:
    data = bytearray(archive(layout))
    data[len(data) // 2] ^= 0x10
    return bytes(data)


def _linked(layout: Layout, kind: bytes, target: str) -> bytes:
    content = members(layout, 2)
    link = tarfile.TarInfo(layout.train[0])
    link.type, link.linkname = kind, target
    del content[layout.train[0]]
    return packed(content, link)


DAMAGE: dict[str, tuple[Callable[[Layout], bytes], str]] = {
    "empty file": (lambda _: b"", "an empty file"),
    "web page": (lambda _: b"\n <!DOCTYPE html><html>", "a web page"),
    "text": (lambda _: b"not an archive", "no gzip archive"),
    "gzip alone": (lambda _: gzip.compress(b"x" * 9999), "is not in it|header"),
    "gzip cut in its header": (lambda la: archive(la)[:7], "ended"),
    "cut in the middle": (lambda la: archive(la)[:-20_000], "end"),
    "cut in the checksum": (lambda la: archive(la)[:-5], "end"),
    "one bit flipped": (_flipped, "."),
    "python version": (
        lambda la: packed({"cifar-10-batches-py/data_batch_1": b"\x80"}),
        "must be the binary version",
    ),
    "no test part": (_without_test_part, "is not in it"),
    "empty member": (lambda la: _with(la, la.test[0], b""), "has 0 bytes"),
    "half a record": (
        lambda la: _with(la, la.test[0], records(la, 2)[:-1]),
        "records of 307",
    ),
    "bad label": (_bad_label, "at most"),
    "symbolic link": (
        lambda la: _linked(la, tarfile.SYMTYPE, "/etc/passwd"),
        "is not in it",
    ),
    "hard link": (lambda la: _linked(la, tarfile.LNKTYPE, la.test[0]), "not in it"),
    "device": (lambda la: _linked(la, tarfile.CHRTYPE, ""), "is not in it"),
}


@every_layout
@pytest.mark.parametrize("damage", DAMAGE)
def test_that_a_damaged_archive_gets_one_clear_line(
    layout: Layout, damage: str, tmp_path: Path
) -> None:
    make, said = DAMAGE[damage]
    path = put(tmp_path, layout, make(layout))
    with pytest.raises(InputError, match=said) as caught:
        load(layout, folder=tmp_path)
    assert caught.value.key == str(path)
    assert f"optlab data get {layout.name}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_that_no_cut_goes_unnoticed(tmp_path: Path) -> None:
    whole = archive(CIFAR10, 2)
    for place in np.linspace(0, len(whole) - 1, 40).astype(int):
        put(tmp_path, CIFAR10, whole[:place])
        with pytest.raises(InputError):
            load(CIFAR10, folder=tmp_path)


def test_that_too_many_records_are_refused_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, CIFAR10, archive(CIFAR10, 4))
    monkeypatch.setattr(tarfile.TarFile, "extractfile", None)
    small = Layout(**{**vars(CIFAR10), "most_records": 3})
    with pytest.raises(InputError, match="1 to 3 records"):
        read_archive(path, small)


def test_that_a_bomb_is_given_up_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cifar, "_MOST_BYTES", 100_000)
    put(tmp_path, CIFAR10, packed({"zeros": bytes(1_000_000)}))
    with pytest.raises(InputError, match="more data"):
        load(CIFAR10, folder=tmp_path)
    many = packed({f"file{i}": b"" for i in range(150)})
    put(tmp_path, CIFAR10, many)
    with pytest.raises(InputError, match="more members"):
        load(CIFAR10, folder=tmp_path)


def test_that_names_that_climb_out_are_not_followed(tmp_path: Path) -> None:
    content = {"../escaped": b"1", "/escaped": b"2", **members(CIFAR10, 1)}
    folder = tmp_path / "inner" / "data"
    put(folder, CIFAR10, packed(content))
    load(CIFAR10, folder=folder)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [CIFAR10.archive]


def test_that_members_may_come_in_any_order_with_a_dot_before_them(
    tmp_path: Path,
) -> None:
    content = members(CIFAR100, 3)
    shuffled = {f"./{name}": content[name] for name in reversed(list(content))}
    put(tmp_path, CIFAR100, packed(shuffled))
    expected = np.frombuffer(content[CIFAR100.train[0]], np.uint8).reshape(3, -1)[:, 1]
    found = load(CIFAR100, folder=tmp_path).train.labels
    assert found.tolist() == expected.tolist()


@every_layout
def test_that_a_missing_archive_names_the_command(
    layout: Layout, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        load(layout, folder=tmp_path)
    assert caught.value.key == "problem.dataset"
    assert caught.value.value == layout.name
    assert str(caught.value).endswith(f"optlab data get {layout.name}")


def test_that_a_folder_in_place_of_the_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / CIFAR10.archive).mkdir()
    with pytest.raises(InputError):
        load(CIFAR10, folder=tmp_path)


def test_that_the_data_folder_can_be_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTLAB_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.delenv("OPTLAB_DATA")
    assert data_folder().parts[-2:] == ("optlab", "datasets")


@every_layout
def test_that_the_archive_can_be_trained_on(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTLAB_DATA", str(tmp_path))
    put(tmp_path, layout, archive(layout, 4))
    values = IMAGE_CLASSIFICATION.complete({"dataset": layout.name, "batch_size": 4})
    task = family(values, TaskContext(device="cpu")).for_seed(0)
    import torch

    model = task.build_model(torch.Generator().manual_seed(0), sparse=False)
    images, labels = task.batch(np.arange(4, dtype=np.int64))
    assert model(images).shape == (4, layout.label_counts[-1])
    loss, _ = task.loss(model, (images, labels))
    assert torch.isfinite(loss)


def test_that_reading_archives_imports_no_torch() -> None:
    code = (
        "import sys, optlab.problems.datasets, optlab.problems.cifar; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_that_the_stream_of_a_bomb_is_bounded() -> None:
    stream = cifar._Bounded(gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(b"abc"))))
    assert stream.read(2) == b"ab"
    assert stream.read(2) == b"c"
    assert stream.read(2) == b""
