"""Import modules twice and say what the second import did besides defining things.

    python tests/architecture/at_import.py MODULE...

The first import brings in what others do (torch, matplotlib, Qt); only what OptLab
itself does remains for the second. Writes one line per deed.
"""

import importlib
import os
import random
import sys
import threading

DEEDS = (
    "os.mkdir",
    "os.putenv",
    "os.remove",
    "os.rename",
    "os.system",
    "os.unsetenv",
    "shutil.",
    "socket.",
    "sqlite3.connect",
    "subprocess.Popen",
    "urllib.Request",
    "webbrowser.open",
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def main() -> None:
    """Import twice, watch the second time."""
    names = sys.argv[1:]
    for name in names:
        importlib.import_module(name)
    for name in [n for n in sys.modules if n == "optlab" or n.startswith("optlab.")]:
        del sys.modules[name]
    deeds: list[str] = []
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if not watching:
            return
        if event == "open":
            flags = arguments[2]
            if isinstance(flags, int) and flags & WRITING:
                deeds.append(f"open {arguments[0]!r} for writing")
        elif event.startswith(DEEDS):
            deeds.append(f"{event} {arguments!r}"[:200])

    before = snapshot()
    sys.addaudithook(watch)
    for name in names:
        importlib.import_module(name)
    watching = False
    after = snapshot()
    deeds += [f"changes {what}" for what in before if before[what] != after[what]]
    sys.stdout.write("\n".join(deeds))


def snapshot() -> dict[str, object]:
    """Return what an import has to leave alone."""
    state: dict[str, object] = {
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "the environment": dict(os.environ),
        "sys.path": list(sys.path),
        "random": random.getstate(),
        "the switch interval": sys.getswitchinterval(),
    }
    if torch := sys.modules.get("torch"):
        state["torch's generator"] = torch.get_rng_state().tolist()
        state["torch's threads"] = torch.get_num_threads()
        state["torch's precision"] = str(torch.get_default_dtype())
    if numpy := sys.modules.get("numpy"):
        state["NumPy's generator"] = numpy.random.get_state()[1].tolist()
        state["NumPy's error state"] = numpy.geterr()
    return state


if __name__ == "__main__":
    main()
