"""Parameters as data: one `ParamSpec` drives form, command line, TOML and tool tip.

Everything that a person can type is checked here, and every refusal is an
`InputError`: one line that names the key, the value and what is allowed.
Imports nothing of OptLab but `translate`.
"""

import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, TypeAlias
from unicodedata import category

from optlab.translate import tr

ParamValue: TypeAlias = "bool | int | float | str | tuple[ParamValue, ...] | None"

NONE_WORD: Final = "none"
_SPAN: Final = re.compile(r"\s*(\d{1,15})\s*\.\.\s*(\d{1,15})\s*")
_LONGEST_SPAN: Final = 100_000
_UNPRINTABLE: Final = ("Cc", "Cs", "Zl", "Zp")


class InputError(ValueError):
    """What a person gave cannot be used.

    Attributes:
        key: Dotted place of the value (``optimizers.0.lr``), a path, or an option.
        value: What was given; None where the value is missing or the key itself is
            wrong.
        allowed: What would have been accepted, as a phrase.
    """

    def __init__(self, key: str, value: object, allowed: str) -> None:
        self.key = key
        self.value = value
        self.allowed = allowed
        given = "" if value is None else f" = {_given(value)}"
        super().__init__(printable(f"{key}{given}: {allowed}"))

    def __reduce__(self) -> tuple[type["InputError"], tuple[str, object, str]]:
        """Pickle by the three parts, so that the error crosses processes."""
        return type(self), (self.key, self.value, self.allowed)


class Kind(StrEnum):
    """What a parameter's value is."""

    FLOAT = "float"
    INT = "int"
    BOOL = "bool"
    CHOICE = "choice"
    TEXT = "text"
    FLOATS = "floats"
    INTS = "ints"
    WORDS = "words"


_SEQUENCES: Final = (Kind.FLOATS, Kind.INTS)


