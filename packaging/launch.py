"""Where the frozen program begins."""

import sys

from optlab.__main__ import main

sys.exit(main())
