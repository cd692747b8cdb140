"""A map of basins in memory, and its file: a plain ``.npz`` that NumPy reads.

The file holds ``header`` (JSON as bytes) and the arrays ``minimum``, ``since`` and
``codes``, a row for each optimizer and a column for each start; see `MapPart`.
"""

import json
import math
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from secrets import token_hex
from typing import IO, Any, Final, Self

import numpy as np

from optlab.params import InputError
from optlab.records import State
from optlab.spec.basin_map import (
    CODES,
    MOST_CELLS,
    NOWHERE,
    STATES,
    Codes,
    MapPart,
    MapPlan,
    Minima,
    Steps,
)
from optlab.translate import tr

FORMAT: Final = 1
SUFFIX: Final = ".npz"
MOST_OPTIMIZERS: Final = 1000
_HEADER: Final = "header"
_ARRAYS: Final = {"minimum": "<i2", "since": "<i4", "codes": "|u1"}
_MOST_HEADER: Final = 4_000_000
# Of an array in its file: magic, version and a description, padded.
_PROLOGUE: Final = 4096


class BasinMap:
    """What is known of a map of basins; readable while it is made, from any thread.

    Args:
        plan: What it shows.
        labels: What the optimizers are called.
        title: That of the experiment.
        spec_text: The experiment, as TOML.

    Attributes:
        minimum: The minimum that each trial is at: optimizers by starts.
        since: Since when; for one that was lost, when that was.
        codes: The state of each, by `STATES`.
        alone: Optimizers whose trials were taken one by one.
        revision: How many parts it is made of; grows with each.
    """

    def __init__(
        self,
        plan: MapPlan,
        *,
        labels: Sequence[str],
        title: str = "",
        spec_text: str = "",
    ) -> None:
        self.plan, self.labels = plan, tuple(labels)
        self.title, self.spec_text = title, spec_text
        shape = len(self.labels), plan.count
        self.minimum: Minima = np.full(shape, NOWHERE, np.int16)
        self.since: Steps = np.zeros(shape, np.int32)
        self.codes: Codes = np.full(shape, CODES[State.QUEUED], np.uint8)
        self.alone: set[int] = set()
        self.revision = 0
        self._taken = [0] * len(self.labels)

    @property
    def over(self) -> bool:
        """Whether no trial goes on."""
        going = self.codes <= CODES[State.RUNNING]
        return not going.any()

    @property
    def share(self) -> float:
        """How much of all steps was taken, from 0 to 1."""
        whole = self.plan.count * self.plan.steps * len(self.labels)
        return min(1.0, sum(self._taken) / whole)

    def take(self, part: MapPart) -> None:
        """Put in what has become of some trials."""
        lanes = slice(part.first, part.first + len(part.codes))
        self.minimum[part.entry, lanes] = part.minimum
        self.since[part.entry, lanes] = part.since
        self.codes[part.entry, lanes] = part.codes
        if part.alone:
            self.alone.add(part.entry)
        self._taken[part.entry] = (
            part.first * self.plan.steps + len(part.codes) * part.step
        )
        self.revision += 1

    def stop(self) -> None:
        """Take what goes on or waits for stopped."""
        self.codes[self.codes <= CODES[State.RUNNING]] = CODES[State.STOPPED]
        self.revision += 1

    def state(self, entry: int, cell: int) -> State:
        """Return the state of one trial."""
        return STATES[self.codes[entry, cell]]

    def write(self, path: Path, *, overwrite: bool = False) -> None:
        """Write the file in one piece.

        Raises:
            InputError: It is there already, or cannot be written.
        """
        header = {
            "format": FORMAT,
            "title": self.title,
            "labels": self.labels,
            "spec": self.spec_text,
            "alone": sorted(self.alone),
            "plan": asdict(self.plan),
        }
        text = np.frombuffer(json.dumps(header).encode(), np.uint8)
        arrays: dict[str, Any] = {
            name: getattr(self, name).astype(kind) for name, kind in _ARRAYS.items()
        }
        draft = path.with_name(f".{path.stem[:100]}-{token_hex(4)}{SUFFIX}")
        try:
            if path.exists() and not overwrite:
                text_ = tr("is there already; nothing is overwritten")
                raise InputError(str(path), None, text_)
            try:
                np.savez_compressed(draft, header=text, **arrays)
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            text_ = tr("cannot be written: {reason}", reason=reason)
            raise InputError(str(path), None, text_) from None

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the map of a file, which may be anybody's.

        Raises:
            InputError: It cannot be read, or is no such map.
        """
        try:
            with zipfile.ZipFile(path) as archive:
                return cls._from(archive)
        except OSError as error:
            reason = error.strerror or str(error)
            text = tr("cannot be read: {reason}", reason=reason)
            raise InputError(str(path), None, text) from None
        except (
            ArithmeticError,
            AttributeError,
            EOFError,
            LookupError,
            MemoryError,
            NotImplementedError,
            RecursionError,
            RuntimeError,
            TypeError,
            ValueError,
            zipfile.BadZipFile,
            zipfile.LargeZipFile,
            zlib.error,
        ) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            text = tr("no map of basins that can be read: {reason}", reason=reason)
            raise InputError(str(path), None, text) from None

    @classmethod
    def _from(cls, archive: zipfile.ZipFile) -> Self:
        info = archive.getinfo(f"{_HEADER}.npy")
        if info.file_size > _MOST_HEADER:
            raise ValueError("its header is too large")
        with archive.open(info) as file:
            raw = _array(file, "|u1", shape=None)
        header = json.loads(raw.tobytes())
        if header["format"] != FORMAT:
            raise ValueError(f"format {header['format']!r}")
        plan, labels = _plan(header["plan"]), _words(header["labels"])
        made = cls(
            plan,
            labels=labels,
            title=_words([header["title"]])[0],
            spec_text=_words([header["spec"]])[0],
        )
        shape = len(labels), plan.count
        for name, kind in _ARRAYS.items():
            info = archive.getinfo(f"{name}.npy")
            size = shape[0] * shape[1] * np.dtype(kind).itemsize
            if info.file_size > size + _PROLOGUE:
                raise ValueError(f"its {name} is too large")
            with archive.open(info) as file:
                setattr(made, name, _array(file, kind, shape=shape))
        made.alone = {int(entry) for entry in header["alone"]}
        made._check()
        made._taken = [plan.count * plan.steps] * len(labels)
        return made

    def _check(self) -> None:
        within = (self.minimum >= NOWHERE) & (self.minimum < len(self.plan.minima))
        if not (within.all() and (self.codes < len(STATES)).all()):
            raise ValueError("it holds numbers that stand for nothing")
        if not self.over or (self.since < 0).any():
            raise ValueError("it holds numbers that stand for nothing")


def _array(file: IO[bytes], kind: str, *, shape: tuple[int, ...] | None) -> Any:
    """Return an array of a known kind; nothing else is read, let alone unpickled."""
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ValueError(f"array version {version}")
    found = np.lib.format.read_array_header_1_0(file)
    size, fortran, dtype = found
    if fortran or dtype != np.dtype(kind) or (shape is not None and size != shape):
        raise ValueError(f"{dtype} {size}")
    count = math.prod(size)
    raw = file.read(count * dtype.itemsize if shape else _MOST_HEADER)
    return np.frombuffer(raw, dtype, count).reshape(size).copy()


def _words(found: Any) -> tuple[str, ...]:
    if not all(isinstance(word, str) for word in found):
        raise ValueError("a name is no text")
    if len(found) > MOST_OPTIMIZERS:
        raise ValueError("too many optimizers")
    return tuple(found)


def _plan(found: Any) -> MapPlan:
    """Return a plan of a file, checked."""
    given = {field.name: found[field.name] for field in fields(MapPlan)}
    columns, rows, steps = (given[name] for name in ("columns", "rows", "steps"))
    if not all(type(n) is int and n >= 1 for n in (columns, rows, steps)):
        raise ValueError("its size is no whole number")
    if columns * rows > MOST_CELLS:
        raise ValueError("too many starts")
    x, y, rest = (tuple(map(float, given[name])) for name in ("x", "y", "rest"))
    minima = tuple(tuple(map(float, point)) for point in given["minima"])
    near = float(given["near"])
    numbers = (*x, *y, *rest, near, *(n for point in minima for n in point))
    ranged = len(x) == len(y) == 2 and x[0] < x[1] and y[0] < y[1]
    whole = all(len(point) == 2 + len(rest) for point in minima)
    if not (all(map(math.isfinite, numbers)) and ranged and whole and near >= 0):
        raise ValueError("its ranges are none")
    return MapPlan(
        x=(x[0], x[1]),
        y=(y[0], y[1]),
        columns=columns,
        rows=rows,
        steps=steps,
        near=near,
        minima=minima,
        rest=rest,
    )