@dataclass(frozen=True, kw_only=True)
class ParamSpec:
    """One parameter: its kind, default, range and meaning.

    Attributes:
        name: The key in TOML and the keyword of the factory.
        kind: What values are.
        default: The value when nothing is given; already legal.
        meaning: One line that says what the parameter does.
        label: The word on a form; the name with spaces if empty.
        low: Smallest allowed number (of each element in a sequence).
        high: Largest allowed number.
        low_open: Whether ``low`` itself is excluded.
        high_open: Whether ``high`` itself is excluded.
        allow_inf: Whether infinity is a legal value.
        suggested: Range that is usually worth trying.
        log: Whether the natural scale is logarithmic.
        choices: Legal words of a `Kind.CHOICE`, or of `Kind.WORDS` if there are any.
        length: Exact number of elements of a sequence; None for any from one up.
        optional: Whether None is legal; in a sequence, for each element (the whole of
            a sequence may be None exactly where that is its default).
        none_word: How None is spelled in TOML and shown on a form.
        distinct: Whether the elements of a sequence must differ.
        unit: Unit of the value, for display.
        fixed: If not empty, the value cannot be changed here, and this is why.
        own: If not empty, a choice may also be a path to something of the user's own,
            and this is what it looks like. Whether it is there, the catalog says.
        required: Whether it has to be given: None, its default, only says "not yet",
            and a rule of what it belongs to refuses that.
    """

    name: str
    kind: Kind
    default: ParamValue
    meaning: str
    label: str = ""
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    allow_inf: bool = False
    suggested: tuple[float, float] | None = None
    log: bool = False
    choices: tuple[str, ...] = ()
    length: int | None = None
    optional: bool = False
    none_word: str = NONE_WORD
    distinct: bool = False
    unit: str = ""
    fixed: str = ""
    own: str = ""
    required: bool = False

    @property
    def title(self) -> str:
        """The word that stands beside the field on a form."""
        return tr(self.label) if self.label else self.name.replace("_", " ")

    def allowed(self) -> str:
        """Return what is allowed, as a phrase: ``a number > 0 and ≤ 1``."""
        if self.fixed:
            return tr("it is fixed: {reason}", reason=tr(self.fixed))
        phrase = self._kind_phrase()
        if self.optional and self.kind in _SEQUENCES and not self._whole_is_optional():
            phrase = tr(
                '{phrase}, each may be "{word}"', phrase=phrase, word=self.none_word
            )
        if self._whole_is_optional() and not self.required:
            phrase = tr('{phrase}, or "{word}"', phrase=phrase, word=self.none_word)
        return phrase

    def _kind_phrase(self) -> str:
        bounds = self._bounds_phrase()
        if self.kind is Kind.CHOICE and self.own:
            text = "one of {choices}, or {own}"
            return tr(text, choices=_listed(self.choices), own=tr(self.own))
        if self.kind is Kind.CHOICE:
            return tr("one of {choices}", choices=_listed(self.choices))
        if self.kind is Kind.BOOL:
            return tr("true or false")
        if self.kind is Kind.TEXT:
            return tr("text in quotes")
        if self.kind is Kind.WORDS and self.choices:
            return tr("a list of words out of {choices}", choices=_listed(self.choices))
        if self.kind is Kind.WORDS:
            return tr("a list of different words in quotes")
        if self.kind in _SEQUENCES:
            noun = tr("whole numbers") if self.kind is Kind.INTS else tr("numbers")
            if self.distinct:
                noun = tr("different {noun}", noun=noun)
            count = tr("at least one") if self.length is None else str(self.length)
            phrase = tr("a list of {noun}{bounds}", noun=noun, bounds=bounds)
            return tr("{phrase} ({count} of them)", phrase=phrase, count=count)
        if self.kind is Kind.INT:
            return tr("a whole number{bounds}", bounds=bounds)
        if self.allow_inf:
            return tr("a number{bounds}", bounds=bounds)
        return tr("a finite number{bounds}", bounds=bounds)

    def _bounds_phrase(self) -> str:
        parts = []
        if self.low is not None:
            parts.append(f"{'>' if self.low_open else '≥'} {_shown(self.low)}")
        if self.high is not None:
            parts.append(f"{'<' if self.high_open else '≤'} {_shown(self.high)}")
        return " " + tr(" and ").join(parts) if parts else ""

    def check(self, value: object, key: str) -> ParamValue:
        """Return ``value`` in its canonical type.

        Args:
            value: What was given: a TOML value, or a value from a form or from code.
            key: Where it stands, for the message.

        Raises:
            InputError: The value is of another kind or out of range.
        """
        legal, result = self._convert(value)
        if not legal or (self.fixed and result != self.default):
            raise InputError(key, value, self.allowed())
        return result

    def _convert(self, value: object) -> tuple[bool, ParamValue]:
        if self.kind in _SEQUENCES:
            return self._convert_sequence(value)
        if self.kind is Kind.WORDS:
            return self._convert_words(value)
        return self._convert_scalar(value)

    def _convert_words(self, value: object) -> tuple[bool, ParamValue]:
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list | tuple):
            return False, None
        words = tuple(word for word in given if isinstance(word, str) and word)
        legal = len(words) == len(given) == len(set(words))
        legal &= not self.choices or all(word in self.choices for word in words)
        return legal, words

    def _convert_scalar(self, value: object) -> tuple[bool, ParamValue]:
        if value is None or (isinstance(value, str) and self._spells_none(value)):
            return self.optional, None
        if self.kind is Kind.BOOL:
            return isinstance(value, bool), value is True
        if self.kind in (Kind.TEXT, Kind.CHOICE):
            text = value if isinstance(value, str) else ""
            legal = self.kind is Kind.TEXT or text in self.choices
            legal |= bool(self.own) and looks_like_path(text)
            return legal and isinstance(value, str), text
        return self._convert_number(value)

    def _spells_none(self, word: str) -> bool:
        return self.optional and word in (NONE_WORD, self.none_word)

    def _convert_number(self, value: object) -> tuple[bool, ParamValue]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False, None
        if self.kind in (Kind.INT, Kind.INTS):
            legal = isinstance(value, int) and abs(value) < 2**63
            return legal and self._in_range(value), value
        try:
            number = float(value)
        except OverflowError:
            return False, None
        finite = math.isfinite(number) or (self.allow_inf and math.isinf(number))
        return finite and self._in_range(number), number

    def _in_range(self, number: float) -> bool:
        if self.low is not None and (
            number < self.low or (self.low_open and number == self.low)
        ):
            return False
        return self.high is None or not (
            number > self.high or (self.high_open and number == self.high)
        )

    def _whole_is_optional(self) -> bool:
        return self.default is None if self.kind in _SEQUENCES else self.optional

    def _convert_sequence(self, value: object) -> tuple[bool, ParamValue]:
        if value is None or (
            isinstance(value, str) and value in (NONE_WORD, self.none_word)
        ):
            return self._whole_is_optional(), None
        if self.length is None and isinstance(value, int | float | str):
            value = (value,)
        if self.kind is Kind.INTS and isinstance(value, list | tuple):
            value = [n for element in value for n in _spread(element)]
        if not isinstance(value, list | tuple) or not value:
            return False, None
        pairs = [self._convert_element(element) for element in value]
        elements = tuple(element for _, element in pairs)
        legal = all(ok for ok, _ in pairs)
        legal &= self.length is None or len(elements) == self.length
        legal &= not self.distinct or len(set(elements)) == len(elements)
        return legal, elements

    def _convert_element(self, value: object) -> tuple[bool, ParamValue]:
        if value is None or (isinstance(value, str) and self._spells_none(value)):
            return self.optional, None
        return self._convert_number(value)

    def to_toml(self, value: ParamValue) -> object:
        """Return ``value`` as TOML spells it: None becomes a word."""
        if value is None:
            return self.none_word
        if isinstance(value, tuple):
            span = _span(value) if self.kind is Kind.INTS else ""
            return span or [self.none_word if v is None else v for v in value]
        return value

    def show(self, value: ParamValue) -> str:
        """Return ``value`` as a form and a label show it."""
        if isinstance(value, tuple):
            span = _span(value) if self.kind is Kind.INTS else ""
            return span or ", ".join(self.show(v) for v in value)
        if value is None:
            return self.none_word
        if isinstance(value, bool):
            return tr("on") if value else tr("off")
        return format_number(value) if isinstance(value, int | float) else value

    def parse(self, text: str, key: str) -> ParamValue:
        """Return the value that ``text``, typed into a form, stands for.

        Raises:
            InputError: The text is not a legal value.
        """
        text = text.strip().replace("−", "-")
        if self.kind in (Kind.TEXT, Kind.CHOICE):
            return self.check(text, key)
        if self.kind is Kind.WORDS:
            words = [word.strip() for word in text.split(",")]
            return self.check([word for word in words if word], key)
        if self.kind in _SEQUENCES and text in (NONE_WORD, self.none_word):
            return self.check(text, key)
        if self.kind in _SEQUENCES:
            parts = [p.strip() for p in text.strip("[]()").split(",")]
            return self.check([literal(p) for p in parts if p], key)
        if self.kind is Kind.BOOL and text in (tr("on"), tr("off")):
            return self.check(text == tr("on"), key)
        return self.check(literal(text), key)


