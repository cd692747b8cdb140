"""Fetching one large file over HTTP: progress, cancel, resume, hash.

Bytes go to a ``.part`` file beside the target. It outlives a broken connection, a
cancel and the program, and the next try goes on where it ends. Only a file whose hash
is right ever gets the target's name, in one rename. Must not import torch.
"""

import hashlib
import http.client
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import IO, Final
from urllib.parse import urlsplit

from optlab import __version__
from optlab.params import InputError
from optlab.problems.sniff import looks_of
from optlab.translate import tr

Progress = Callable[[int, int | None], None]
Cancelled = Callable[[], bool]

PAUSES: Final = (1.0, 2.0, 4.0, 8.0)
_TIMEOUT: Final = 20.0
_BLOCK: Final = 1 << 18
_LOOK: Final = 0.1
_REPORT_EVERY: Final = 0.1
_SCHEMES: Final = ("http", "https")


class DownloadCancelled(Exception):
    """A person asked to stop; what has arrived is kept."""


class _Again(Exception):
    """This try failed in a way that may pass."""


def download(
    url: str,
    target: Path,
    *,
    sha256: str,
    limit: int,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    pauses: Sequence[float] = PAUSES,
) -> None:
    """Fetch ``url`` into ``target``.

    Args:
        url: An http or https address.
        target: The file to make; replaced only by a file with the right hash.
        sha256: Hash that it must have, hexadecimal.
        limit: Bytes beyond which the answer cannot be what was asked for.
        progress: Called with bytes there and bytes in all (None where not known).
        cancelled: Asked several times a second whether to stop.
        pauses: Seconds to wait before each new try after tries that brought nothing.

    Raises:
        InputError: The address is wrong, out of reach, or holds another file.
        DownloadCancelled: ``cancelled`` said so.
    """
    if urlsplit(url).scheme not in _SCHEMES or not urlsplit(url).hostname:
        raise InputError("url", url, tr("an address that begins with http or https"))
    part = part_of(target)
    job = _Download(url, part, limit, progress, cancelled)
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        resumed = job.there > 0
        job.run(pauses)
        if resumed and file_hash(part, cancelled=cancelled) != sha256:
            # The old beginning may belong to another version of the file.
            part.unlink()
            job.run(pauses)
        install(part, target, expected=sha256, origin=url)


def part_of(target: Path) -> Path:
    """Return where an unfinished download of ``target`` lies."""
    return target.with_name(target.name + ".part")


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn a failure to write ``target`` into an `InputError`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        text = tr("cannot be written: {reason}", reason=reason)
        raise InputError(str(error.filename or target), None, text) from None


def install(part: Path, target: Path, *, expected: str, origin: str) -> None:
    """Give a finished file its name if its hash is right; remove it otherwise.

    Args:
        part: The finished file.
        target: The name it gets.
        expected: The SHA-256 that it must have.
        origin: Where it comes from, for the message.

    Raises:
        InputError: The hash is wrong.
    """
    found = file_hash(part)
    if found != expected:
        size, looks = part.stat().st_size, looks_of(part)
        part.unlink()
        text = tr(
            "not the file it should be ({looks} of {size} bytes, SHA-256 {found}…, "
            "expected {expected}…); nothing was installed",
            looks=looks.words(),
            size=size,
            found=found[:12],
            expected=expected[:12],
        )
        raise InputError(origin, None, text)
    part.replace(target)


