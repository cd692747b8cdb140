"""Try the frozen program as its user would: does the window come up, does it train?

    python packaging/smoke_test.py          try dist/optlab
    python packaging/smoke_test.py --size   only say how large it is

The window is drawn offscreen. It says ``optlab: window ready`` on its standard output
after its first paint; then it closes itself, and its exit code has to be 0.
"""

import argparse
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Final

FOLDER: Final = Path(__file__).resolve().parent.parent / "dist" / "optlab"
READY: Final = "optlab: window ready"
PATIENCE: Final = 120.0
OUTPUTS: Final = ("curves.svg", "metrics.csv", "run.optlab", "summary.csv")


class SmokeError(Exception):
    """The frozen program does not do what it should."""


def main() -> int:
    """Run the checks that the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(description="Try the frozen program.")
    parser.add_argument("--size", action="store_true", help="only say how large it is")
    only_size = parser.parse_args().size
    program = FOLDER / ("optlab.exe" if os.name == "nt" else "optlab")
    try:
        if not program.is_file():
            raise SmokeError(f"{program} is not there: run `make package` first")
        print(f"{FOLDER.name}: {size_text(FOLDER)}")
        if not only_size:
            with tempfile.TemporaryDirectory(prefix="optlab-smoke-") as home:
                environment = clean_environment(Path(home))
                open_window(program, environment)
                train(program, environment, Path(home))
    except SmokeError as error:
        print(f"smoke test failed: {error}", file=sys.stderr)
        return 1
    return 0


def size_text(folder: Path) -> str:
    """Say how much the files of a folder take, and which parts take most."""
    sizes: dict[str, int] = {}
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            parts = file.relative_to(folder).parts
            part = "/".join(parts[:2]) if len(parts) > 1 else parts[0]
            sizes[part] = sizes.get(part, 0) + file.stat().st_size
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:6]
    parts_text = ", ".join(f"{name} {size / 1e6:.0f}" for name, size in largest)
    return f"{sum(sizes.values()) / 1e6:.0f} MB in all ({parts_text})"


def clean_environment(home: Path) -> dict[str, str]:
    """Return an environment that knows neither Python's paths nor a display."""
    unwanted = ("PYTHON", "VIRTUAL_ENV", "DISPLAY", "WAYLAND_DISPLAY", "XDG_", "QT_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
    return kept | {"HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}


def open_window(program: Path, environment: dict[str, str]) -> None:
    """Start the window, wait for its ready line and for its end."""
    begin = time.monotonic()
    process = subprocess.Popen(
        [str(program), "gui", "--preset", "first-look", "--quit-after", "5"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        text=True,
    )
    assert process.stdout is not None
    lines: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=pump, args=(process.stdout, lines), daemon=True)
    reader.start()
    said: list[str] = []
    try:
        wait_for_ready(lines, said, begin + PATIENCE)
        print(f"window ready after {time.monotonic() - begin:.1f} s")
        code = process.wait(PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise SmokeError("the window did not close itself" + tail(said)) from error
    finally:
        process.kill()
        process.wait()
        reader.join(PATIENCE)
    if code != 0:
        raise SmokeError(f"the window ended with exit code {code}{tail(said)}")
    print(f"window closed after {time.monotonic() - begin:.1f} s")


def pump(stream: IO[str], lines: "queue.Queue[str | None]") -> None:
    """Hand on the lines of a stream, then None."""
    for line in stream:
        lines.put(line.rstrip())
    lines.put(None)


def wait_for_ready(
    lines: "queue.Queue[str | None]", said: list[str], deadline: float
) -> None:
    """Read lines until the ready line, at most until the deadline."""
    while True:
        try:
            line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            text = f"no line {READY!r} in {PATIENCE:.0f} s{tail(said)}"
            raise SmokeError(text) from None
        if line is None:
            raise SmokeError(f"it ended before the window was ready{tail(said)}")
        said.append(line)
        if line == READY:
            return


def train(program: Path, environment: dict[str, str], home: Path) -> None:
    """Let the frozen program train on a surface and on images, and draw the run."""
    begin = time.monotonic()
    out = home / "surface"
    command(program, environment, "run", "first-look", "--out", str(out))
    missing = [name for name in OUTPUTS if not (out / name).is_file()]
    if missing:
        raise SmokeError(f"`run` did not write {', '.join(missing)}")
    for figure in (home / "curves.pdf", home / "curves.png"):
        run_file = str(out / "run.optlab")
        command(program, environment, "export", run_file, "--to", str(figure))
    few = ("--set", "problem.dataset=digits", "--set", "training.steps=3")
    images = str(home / "images")
    command(program, environment, "run", "seed-cnn-first-look", "--out", images, *few)
    print(f"trained and drawn in {time.monotonic() - begin:.1f} s")


def command(program: Path, environment: dict[str, str], *arguments: str) -> None:
    """Run a command of the frozen program that has to succeed."""
    done = subprocess.run(
        [str(program), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).splitlines()
        name = f"`optlab {arguments[0]}`"
        raise SmokeError(f"{name} ended with exit code {done.returncode}{tail(said)}")


def tail(said: list[str]) -> str:
    """Return the last of what a program said, to be put after a sentence."""
    return "".join(f"\n    {line}" for line in said[-15:])


if __name__ == "__main__":
    sys.exit(main())
