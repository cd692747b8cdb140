import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.problems.own.loading import load_own

Array = npt.NDArray[Any]
DRAW = np.random.default_rng(0)


def bytes_of(*shape: int) -> Array:
    return DRAW.integers(256, size=shape).astype(np.uint8)


def labels_of(count: int, classes: int = 2) -> Array:
    return np.arange(count) % classes


def saved(folder: Path, **arrays: Any) -> str:
    path = folder / "data.npz"
    np.savez(path, **arrays)
    return str(path)


def parted(x: Array, y: Array | None = None) -> dict[str, Array]:
    y = labels_of(len(x)) if y is None else y
    return {"x_train": x, "y_train": y, "x_test": x[:2], "y_test": y[:2]}


# ---- npz files ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((6, 8, 8), (8, 8, 1)),
        ((6, 8, 8, 3), (8, 8, 3)),
        ((6, 8, 8, 1), (8, 8, 1)),
        ((6, 3, 8, 8), (8, 8, 3)),
        ((6, 4, 8, 8), (8, 8, 4)),
        ((6, 5), (1, 1, 5)),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["uint8", "float32", "float64"])
def test_that_images_are_taken_in_all_the_usual_orders(
    shape: tuple[int, ...], expected: tuple[int, ...], kind: str, tmp_path: Path
) -> None:
    x = bytes_of(*shape).astype(kind)
    name = saved(tmp_path, **parted(x))
    images = load_own(name, size=32)
    found = images.train.images
    assert found.shape == (6, *expected)
    assert found.dtype == (np.uint8 if kind == "uint8" else np.float32)
    assert found.flags.c_contiguous
    if shape[1] in (3, 4) and len(shape) == 4:
        assert (found == x.transpose(0, 2, 3, 1)).all()
    else:
        assert (found.reshape(x.shape) == x).all()
    assert images.train.labels.tolist() == [0, 1, 0, 1, 0, 1]
    assert (images.test.images == found[:2]).all()
    assert images.classes == 2
    assert images.format.size == expected[0]
    assert images.format.channels == expected[2]


def test_that_data_in_one_piece_are_split_always_the_same_way(tmp_path: Path) -> None:
    x, y = bytes_of(50, 4, 4), labels_of(50, 5)
    name = saved(tmp_path, x=x, y=y)
    first, again = load_own(name, size=32), load_own(name, size=32)
    assert (len(first.train), len(first.test)) == (40, 10)
    assert (first.train.images == again.train.images).all()
    pairs = [
        (image.tobytes(), int(label))
        for part in (first.train, first.test)
        for image, label in zip(part.images, part.labels, strict=True)
    ]
    assert sorted(pairs) == sorted(
        (image.tobytes(), int(label)) for image, label in zip(x, y, strict=True)
    )
    assert first.train.labels.tolist() != y[:40].tolist()


def test_that_the_catalog_reads_sizes_off_the_headers(tmp_path: Path) -> None:
    catalog = load_catalog()
    name = saved(tmp_path, x=bytes_of(50, 4, 4), y=labels_of(50))
    info = catalog.datasets.get(name)
    assert (info.train_size, info.test_size, info.classes) == (40, 10, 0)
    name = saved(tmp_path, **parted(bytes_of(6, 4, 4)))
    info = catalog.datasets.get(name)
    assert (info.train_size, info.test_size, info.label) == (6, 2, "data.npz")