def file_hash(path: Path, *, cancelled: Cancelled | None = None) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if cancelled is not None and cancelled():
                raise DownloadCancelled
            digest.update(block)
    return digest.hexdigest()


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never to a file or from https to http."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        old, new = urlsplit(req.full_url).scheme, urlsplit(newurl).scheme
        if new not in _SCHEMES or (old == "https" and new == "http"):
            raise urllib.error.HTTPError(req.full_url, code, newurl, headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener that knows HTTP alone: no files, no FTP, no data URLs."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    return opener


class _Download:
    """One file on its way."""

    def __init__(
        self,
        url: str,
        part: Path,
        limit: int,
        progress: Progress | None,
        cancelled: Cancelled | None,
    ) -> None:
        self._url, self._part, self._limit = url, part, limit
        self._progress = progress
        self._cancelled = cancelled or (lambda: False)
        self._reported = 0.0

    @property
    def there(self) -> int:
        """Bytes that have arrived."""
        return self._part.stat().st_size if self._part.exists() else 0

    def run(self, pauses: Sequence[float]) -> None:
        """Try until everything is there, or several tries in a row bring nothing."""
        fruitless = 0
        while True:
            before = self.there
            try:
                self._attempt()
                return
            except _Again as error:
                self._check()
                fruitless = 0 if self.there > before else fruitless + 1
                if fruitless > len(pauses):
                    text = tr(
                        "cannot be fetched: {reason}; what has arrived is kept, and "
                        "the next try goes on from there",
                        reason=str(error),
                    )
                    raise InputError(self._url, None, text) from None
                self._wait(pauses[max(fruitless - 1, 0)] if pauses else 0.0)

    def _check(self) -> None:
        if self._cancelled():
            raise DownloadCancelled

    def _wait(self, seconds: float) -> None:
        end, never = monotonic() + seconds, Event()
        while (left := end - monotonic()) > 0:
            self._check()
            never.wait(min(left, _LOOK))

    def _attempt(self) -> None:
        self._check()
        first = self.there
        headers = {"User-Agent": f"optlab/{__version__}", "Accept-Encoding": "identity"}
        if first:
            headers["Range"] = f"bytes={first}-"
        try:
            # The scheme has been checked, and the opener knows no other.
            request = urllib.request.Request(self._url, headers=headers)  # noqa: S310
            response = self._open(request)
        except urllib.error.HTTPError as error:
            with error:
                self._refused(error, first)
            return
        except (http.client.InvalidURL, ValueError) as error:
            raise InputError("url", self._url, _words(error)) from None
        except (OSError, http.client.HTTPException) as error:
            raise _Again(_words(error)) from None
        with response:
            self._receive(response, first)

    def _open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Return the beginning of an answer.

        Looking up a name, connecting and waiting for an answer cannot be interrupted,
        so they happen in a thread that is left alone where a person cancels.
        """
        found: list[http.client.HTTPResponse | BaseException] = []
        left_alone = Event()

        def ask() -> None:
            try:
                found.append(_opener().open(request, timeout=_TIMEOUT))
            except BaseException as error:
                found.append(error)
            if left_alone.is_set() and not isinstance(found[0], BaseException):
                found[0].close()

        thread = Thread(target=ask, name="optlab-connect", daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(_LOOK)
            if self._cancelled():
                left_alone.set()
                raise DownloadCancelled
        if isinstance(found[0], BaseException):
            raise found[0]
        return found[0]

    def _refused(self, error: urllib.error.HTTPError, first: int) -> None:
        """Act upon an answer that is no success."""
        status = f"{error.code} {error.reason}"
        if error.code == 416 and first:
            if _after_slash(error.headers.get("Content-Range", "")) == first:
                # Everything is there already.
                return
            self._part.unlink()
            raise _Again(tr("the file has changed on the server"))
        if error.code >= 500 or error.code in (408, 429):
            raise _Again(status)
        if 300 <= error.code < 400:
            text = tr("redirects to an address that is not followed")
        else:
            text = tr("the server answers {status}", status=status)
        raise InputError(self._url, None, text)

    def _receive(self, response: http.client.HTTPResponse, first: int) -> None:
        if response.headers.get_content_type() == "text/html":
            # Left alone: what an earlier try has brought is worth more.
            text = tr("the server sends a web page instead of the file")
            raise InputError(self._url, None, text)
        start, total = _extent(response)
        if start not in (0, first):
            self._part.unlink(missing_ok=True)
            raise _Again(tr("the server sent another range than was asked for"))
        there = start
        self._limit_to(total or 0)
        with (
            self._part.open("ab" if start else "wb") as file,
            _Watch(response, self._cancelled),
        ):
            while block := _read(response):
                file.write(block)
                there += len(block)
                self._limit_to(there)
                self._report(there, total)
                self._check()
        self._check()
        if total is not None and there < total:
            raise _Again(tr("the connection broke off"))
        self._report(there, total, last=True)

    def _limit_to(self, size: int) -> None:
        if size > self._limit:
            text = tr("too large: more than {limit} bytes", limit=self._limit)
            raise InputError(self._url, None, text)

    def _report(self, there: int, total: int | None, *, last: bool = False) -> None:
        if self._progress is None:
            return
        now = monotonic()
        if last or now - self._reported >= _REPORT_EVERY:
            self._reported = now
            self._progress(there, total)


class _Watch:
    """Breaks a connection that is waiting for data when a person cancels."""

    def __init__(
        self, response: http.client.HTTPResponse, cancelled: Cancelled
    ) -> None:
        self._cancelled = cancelled
        self._done = Event()
        # A copy of the descriptor: the response may close its own at any moment.
        self._connection = socket.fromfd(
            response.fileno(), socket.AF_INET, socket.SOCK_STREAM
        )
        self._thread = Thread(target=self._look, name="optlab-download", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._connection.close()

    def _look(self) -> None:
        while not self._done.wait(_LOOK):
            if self._cancelled():
                # Not connected any more: then nobody is waiting.
                with suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)
                return


def _read(response: http.client.HTTPResponse) -> bytes:
    """Return what has arrived, waiting only where nothing has; empty at the end."""
    try:
        return response.read1(_BLOCK)
    except (OSError, http.client.HTTPException) as error:
        raise _Again(_words(error)) from None


def _extent(response: http.client.HTTPResponse) -> tuple[int, int | None]:
    """Return at which byte an answer starts, and how many the file has in all."""
    if response.status == http.HTTPStatus.PARTIAL_CONTENT:
        text = response.headers.get("Content-Range", "")
        start = text.removeprefix("bytes").strip().partition("-")[0]
        return int(start) if start.isdecimal() else -1, _after_slash(text)
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None


def _after_slash(content_range: str) -> int | None:
    total = content_range.rpartition("/")[2].strip()
    return int(total) if total.isdecimal() else None


def _words(error: BaseException) -> str:
    """Return what went wrong in one line."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    strerror = cause.strerror if isinstance(cause, OSError) else None
    return " ".join((strerror or str(cause) or type(cause).__name__).split())
