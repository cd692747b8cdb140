"""Put a generated table between the two marks of a page of the documentation."""

from pathlib import Path
from typing import Final

BEGIN: Final = "<!-- table: begin -->"
END: Final = "<!-- table: end -->"


def replaced(page: Path, table: str) -> int:
    """Put a table into a page; return the exit code of the script that made it."""
    text = page.read_text("utf-8")
    if BEGIN not in text or END not in text:
        print(f"{page} lacks the marks of the table")
        return 1
    before, rest = text.split(BEGIN, 1)
    page.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.split(END, 1)[1]}", "utf-8")
    return 0
