"""Window or command line: the only file that names both."""

import sys
from collections.abc import Sequence

from optlab import cli
from optlab.cli.gui import GuiOptions
from optlab.cli.output import complain
from optlab.translate import tr
from optlab.ui.app import WindowOptions, run_window


def main(argv: Sequence[str] | None = None) -> int:
    """Run OptLab and return its exit code."""
    return cli.main(argv, window=open_window)


def open_window(options: GuiOptions) -> int:
    """Open the window and return its exit code once it has closed."""
    try:
        return run_window(window_options(options))
    except ImportError as error:
        # Qt is not there, or lacks a library of the system.
        text = "the window cannot be opened: {error}; `optlab doctor` says what to do"
        complain(tr(text, error=error))
        return 1


def window_options(options: GuiOptions) -> WindowOptions:
    """Return what the command line gave as the window takes it."""
    return WindowOptions(
        preset=options.preset,
        spec_path=options.spec_path,
        run_path=options.run_path,
        fresh=options.fresh,
        start=options.start,
        screenshot=options.screenshot,
        screenshot_at_step=options.screenshot_at_step,
        size=options.size,
        theme=options.theme,
        lang=options.lang,
        quit_after=options.quit_after,
        device=options.device,
    )


if __name__ == "__main__":
    sys.exit(main())
