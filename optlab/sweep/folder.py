"""The folder of a study: its experiment, and a run file for each part of it.

    study.toml                            the experiment as it was given
    tuning/0-lobes-32/2-Adam/007.optlab   tuning trial 7 of one optimizer on one problem
    final/0-lobes-32/seed-3.optlab        the winners with one seed, until all are there
    final/0-lobes-32.optlab               the winners with all seeds

Nothing else is kept: what was done is what the run files say. Each is written whole or
not at all.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from optlab.analysis.evidence import SUFFIX, problem_words
from optlab.params import InputError
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, dump_spec, read_spec
from optlab.translate import tr

STUDY_FILE: Final = "study.toml"


class StudyFolder:
    """Where a study keeps what it is and what it did.

    Args:
        path: The folder; made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def study_file(self) -> Path:
        """Where the experiment stands."""
        return self.path / STUDY_FILE

    def check(self, spec: ExperimentSpec, catalog: Catalog) -> bool:
        """Return whether the experiment is there already; nothing is written.

        Raises:
            InputError: The folder holds another study, or something else.
        """
        if self.study_file.exists():
            if dump_spec(self.read(catalog), catalog) != dump_spec(spec, catalog):
                told = tr("a folder of its own; there is another study in it")
                raise InputError(str(self.path), None, told)
            return True
        if self.path.exists() and not self.path.is_dir():
            raise InputError(str(self.path), None, tr("a folder; this is a file"))
        if any(self.path.rglob(f"*{SUFFIX}")):
            told = tr("a folder of its own; there are run files in it")
            raise InputError(str(self.path), None, told)
        return False

    def begin(self, spec: ExperimentSpec, catalog: Catalog) -> None:
        """Put the experiment there, if it is not.

        Raises:
            InputError: The folder holds another study, or something else, or cannot
                be written.
        """
        if self.check(spec, catalog):
            return
        self._make(self.path)
        with self.drafted(self.study_file) as draft:
            draft.write_text(dump_spec(spec, catalog), encoding="utf-8")

    def read(self, catalog: Catalog) -> ExperimentSpec:
        """Return the experiment of the study.

        Raises:
            InputError: There is none.
        """
        if not self.study_file.is_file():
            told = tr("a folder with a study in it: a file {name}", name=STUDY_FILE)
            raise InputError(str(self.path), None, told)
        return read_spec(self.study_file, catalog)

    def place(self, key: str) -> Path:
        """Return where the run file of a job is."""
        return self.path / f"{key}{SUFFIX}"

    def write(self, key: str, data: bytes) -> Path:
        """Put a run file in its place, whole or not at all, and return the place.

        Raises:
            InputError: It cannot be written.
        """
        path = self.place(key)
        self._make(path.parent)
        with self.drafted(path) as draft:
            draft.write_bytes(data)
        return path

    @contextmanager
    def drafted(self, path: Path) -> Iterator[Path]:
        """Give a place beside ``path``; what is there at the end becomes ``path``.

        It does not look like a run file: nobody takes it for one if the program is
        killed, and the next draft replaces it.

        Raises:
            InputError: It cannot be written.
        """
        draft = path.with_name(f".{path.name}.part")
        try:
            draft.unlink(missing_ok=True)
            yield draft
            if draft.exists():
                draft.replace(path)
        except OSError as error:
            told = tr("cannot be written: {reason}", reason=error.strerror or error)
            raise InputError(str(path), None, told) from None
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def remove(self, key: str) -> None:
        """Take a run file away, and its folder if that is empty then."""
        path = self.place(key)
        path.unlink(missing_ok=True)
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()

    def _make(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            told = tr("cannot be made: {reason}", reason=error.strerror or str(error))
            raise InputError(str(folder), None, told) from None


def study_hash(spec: ExperimentSpec, catalog: Catalog) -> str:
    """Return what all runs of a study share."""
    return hashlib.sha256(dump_spec(spec, catalog).encode()).hexdigest()[:16]


def tuning_key(problem: str, optimizer: str, number: int) -> str:
    """Return the key of a tuning trial."""
    return f"tuning/{problem}/{optimizer}/{number:03d}"


def final_key(problem: str, seed: int | None = None) -> str:
    """Return the key of a final run, of one seed or of all."""
    return f"final/{problem}" + ("" if seed is None else f"/seed-{seed}")


def problem_folder(place: int, spec: ExperimentSpec) -> str:
    """Return the name of a problem in the folder."""
    return slug(place, problem_words(spec))


def slug(place: int, text: str) -> str:
    """Return a name that every file system takes: ``2-SGD-momentum``."""
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.")[:40]
    return f"{place}-{plain}" if plain else str(place)