GOOD = parted(bytes_of(6, 4, 4))
BAD_ARRAYS: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "no array x; it needs x_train"),
    "no test part": (
        {"x_train": GOOD["x_train"], "y_train": GOOD["y_train"]},
        "no array x_test",
    ),
    "no labels": ({"x": bytes_of(6, 4, 4)}, "no array y"),
    "objects": (GOOD | {"y_train": np.array([{}] * 6)}, "y_train must hold whole"),
    "words": (GOOD | {"y_train": np.array(list("ababab"))}, "whole numbers"),
    "float labels": (GOOD | {"y_train": labels_of(6) * 1.0}, "whole numbers"),
    "short labels": (GOOD | {"y_train": labels_of(5)}, "6 samples and y_train has 5"),
    "square labels": (GOOD | {"y_train": np.zeros((6, 2), int)}, "one class per"),
    "whole numbers": (GOOD | {"x_train": labels_of(6)}, "bytes (uint8) or floats"),
    "complex": (GOOD | {"x_train": np.zeros((6, 4, 4), complex)}, "uint8"),
    "no images": (GOOD | {"x_test": bytes_of(0, 4, 4)}, "x_test is empty"),
    "a number": (GOOD | {"x_test": np.uint8(3)}, "x_test is empty: 0-d"),
    "unequal": (GOOD | {"x_test": bytes_of(2, 5, 5)}, "images of one shape"),
    "unequal kinds": (GOOD | {"x_test": np.zeros((2, 4, 4))}, "both"),
    "a row": ({"x": np.zeros(6), "y": labels_of(6)}, "N×H×W"),
    "five": ({"x": np.zeros((6, 1, 1, 4, 4)), "y": labels_of(6)}, "N×H×W"),
    "oblong": ({"x": bytes_of(6, 4, 5), "y": labels_of(6)}, "square"),
    "channels": ({"x": bytes_of(6, 5, 5, 7), "y": labels_of(6)}, "1, 3 or 4"),
    "NaN": ({"x": np.full((6, 4, 4), np.nan), "y": labels_of(6)}, "not finite"),
    "inf": ({"x": np.full((6, 4, 4), 1e300), "y": labels_of(6)}, "not finite"),
    "one class": ({"x": bytes_of(6, 4, 4), "y": np.zeros(6, int)}, "two classes"),
    "from one": ({"x": bytes_of(6, 4, 4), "y": labels_of(6) + 1}, "0 to 1"),
    "a gap": ({"x": bytes_of(6, 4, 4), "y": labels_of(6) * 2}, "from 0 to 2"),
    "negative": ({"x": bytes_of(6, 4, 4), "y": -labels_of(6)}, "from -1 to 0"),
    "one sample": ({"x": bytes_of(1, 4, 4), "y": np.zeros(1, int)}, "two samples"),
}


def refusal(name: str, *, size: int = 32) -> str:
    with pytest.raises(InputError) as caught:
        load_own(name, size=size)
    message = str(caught.value)
    assert message.startswith("problem.dataset = ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("case", BAD_ARRAYS)
def test_that_arrays_which_are_no_dataset_are_refused(
    case: str, tmp_path: Path
) -> None:
    arrays, says = BAD_ARRAYS[case]
    assert says in refusal(saved(tmp_path, **arrays))


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04" + bytes(100)])
def test_that_a_file_which_is_no_npz_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    path.write_bytes(content)
    assert "an npz file" in refusal(str(path))
    assert "no such file or folder" in refusal(str(tmp_path / "none.npz"))


def test_that_a_damaged_npz_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    arrays: dict[str, Any] = GOOD
    np.savez_compressed(path, **arrays)
    data = bytearray(path.read_bytes())
    places = [300, 350, 400]
    for place in places:
        data[place] ^= 0xFF
    path.write_bytes(data)
    assert "cannot be read" in refusal(str(path))


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (
            b"{'descr': '|u1', 'fortran_order': False, 'shape': (9999999999, 4, 4)}",
            "GB",
        ),
        (b"__import__('os').system('true')", "cannot be read"),
        (b"{'descr': '|u1'}", "no plain array"),
        (b"[3]", "cannot be read"),
        (b"(" * 3000, "cannot be read"),
        (b"{'descr': '|u1', 'shape': (-1, 4)}", "no plain array"),
    ],
)
def test_that_a_header_is_not_believed(
    header: bytes, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "data.npz"
    text = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    with zipfile.ZipFile(path, "w") as archive:
        for word in ("x", "y"):
            archive.writestr(f"{word}.npy", text)
    if says == "GB":
        number = b"{'descr': '<i8', 'shape': (9999999999,)}"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x.npy", text)
            start = b"\x93NUMPY\x01\x00" + len(number).to_bytes(2, "little")
            archive.writestr("y.npy", start + number)
    assert says in refusal(str(path))


# ---- folders ------------------------------------------------------------------------


def picture(
    path: Path, colour: tuple[int, ...], size: tuple[int, int] = (8, 8)
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)


RED, BLUE = (255, 0, 0), (0, 0, 255)


def folder_of(top: Path, count: int = 5) -> Path:
    for i in range(count):
        picture(top / "blue" / f"{i}.png", BLUE)
        picture(top / "red" / f"{i}.png", RED)
    return top


def test_that_a_folder_for_each_class_is_a_dataset(tmp_path: Path) -> None:
    top = folder_of(tmp_path / "data")
    (top / "notes.txt").write_text("not an image")
    (top / "red" / "Thumbs.db").write_text("neither")
    (top / ".cache").mkdir()
    images = load_own(str(top), size=16)
    assert images.classes == 2
    assert (len(images.train), len(images.test)) == (8, 2)
    assert images.train.images.shape == (8, 16, 16, 3)
    for part in (images.train, images.test):
        for image, label in zip(part.images, part.labels, strict=True):
            assert (image == np.array((BLUE, RED)[label])).all()
    info = load_catalog().datasets.get(str(top))
    assert (info.train_size, info.test_size, info.classes) == (8, 2, 2)


def test_that_folders_train_and_test_are_kept_apart(tmp_path: Path) -> None:
    folder_of(tmp_path / "train", 3)
    picture(tmp_path / "test" / "red" / "a.png", RED)
    images = load_own(str(tmp_path), size=4)
    assert images.train.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert images.test.labels.tolist() == [1]
    info = load_catalog().datasets.get(str(tmp_path))
    assert (info.train_size, info.test_size, info.classes) == (6, 1, 2)


def test_that_images_are_cut_to_a_square_in_the_middle(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 20), BLUE)
    image.paste(RED, (10, 0, 30, 20))
    for word in ("a", "b"):
        (tmp_path / word).mkdir()
        image.save(tmp_path / word / "wide.png")
    found = load_own(str(tmp_path), size=10).train.images
    # A pixel at the edge is mixed with its neighbours outside.
    assert (found[:, :, 1:-1] == np.array(RED)).all()


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1", "CMYK", "I;16"])
def test_that_images_of_every_mode_become_red_green_blue(
    mode: str, tmp_path: Path
) -> None:
    for word in ("a", "b"):
        (tmp_path / word).mkdir()
        suffix = "tiff" if mode in ("CMYK", "I;16") else "png"
        Image.new(mode, (8, 8)).save(tmp_path / word / f"x.{suffix}")
    assert load_own(str(tmp_path), size=8).train.images.shape == (1, 8, 8, 3)


