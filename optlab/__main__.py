"""Window or command line: the only file that names both."""

import sys
from collections.abc import Sequence

from optlab import cli
from optlab.cli.doctor import is_fatal_pair, version_of
from optlab.cli.gui import GuiOptions
from optlab.cli.output import complain
from optlab.translate import tr


def main(argv: Sequence[str] | None = None) -> int:
    """Run OptLab and return its exit code."""
    return cli.main(argv, window=open_window)


def open_window(options: GuiOptions) -> int:
    """Open the window and return its exit code once it has closed."""
    if is_fatal_pair(version_of("PySide6-Essentials"), sys.version_info[:3]):
        text = "PySide6 6.12.0 ends Python before 3.12 within seconds; install 6.11.3"
        complain(tr(text))
        return 1
    try:
        from optlab.ui.app import WindowOptions, run_window
    except ImportError as error:
        text = "the window cannot be opened: {error}; `optlab doctor` says what to do"
        complain(tr(text, error=error))
        return 1
    return run_window(
        WindowOptions(
            preset=options.preset,
            spec_path=options.spec_path,
            run_path=options.run_path,
            start=options.start,
            screenshot=options.screenshot,
            screenshot_at_step=options.screenshot_at_step,
            size=options.size,
            theme=options.theme,
            lang=options.lang,
            quit_after=options.quit_after,
            device=options.device,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
