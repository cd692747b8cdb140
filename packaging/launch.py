"""Where the frozen program begins."""

import multiprocessing
import sys

from optlab.__main__ import main

if __name__ == "__main__":
    # The processes of a sweep are this program, too, and go their own way from here.
    multiprocessing.freeze_support()
    sys.exit(main())