def test_that_a_photograph_is_turned_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (8, 8), BLUE)
    image.paste(RED, (0, 0, 8, 4))
    exif = image.getexif()
    exif[0x0112] = 3
    for word in ("a", "b"):
        (tmp_path / word).mkdir()
        image.save(tmp_path / word / "x.png", exif=exif)
    found = load_own(str(tmp_path), size=8).train.images[0]
    assert (found[0, 0] == np.array(BLUE)).all()


@pytest.mark.parametrize(
    "content", [b"", b"no image", b"\x89PNG\r\n\x1a\n" + bytes(50), "half"]
)
def test_that_a_broken_image_is_named(content: bytes | str, tmp_path: Path) -> None:
    top = folder_of(tmp_path)
    if isinstance(content, str):
        noise = Image.fromarray(bytes_of(64, 64, 3))
        noise.save(top / "red" / "2.png")
        whole = (top / "red" / "2.png").read_bytes()
        content = whole[: len(whole) // 2]
    (top / "red" / "2.png").write_bytes(content)
    message = refusal(str(top))
    assert "red/2.png is no image that can be read" in message
    assert message.count(str(tmp_path)) <= 1


def test_that_an_image_which_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    top = folder_of(tmp_path)
    # 12,000 × 12,000 pixels of one colour take a few kB in a file of one bit each.
    Image.new("1", (12_000, 12_000)).save(top / "blue" / "1.png")
    message = refusal(str(top))
    assert "blue/1.png" in message
    assert "pixels" in message


def test_that_more_pixels_than_fit_are_refused(tmp_path: Path) -> None:
    top = folder_of(tmp_path)
    assert "smaller image_size" in refusal(str(top), size=20_000)


def test_that_folders_which_are_no_dataset_are_refused(tmp_path: Path) -> None:
    top = tmp_path / "data"
    top.mkdir()
    assert "data has 0" in refusal(str(top))
    picture(top / "red" / "1.png", RED)
    assert "data has 1" in refusal(str(top))
    (top / "blue").mkdir()
    assert "no image in data/blue" in refusal(str(top))
    (top / "train").mkdir()
    (top / "test").mkdir()
    assert "train has 0" in refusal(str(top))
    folder_of(top / "train")
    assert "no image in test" in refusal(str(top))
    picture(top / "test" / "green" / "1.png", RED)
    assert "test/green has no counterpart" in refusal(str(top))
