"""Writing small files in one piece, as the window names it."""

from optlab.store.files import write_text

__all__ = ["write_text"]