class Values(Mapping[str, ParamValue]):
    """A frozen, hashable, picklable mapping from parameter names to values."""

    __slots__ = ("_items",)

    def __init__(
        self, items: Mapping[str, ParamValue] | Iterable[tuple[str, ParamValue]] = ()
    ) -> None:
        self._items: dict[str, ParamValue] = dict(items)

    def __getitem__(self, name: str) -> ParamValue:
        """Return the value of ``name``."""
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names in the order in which they were given."""
        return iter(self._items)

    def __len__(self) -> int:
        """Return how many values there are."""
        return len(self._items)

    def __hash__(self) -> int:
        """Hash by content."""
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        """Show the content."""
        return f"Values({self._items!r})"

    def with_value(self, name: str, value: ParamValue) -> "Values":
        """Return a copy in which ``name`` has ``value``."""
        return Values({**self._items, name: value})

    def without(self, name: str) -> "Values":
        """Return a copy that has no ``name``."""
        return Values({k: v for k, v in self._items.items() if k != name})


def check_values(
    specs: Iterable[ParamSpec], given: Mapping[str, object], where: str
) -> Values:
    """Check every given value against its spec; nothing is filled in.

    Args:
        specs: The parameters that are known here.
        given: Names and values as they were given.
        where: Dotted place of the table that holds them (``optimizers.0``).

    Raises:
        InputError: A name is unknown, or a value is not allowed.
    """
    by_name = {spec.name: spec for spec in specs}
    for name in given:
        if name not in by_name:
            raise unknown_name(f"{where}.{name}" if where else name, name, by_name)
    return Values(
        (name, by_name[name].check(value, f"{where}.{name}" if where else name))
        for name, value in given.items()
    )


def complete(specs: Iterable[ParamSpec], values: Mapping[str, ParamValue]) -> Values:
    """Return ``values`` with the default of every parameter that is not given."""
    return Values((spec.name, values.get(spec.name, spec.default)) for spec in specs)


def unknown_name(
    key: str, name: str, known: Iterable[str], *, value: object = None
) -> InputError:
    """Return the error for a name that is not among ``known``, nearest ones first."""
    names = list(known)
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        text = tr("unknown; did you mean {names}?", names=", ".join(near))
    elif names:
        text = tr("unknown; known are {names}", names=", ".join(names))
    else:
        text = tr("unknown; nothing is allowed here")
    return InputError(key, value, text)


def format_number(value: float) -> str:
    """Return a number as people write it: ``0.001``, ``1e-08`` as ``1e-8``."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.12g}"
    if float(text) != value:
        text = repr(value)
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    return text


