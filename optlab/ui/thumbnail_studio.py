"""Runs ready experiments in the background, one at a time, and sketches them.

The runs are the real ones, by the real runner; their files are thrown away. Nothing
happens before `begin`, which waits for torch, nor while it is paused: while nobody
looks, and while a run of the person's own has the processor.
"""

import tempfile
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from time import perf_counter, sleep
from typing import Final, cast

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from optlab.params import InputError
from optlab.registry import Catalog
from optlab.runner import Runner
from optlab.store.run_data import RunData
from optlab.ui.background import BackgroundTask, Cancelled, Report
from optlab.ui.thumbnails import Sample, Sketch, SketchCache, short_spec, sketch_of

LOOK_MS: Final = 200
SLICE_SECONDS: Final = 0.02
REST_SECONDS: Final = 0.008
WAIT_MS: Final = 5000


class _Sitting:
    """One run in the background: what is seen of it, and what comes of it."""

    def __init__(self, sample: Sample, catalog: Catalog, cache: SketchCache) -> None:
        self.sample = sample
        self.data: RunData | None = None
        self.sketch: Sketch | None = None
        self._catalog = catalog
        self._cache = cache

    def work(self, report: Report) -> None:
        """Run the experiment and sketch it; called in a thread of its own."""
        spec = short_spec(self.sample, self._catalog)
        with tempfile.TemporaryDirectory(
            prefix="optlab-thumbnail-", ignore_cleanup_errors=True
        ) as folder:
            runner = Runner(
                spec,
                self._catalog,
                folder=Path(folder),
                device="cpu",
                slice_seconds=SLICE_SECONDS,
            )
            self.data = runner.data
            with closing(cast(Generator[None], runner.run())) as running:
                began = perf_counter()
                for _ in running:
                    if report.cancelled.is_set():
                        raise Cancelled
                    if perf_counter() - began >= SLICE_SECONDS:
                        # A window that paints and a person who waits come first.
                        sleep(REST_SECONDS)
                        began = perf_counter()
            self.sketch = sketch_of(self.sample, runner.data)
        self._cache.save(self.sample, self.sketch)


class ThumbnailStudio(QObject):
    """Makes the sketches that the cache lacks."""

    sketched = Signal(str, object, bool)
    """A sketch has grown; carries preset, `Sketch`, and whether it is complete."""

    def __init__(
        self, catalog: Catalog, *, folder: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self.cache = SketchCache(folder, catalog)
        self._waiting: list[Sample] = []
        self._task: BackgroundTask | None = None
        self._sitting: _Sitting | None = None
        self._ready = False
        self._paused = True
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    @property
    def working(self) -> bool:
        """Whether a run is going on."""
        return self._task is not None

    def want(self, samples: Sequence[Sample]) -> dict[str, Sketch]:
        """Return the sketches that are kept; the others are made in this order."""
        kept = {}
        for sample in samples:
            sketch = self.cache.load(sample)
            if sketch is not None:
                kept[sample.preset] = sketch
            elif sample not in self._waiting and not self._at_work_on(sample):
                self._waiting.append(sample)
        self._next()
        return kept

    @Slot()
    def begin(self) -> None:
        """Work from now on: torch is there."""
        self._ready = True
        self._next()

    def set_paused(self, paused: bool) -> None:
        """Do nothing for a while, or go on."""
        if paused == self._paused:
            return
        self._paused = paused
        if paused and self._task is not None:
            self._task.report.cancelled.set()
        self._next()

    def shutdown(self) -> bool:
        """Begin nothing more and wait, bounded; return whether the thread has ended."""
        self._closed = True
        self._timer.stop()
        return self._task is None or self._task.shutdown(wait_ms=WAIT_MS)

    def _at_work_on(self, sample: Sample) -> bool:
        return self._sitting is not None and self._sitting.sample == sample

    def _next(self) -> None:
        idle = self._task is None and self._ready and not self._paused
        if not idle or self._closed or not self._waiting:
            return
        self._sitting = _Sitting(self._waiting.pop(0), self._catalog, self.cache)
        self._task = BackgroundTask(self._sitting.work, parent=self)
        self._task.ended.connect(self._finish)
        self._task.start()
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        """Show how far the run has come."""
        sitting = self._sitting
        if sitting is None or sitting.data is None or not sitting.data.trials:
            return
        try:
            sketch = sketch_of(sitting.sample, sitting.data)
        except InputError:
            return
        self.sketched.emit(sitting.sample.preset, sketch, False)

    @Slot(bool, str)
    def _finish(self, _well: bool, _reason: str) -> None:
        self._timer.stop()
        task, sitting = self._task, self._sitting
        self._task = self._sitting = None
        if task is None or sitting is None:
            return
        if sitting.sketch is not None:
            self.sketched.emit(sitting.sample.preset, sitting.sketch, True)
        elif task.report.cancelled.is_set():
            self._waiting.insert(0, sitting.sample)
        task.deleteLater()
        self._next()
