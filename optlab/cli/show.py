"""``optlab show``: everything that is known of one problem, optimizer and so on."""

import argparse
from collections.abc import Iterator, Mapping
from typing import Final

from optlab.cards import LANGUAGES, Card, CardKind, card
from optlab.cli.catalogs import find
from optlab.cli.output import say, say_table
from optlab.cli.parsing import Parser, Verb
from optlab.params import ParamSpec, format_number, unknown_name
from optlab.registry import (
    DatasetInfo,
    DiagnosticInfo,
    Info,
    MetricInfo,
    ModelInfo,
    OptimizerInfo,
    PresetInfo,
    ProblemInfo,
    SchedulerInfo,
)
from optlab.translate import current_language, tr, tr_n

CARD_KINDS: Final[Mapping[str, CardKind]] = {
    "optimizers": "optimizer",
    "schedulers": "scheduler",
    "problems": "problem",
    "topics": "topic",
}


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``show``."""
    text = tr(
        "Name of a problem, optimizer, scheduler, metric, preset, topic and so on; "
        "KIND/NAME where several have it."
    )
    parser.add_argument("name", metavar="NAME", help=text)
    text = tr("Language of the explanation: {codes}.", codes=", ".join(LANGUAGES))
    parser.add_argument("--lang", metavar=tr("CODE"), help=text)


def act(args: argparse.Namespace) -> int:
    """Print one info."""
    from optlab.plugins import load_catalog

    language = _language(args.lang)
    kind, info = find(load_catalog(), args.name)
    say(f"{info.name} ({tr(kind)})")
    if info.label != info.name:
        say(tr(info.label))
    if kind != "topics":
        say()
        say(tr(info.description))
    for title, text in facts(info):
        say(f"{title}: {text}".replace("\n", "\n    "))
    if kind in CARD_KINDS:
        _say_card(card(CARD_KINDS[kind], info.name), language, label=info.label)
    if info.params:
        say()
        headers = (tr("parameter"), tr("default"), tr("allowed"), tr("usual"))
        rows = [_row(spec) for spec in info.params]
        say_table((*headers, tr("meaning")), rows)
    _say_list(tr("Rules"), _rules(info))
    _say_list(tr("Notes"), _notes(info))
    if isinstance(info, PresetInfo):
        say()
        say(info.text.rstrip("\n"))
    return 0


def facts(info: Info) -> Iterator[tuple[str, str]]:
    """Yield what is special to the kind of ``info``, as title and text."""
    if info.formula:
        yield tr("Formula"), info.formula
    if info.source:
        yield tr("Source"), tr(info.source)
    if isinstance(info, OptimizerInfo):
        yield tr("Family"), f"{tr(info.family)}, {info.year}"
        if info.typical_lr:
            low, high = map(format_number, info.typical_lr)
            yield tr("Usual lr"), tr("{low} to {high}", low=low, high=high)
        floats = tr_n(
            "{n:g} float per parameter",
            "{n:g} floats per parameter",
            n=info.state_floats,
        )
        yield tr("State"), floats
        evaluations = tr("{n} per step", n=format_number(info.grad_evals))
        yield tr("Gradient evaluations"), evaluations
        if info.constraints():
            yield tr("Constraints"), " ".join(info.constraints())
        code = f"{info.home} ({info.licence})" if info.licence else info.home
        yield tr("Code"), code
        if info.aliases:
            yield tr("Known as"), ", ".join(info.aliases)
    elif isinstance(info, SchedulerInfo):
        moved = tr("lr and momentum") if info.moves_momentum else tr("lr")
        yield tr("Moves"), moved
        yield tr("In an experiment"), _schedule_key(info)
    elif isinstance(info, MetricInfo):
        yield tr("Unit"), tr(info.unit) or tr("a plain number")
        yield tr("Measured"), tr("at every step") if info.dense else tr("at some steps")
        if isinstance(info, DiagnosticInfo):
            yield tr("Cost"), tr(info.cost)
    elif isinstance(info, ProblemInfo):
        yield tr("Metrics"), ", ".join((*_surface_metrics(info), *info.metrics))
    elif isinstance(info, ModelInfo):
        yield tr("Parameters"), tr("{n} for ten classes", n=info.n_parameters)
    elif isinstance(info, DatasetInfo):
        yield tr("Classes"), str(info.classes)
        text = "{train} to train on, {test} held out"
        yield tr("Images"), tr(text, train=info.train_size, test=info.test_size)
        fetched = tr("`optlab data get {name}` downloads it", name=info.name)
        yield tr("Files"), fetched if info.download else tr("nothing to download")


def _schedule_key(info: SchedulerInfo) -> str:
    """Return how a spec spells a schedule, with all that has to be given."""
    words = [f'name = "{info.name}"']
    words += [f"{spec.name} = …" for spec in info.params if spec.required]
    if info.composite:
        words.append("schedulers = [ { name = … }, … ]")
    return f"scheduler = {{ {', '.join(words)} }}"


def _surface_metrics(info: ProblemInfo) -> tuple[str, ...]:
    return ("value", "x0, x1, …") if info.kind == "surface" else ("train_loss",)


def _row(spec: ParamSpec) -> tuple[str, str, str, str, str]:
    usual, allowed = "", spec.allowed()
    if spec.suggested is not None:
        low, high = map(format_number, spec.suggested)
        usual = tr("{low} to {high}", low=low, high=high)
    return (
        spec.name,
        spec.show(spec.default),
        tr("read-only: {reason}", reason=tr(spec.fixed)) if spec.fixed else allowed,
        usual,
        tr(spec.meaning),
    )


def _rules(info: Info) -> tuple[str, ...]:
    if isinstance(info, OptimizerInfo | SchedulerInfo | ProblemInfo):
        return tuple(f"{', '.join(r.keys)}: {tr(r.message)}" for r in info.rules)
    return ()


def _notes(info: Info) -> tuple[str, ...]:
    return info.notes if isinstance(info, OptimizerInfo | SchedulerInfo) else ()


def _language(code: str | None) -> str:
    if code is None:
        return "zh" if current_language().startswith("zh") else "en"
    if code not in LANGUAGES:
        raise unknown_name("--lang", code, LANGUAGES, value=code)
    return code


def _say_card(found: Card | None, language: str, *, label: str) -> None:
    if found is None:
        return
    text = found.text(language)
    if text.title not in ("", label):
        say()
        say(text.title)
    for part in filter(None, (text.symbols, text.code)):
        say()
        say(part)
    for heading, words in found.sections(language):
        say()
        say(f"{heading}:")
        say(f"  {words}".replace("\n", "\n  "))
    for row in text.table[1:]:
        say()
        say(row[0])
        for caption, cell in zip(text.table[0][1:], row[1:], strict=True):
            say(f"  {caption}: {cell}")
    if found.presets:
        say()
    for preset in found.presets:
        say(tr("Try `optlab run {preset}`", preset=preset))
    say()
    say(f"{found.link_text}\n{found.link}")


def _say_list(title: str, lines: tuple[str, ...]) -> None:
    if lines:
        say()
        say(f"{title}:")
    for line in lines:
        say(f"  - {tr(line)}")


VERB = Verb("show", "Show what is known of one of them.", add_arguments, act)
