import socket
from collections.abc import Callable, Iterator
from http.client import HTTPMessage as Message
from io import BytesIO
from pathlib import Path
from threading import enumerate as threads
from time import monotonic
from urllib.error import HTTPError
from urllib.request import Request

import pytest

from optlab.params import InputError
from optlab.problems.datasets import (
    DownloadCancelled,
    dataset_status,
    get_dataset,
    load_images,
)
from optlab.problems.download import _Redirects, download, part_of
from tests.core.problems.cifar_archives import CIFAR10, archive, sha256
from tests.core.problems.file_server import Fault, FileServer, serving

DATA = archive(CIFAR10, 20)
HASH = sha256(DATA)
HALF = len(DATA) // 2
NO_PAUSES = (0.0, 0.0, 0.0)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("no_proxy", "*")
    before = set(threads())
    yield
    assert set(threads()) <= before


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "file.tar.gz"


def fetch(server: FileServer, target: Path, *, limit: int = 1 << 30) -> None:
    download(server.url, target, sha256=HASH, limit=limit, pauses=NO_PAUSES)


def test_that_a_file_arrives_whole_with_progress(target: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    with serving(DATA) as server:
        download(
            server.url,
            target,
            sha256=HASH,
            limit=1 << 30,
            progress=lambda there, total: seen.append((there, total)),
        )
    assert target.read_bytes() == DATA
    assert not part_of(target).exists()
    assert seen[-1] == (len(DATA), len(DATA))
    assert seen == sorted(seen)


@pytest.mark.parametrize("kind", ["reset", "close"])
@pytest.mark.parametrize("after", [0, 1, HALF, len(DATA) - 1])
def test_that_a_broken_connection_is_resumed_where_it_broke(
    kind: str, after: int, target: Path
) -> None:
    with serving(DATA, Fault(kind, after)) as server:
        fetch(server, target)
    assert target.read_bytes() == DATA
    assert len(server.ranges) == 2
    if kind == "close":
        assert server.ranges[1] == (f"bytes={after}-" if after else None)


def test_that_many_breaks_in_a_row_are_overcome(target: Path) -> None:
    breaks = [Fault("close", 1000) for _ in range(10)]
    with serving(DATA, *breaks) as server:
        fetch(server, target)
    assert target.read_bytes() == DATA
    assert server.ranges[10] == "bytes=10000-"


def test_that_a_server_that_never_gets_anywhere_is_given_up(target: Path) -> None:
    with serving(DATA, *[Fault("reset")] * 9) as server:
        with pytest.raises(InputError, match="cannot be fetched") as caught:
            fetch(server, target)
        assert len(server.ranges) == 1 + len(NO_PAUSES)
    assert caught.value.key == server.url
    assert not target.exists()


def test_that_an_earlier_beginning_is_used(target: Path) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(DATA[:HALF])
    with serving(DATA) as server:
        fetch(server, target)
    assert target.read_bytes() == DATA
    assert server.ranges == [f"bytes={HALF}-"]


def test_that_a_finished_part_is_installed(target: Path) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(DATA)
    with serving(DATA) as server:
        fetch(server, target)
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("part", [b"x" * HALF, b"x" * len(DATA), b"x" * 2 * len(DATA)])
def test_that_a_wrong_beginning_is_thrown_away(part: bytes, target: Path) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(part)
    with serving(DATA) as server:
        fetch(server, target)
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("kind", ["no-range", "bad-range"])
def test_that_a_server_without_proper_ranges_is_asked_for_everything(
    kind: str, target: Path
) -> None:
    with serving(DATA, Fault("close", HALF), Fault(kind)) as server:
        fetch(server, target)
    assert target.read_bytes() == DATA


def test_that_an_answer_of_unknown_length_is_taken(target: Path) -> None:
    with serving(DATA, Fault("no-length")) as server:
        fetch(server, target)
    assert target.read_bytes() == DATA


def test_that_a_file_with_another_hash_is_never_installed(target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(b"what was there")
    with (
        serving(DATA[:-1] + b"?") as server,
        pytest.raises(InputError, match="nothing was installed") as caught,
    ):
        fetch(server, target)
    assert HASH[:12] in str(caught.value)
    assert target.read_bytes() == b"what was there"
    assert not part_of(target).exists()


def test_that_a_web_page_does_not_spoil_what_has_arrived(target: Path) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(DATA[:HALF])
    with (
        serving(DATA, Fault("page")) as server,
        pytest.raises(InputError, match="web page"),
    ):
        fetch(server, target)
    assert part_of(target).read_bytes() == DATA[:HALF]
    assert not target.exists()


@pytest.mark.parametrize(("status", "tries"), [(404, 1), (403, 1), (410, 1)])
def test_that_a_refusal_is_final(status: int, tries: int, target: Path) -> None:
    with serving(DATA, *[Fault("status", status=status)] * 9) as server:
        with pytest.raises(InputError, match=f"the server answers {status}"):
            fetch(server, target)
        assert len(server.ranges) == tries


@pytest.mark.parametrize("status", [500, 503, 429])
def test_that_a_server_in_trouble_is_asked_again(status: int, target: Path) -> None:
    with serving(DATA, *[Fault("status", status=status)] * 2) as server:
        fetch(server, target)
        assert len(server.ranges) == 3
    assert target.read_bytes() == DATA
    target.unlink()
    with (
        serving(DATA, *[Fault("status", status=status)] * 9) as server,
        pytest.raises(InputError, match=str(status)),
    ):
        fetch(server, target)


def test_that_a_redirect_is_followed_to_the_same_kind_of_address(target: Path) -> None:
    with serving(DATA) as server, serving(b"") as first:
        first.faults.append(Fault("redirect", location=server.url))
        fetch(first, target)
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("scheme", ["file", "ftp", "data", "gopher"])
def test_that_a_redirect_to_another_kind_of_address_is_refused(
    scheme: str, target: Path, tmp_path: Path
) -> None:
    bait = tmp_path / "bait"
    bait.write_bytes(DATA)
    location = f"{scheme}://{bait}"
    with (
        serving(DATA, Fault("redirect", location=location)) as server,
        pytest.raises(InputError, match="redirects"),
    ):
        fetch(server, target)
    assert not target.exists()


def test_that_redirects_in_a_circle_end(target: Path) -> None:
    with serving(DATA) as server:
        server.faults.extend([Fault("redirect", location=server.url)] * 30)
        with pytest.raises(InputError, match="redirects"):
            fetch(server, target)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "cifar", "http://"])
