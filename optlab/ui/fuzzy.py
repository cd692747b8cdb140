"""How well what is typed fits a name: beginnings first, then letters in their order."""

import re
from collections.abc import Sequence
from typing import Final

_WORDS: Final = re.compile(r"[^\W_]+")
INSIDE: Final = 4.0
BEHIND: Final = 5.0
SCATTERED: Final = 6.0


def misfit(query: str, names: Sequence[str], words: str = "") -> float | None:
    """Return how badly ``query`` fits, 0 for the first name; None if it does not.

    Every word of the query has to fit: the beginning of a name, of a word in it, its
    initials, a part of it, a part of ``words``, or letters of a name in their order.

    Args:
        query: What is typed.
        names: What the thing is called, in one language and another.
        words: What else is said of it.
    """
    whole = " ".join(query.casefold().split())
    folded = [name.casefold() for name in names]
    if whole in folded:
        return 0.0 if whole == folded[0] else 1.0
    total = 0.0
    for needle in whole.split():
        costs = [c for c in (_cost(needle, name) for name in folded) if c is not None]
        if needle in words.casefold():
            costs.append(BEHIND)
        if not costs:
            return None
        total += min(costs)
    return total + (0.0 if any(name.startswith(whole) for name in folded) else 0.5)


def _cost(needle: str, name: str) -> float | None:
    if name.startswith(needle):
        return 1.0
    words = _WORDS.findall(name)
    if any(word.startswith(needle) for word in words):
        return 2.0
    if "".join(word[0] for word in words).startswith(needle):
        return 3.0
    if needle in name:
        return INSIDE
    gaps = _gaps(needle, name)
    return None if gaps is None else SCATTERED + gaps


def _gaps(needle: str, name: str) -> float | None:
    """Return how scattered the letters of ``needle`` are; None if they are not there.

    The first has to begin a word and none may be far from the last: else all would
    fit.
    """
    if len(needle) < 2:
        return None
    for begin in (match.start() for match in _WORDS.finditer(name)):
        if name[begin] != needle[0]:
            continue
        place, gaps = begin, 0
        for letter in needle[1:]:
            following = name.find(letter, place + 1)
            if following < 0:
                break
            gaps += following - place - 1
            place = following
        else:
            if gaps <= 2 * len(needle):
                return gaps / len(name)
    return None
