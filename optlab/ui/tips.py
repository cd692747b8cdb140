"""What a tool tip says about a parameter, as rich text that is as wide as it needs.

Pure functions from the catalog's data to texts; knows nothing of Qt.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final

from optlab.cards import CardKind
from optlab.params import Kind, ParamSpec, format_number
from optlab.registry import OptimizerInfo, ProblemInfo, SchedulerInfo
from optlab.translate import tr

WIDTH: Final = 400
"""Width of a tool tip in pixels; longer lines are broken."""
_STEPPED: Final = (Kind.FLOAT, Kind.INT, Kind.FLOATS)
_COMPUTED: Final = (*_STEPPED, Kind.INTS)


@dataclass(frozen=True, kw_only=True)
class About:
    """What a parameter belongs to.

    Attributes:
        kind: What sort of thing it is.
        name: Its name in the catalog.
        title: Its label.
        formula: Plain text; may have several lines.
        source: The paper or program.
        params: Names of its parameters.
    """

    kind: CardKind
    name: str
    title: str
    formula: str
    source: str
    params: frozenset[str]


def about_optimizer(info: OptimizerInfo) -> About:
    """Return what is told of an optimizer beside its parameters."""
    return _about("optimizer", info)


def about_schedule(info: SchedulerInfo) -> About:
    """Return what is told of a schedule beside its parameters."""
    return _about("scheduler", info)


def about_problem(info: ProblemInfo) -> About:
    """Return what is told of a problem beside its parameters."""
    return _about("problem", info)


def _about(kind: CardKind, info: OptimizerInfo | SchedulerInfo | ProblemInfo) -> About:
    return About(
        kind=kind,
        name=info.name,
        title=tr(info.label),
        formula=info.formula,
        source=info.source,
        params=frozenset(spec.name for spec in info.params),
    )


def tool_tip(
    spec: ParamSpec, *, error: str = "", about: About | None = None, picture: str = ""
) -> str:
    """Return what there is to say about a parameter, as rich text.

    Args:
        spec: The parameter.
        error: What is wrong with its value; empty if nothing is.
        about: What it belongs to.
        picture: Rich text that shows the formula of that; empty for its plain text.
    """
    name = f" &nbsp;<code>{escape(spec.name)}</code>" if _has_key(spec) else ""
    parts = [f"<b>{escape(_capital(spec.title))}</b>{name}<br>{_text(spec.meaning)}"]
    if error:
        parts.insert(0, f"<b>{escape(error)}</b>")
    facts = [(tr("Allowed"), spec.allowed())] if spec.fixed else _facts(spec)
    parts.append(_table(facts))
    if about is not None and (about.formula or picture):
        plain = escape(about.formula).replace("\n", "<br>")
        parts.append(f"<b>{escape(about.title)}</b><br>{picture or plain}")
    if about is not None and about.source:
        parts.append(f"<small>{escape(about.source)}</small>")
    if not spec.fixed and spec.kind in _COMPUTED:
        parts.append(f"<small>{escape(_hint(spec))}</small>")
    first, *others = parts
    later = "".join(f"<div style='margin-top: 8px'>{part}</div>" for part in others)
    inner = f"<div>{first}</div>{later}"
    return f"<table width='{WIDTH}'><tr><td>{inner}</td></tr></table>"


def _facts(spec: ParamSpec) -> list[tuple[str, str]]:
    default = spec.show(spec.default) or tr("empty")
    if spec.required:
        default = tr("none: it has to be given")
    unit = f" {tr(spec.unit)}" if spec.unit else ""
    facts = [(tr("Default"), default + unit), (tr("Allowed"), spec.allowed())]
    if spec.suggested is not None:
        low, high = (format_number(number) for number in spec.suggested)
        usual = tr("{low} to {high}", low=low, high=high) + unit
        facts.append((tr("Usual"), usual))
    return facts


def _hint(spec: ParamSpec) -> str:
    computes = tr("Arithmetic such as {example} is worked out.", example="1e-3*2")
    if spec.kind not in _STEPPED:
        return computes
    steps = tr("Wheel, ↑ and ↓ step; with Ctrl finely, with Shift widely.")
    return f"{steps} {computes}"


def _table(facts: Iterable[tuple[str, str]]) -> str:
    rows = "".join(
        f"<tr><td style='padding-right: 10px'>{escape(caption)}</td>"
        f"<td>{escape(value)}</td></tr>"
        for caption, value in facts
    )
    table = "<table cellspacing='0' cellpadding='0' style='margin-top: 6px'>"
    return f"{table}{rows}</table>"


def _has_key(spec: ParamSpec) -> bool:
    """Return whether its name in a file is another one than that on the form."""
    return spec.name != spec.title


def _text(message: str) -> str:
    return escape(tr(message))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if " " in text else text