def test_that_only_web_addresses_are_opened(url: str, target: Path) -> None:
    with pytest.raises(InputError, match="http or https") as caught:
        download(url, target, sha256=HASH, limit=1, pauses=())
    assert caught.value.value == url


def test_that_an_address_where_nobody_answers_is_named(target: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/file"
    with pytest.raises(InputError, match="cannot be fetched") as caught:
        download(url, target, sha256=HASH, limit=1, pauses=(0.0,))
    assert caught.value.key == url


@pytest.mark.parametrize("kind", ["", "no-length"])
def test_that_a_file_without_end_is_cut_off(kind: str, target: Path) -> None:
    with (
        serving(DATA, Fault(kind)) as server,
        pytest.raises(InputError, match="too large"),
    ):
        fetch(server, target, limit=10_000)
    assert not target.exists()


def test_that_a_cancel_takes_effect_at_once_and_keeps_what_has_arrived(
    target: Path,
) -> None:
    with serving(DATA, Fault("stall", HALF)) as server:
        cancelled_at: list[float] = []

        def cancelled() -> bool:
            part = part_of(target)
            there = part.stat().st_size if part.exists() else 0
            if server.stalled.is_set() and there == HALF:
                cancelled_at.append(monotonic())
            return bool(cancelled_at)

        with pytest.raises(DownloadCancelled):
            download(
                server.url, target, sha256=HASH, limit=1 << 30, cancelled=cancelled
            )
        assert monotonic() - cancelled_at[0] < 1
        server.released.set()
        assert part_of(target).read_bytes() == DATA[:HALF]
        fetch(server, target)
        assert server.ranges[-1] == f"bytes={HALF}-"
    assert target.read_bytes() == DATA


def test_that_a_cancel_takes_effect_between_tries(target: Path) -> None:
    with serving(DATA, *[Fault("reset")] * 9) as server:
        began = monotonic()
        with pytest.raises(DownloadCancelled):
            download(
                server.url,
                target,
                sha256=HASH,
                limit=1 << 30,
                cancelled=lambda: monotonic() - began > 0.3,
                pauses=(60.0,),
            )
        assert monotonic() - began < 2
        assert len(server.ranges) == 1


def test_that_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")
    with (
        serving(DATA) as server,
        pytest.raises(InputError, match="cannot be written"),
    ):
        fetch(server, tmp_path / "folder" / "file.tar.gz")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_that_a_full_disk_is_said_in_one_line(target: Path) -> None:
    target.parent.mkdir()
    part_of(target).symlink_to("/dev/full")
    with (
        serving(DATA) as server,
        pytest.raises(InputError, match="No space left"),
    ):
        fetch(server, target)


def test_that_a_dataset_is_fetched_once_and_then_loaded(tmp_path: Path) -> None:
    assert not dataset_status("cifar10", folder=tmp_path).ready
    with serving(DATA, Fault("reset", HALF)) as server:
        for _ in range(2):
            path = get_dataset(
                "cifar10",
                url=server.url,
                sha256=HASH.upper(),
                folder=tmp_path,
                pauses=NO_PAUSES,
            )
        assert len(server.ranges) == 2
    status = dataset_status("cifar10", folder=tmp_path)
    assert status.ready
    assert (status.path, status.size, status.partial) == (path, len(DATA), 0)
    assert len(load_images("cifar10", folder=tmp_path).train) == 100


def test_that_a_damaged_file_is_fetched_again(tmp_path: Path) -> None:
    (tmp_path / CIFAR10.archive).write_bytes(DATA[:100])
    with serving(DATA) as server:
        get_dataset("cifar10", url=server.url, sha256=HASH, folder=tmp_path)
    assert (tmp_path / CIFAR10.archive).read_bytes() == DATA


def test_that_the_official_hash_is_what_counts(tmp_path: Path) -> None:
    with (
        serving(DATA) as server,
        pytest.raises(InputError, match="expected c4a38c50a1bc"),
    ):
        get_dataset("cifar10", url=server.url, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_that_an_unfinished_download_shows_in_the_status(tmp_path: Path) -> None:
    part_of(tmp_path / CIFAR10.archive).write_bytes(DATA[:77])
    status = dataset_status("cifar10", folder=tmp_path)
    assert (status.ready, status.partial, status.total) == (False, 77, 170_052_171)


def test_that_datasets_made_on_the_spot_are_always_ready(tmp_path: Path) -> None:
    for name in ("lobes-32", "digits"):
        status = dataset_status(name, folder=tmp_path)
        assert status.ready
        assert not status.download
    assert len(load_images("digits").test) == 360


def test_that_a_file_that_was_fetched_otherwise_is_taken(tmp_path: Path) -> None:
    source = tmp_path / "from" / "anything.bin"
    source.parent.mkdir()
    source.write_bytes(DATA)
    seen: list[tuple[int, int | None]] = []
    path = get_dataset(
        "cifar10",
        source=source,
        sha256=HASH,
        folder=tmp_path / "to",
        progress=lambda there, total: seen.append((there, total)),
    )
    assert path.read_bytes() == DATA
    assert source.exists()
    assert seen[-1] == (len(DATA), len(DATA))
    assert get_dataset("cifar10", source=path, sha256=HASH, folder=path.parent) == path
    assert path.read_bytes() == DATA


SOURCES: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "a folder": lambda path: path.mkdir(),
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(DATA[:-1]),
    "web page": lambda path: path.write_bytes(b"<html></html>"),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_that_a_wrong_source_is_refused_and_nothing_installed(
    kind: str, tmp_path: Path
) -> None:
    source, folder = tmp_path / "source", tmp_path / "to"
    SOURCES[kind](source)
    with pytest.raises(InputError) as caught:
        get_dataset("cifar10", source=source, sha256=HASH, folder=folder)
    assert caught.value.key == str(source)
    assert not folder.exists() or list(folder.iterdir()) == []


def test_that_copying_can_be_cancelled(tmp_path: Path) -> None:
    source, folder = tmp_path / "source", tmp_path / "to"
    source.write_bytes(DATA)
    asked = iter([False, False, True])
    with pytest.raises(DownloadCancelled):
        get_dataset(
            "cifar10",
            source=source,
            sha256=HASH,
            folder=folder,
            cancelled=lambda: next(asked, True),
        )
    assert not folder.exists() or list(folder.iterdir()) == []


def test_that_only_datasets_with_a_file_can_be_fetched(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cifar10, cifar100"):
        get_dataset("digits", folder=tmp_path)
    for call in (get_dataset, dataset_status, load_images):
        with pytest.raises(InputError, match="did you mean cifar10"):
            call("cifar1", folder=tmp_path)


def test_that_a_silent_server_is_asked_again(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optlab.problems.download._TIMEOUT", 0.2)
    with serving(DATA, Fault("stall", HALF)) as server:
        fetch(server, target)
        assert server.ranges == [None, f"bytes={HALF}-"]
    assert target.read_bytes() == DATA


def test_that_a_redirect_may_not_give_up_encryption() -> None:
    handler, headers = _Redirects(), Message()
    request = Request("https://example.org/file")
    with pytest.raises(HTTPError):
        handler.redirect_request(
            request, BytesIO(), 302, "Found", headers, "http://example.org/file"
        )
    onwards = "https://example.net/file"
    followed = handler.redirect_request(
        request, BytesIO(), 302, "Found", headers, onwards
    )
    assert followed is not None
    assert followed.full_url == onwards