def literal(text: str) -> object:
    """Return the TOML value or number that ``text`` spells, or the text itself."""
    text = text.strip()
    try:
        tree = tomllib.loads(f"value = {text}")
        if len(tree) == 1:
            return tree["value"]
    # Besides TOMLDecodeError: an integer of too many digits, or too deep a nest.
    except (ValueError, RecursionError):
        pass
    try:
        return float(text) if any(c.isdigit() for c in text) else text
    except ValueError:
        return text


def looks_like_path(text: str) -> bool:
    """Return whether ``text`` is meant as a path, not as a name of the catalog."""
    return any(character in text for character in "./\\~")


def printable(text: str) -> str:
    """Return ``text`` as one line: breaks, controls and surrogates as escapes."""
    return "".join(
        c.encode("unicode_escape").decode() if category(c) in _UNPRINTABLE else c
        for c in text
    )


def _spread(element: object) -> Iterable[object]:
    """Return the whole numbers that ``"0..399"`` stands for; anything else as it is."""
    found = _SPAN.fullmatch(element) if isinstance(element, str) else None
    if found is None:
        return (element,)
    first, last = int(found[1]), int(found[2])
    legal = 0 <= last - first < _LONGEST_SPAN
    return range(first, last + 1) if legal else (element,)


def _span(values: tuple[ParamValue, ...]) -> str:
    """Return many consecutive whole numbers as people write them, others as nothing."""
    if len(values) < 5 or not isinstance(values[0], int):
        return ""
    run = tuple(range(values[0], values[0] + len(values)))
    return f"{run[0]}..{run[-1]}" if values == run and run[0] >= 0 else ""


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words)


def _given(value: object) -> str:
    """Return what a person gave, so that 1e3 is not taken for a whole number."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"{value:.1f}"
    if isinstance(value, tuple):
        return _cut(f"[{', '.join(_shown(item) for item in value[:60])}]")
    return _shown(value)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return format_number(value)
    try:
        text = repr(value)
    except ValueError:
        # Python refuses to spell integers of more than 4300 digits.
        text = tr("a number of very many digits")
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
