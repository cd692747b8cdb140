"""``optlab show``: everything that is known of one problem, optimizer and so on."""

import argparse

from optlab.cards import LANGUAGES, Card, card
from optlab.cli.catalogs import find
from optlab.cli.output import say, say_table
from optlab.cli.parsing import Parser, Verb
from optlab.params import ParamSpec, format_number, unknown_name
from optlab.reference import CARD_KINDS, facts, notes_of, rules_of
from optlab.registry import PresetInfo
from optlab.translate import current_language, set_language, tr


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``show``."""
    text = tr(
        "Name of a problem, optimizer, scheduler, metric, preset, topic and so on; "
        "KIND/NAME where several have it."
    )
    parser.add_argument("name", metavar="NAME", help=text)
    text = tr("Language: {codes}.", codes=", ".join(LANGUAGES))
    parser.add_argument("--lang", metavar=tr("CODE"), help=text)


def act(args: argparse.Namespace) -> int:
    """Print one info."""
    from optlab.plugins import load_catalog

    if args.lang is not None:
        set_language(_language(args.lang))
    kind, info = find(load_catalog(), args.name)
    say(f"{info.name} ({tr(kind)})")
    if info.label != info.name:
        say(tr(info.label))
    if kind != "topics":
        say()
        say(tr(info.description))
    for title, text in facts(info):
        line = tr("{kind}: {text}", kind=title, text=text)
        say(line.replace("\n", "\n    "))
    if kind in CARD_KINDS:
        _say_card(card(CARD_KINDS[kind], info.name), label=info.label)
    if info.params:
        say()
        headers = (tr("parameter"), tr("default"), tr("allowed"), tr("usual"))
        rows = [_row(spec) for spec in info.params]
        say_table((*headers, tr("meaning")), rows)
    _say_list(tr("Rules"), rules_of(info))
    _say_list(tr("Notes"), notes_of(info))
    if isinstance(info, PresetInfo):
        say()
        say(info.text.rstrip("\n"))
    return 0


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


def _language(code: str) -> str:
    if code not in LANGUAGES:
        raise unknown_name("--lang", code, LANGUAGES, value=code)
    return code


def _say_card(found: Card | None, *, label: str) -> None:
    if found is None:
        return
    language = current_language()
    text = found.text(language)
    if text.title not in ("", label):
        say()
        say(text.title)
    for part in filter(None, (text.symbols, text.code)):
        say()
        say(part)
    for heading, words in found.sections(language):
        say()
        say(tr("{title}:", title=heading))
        say(f"  {words}".replace("\n", "\n  "))
    for row in text.table[1:]:
        say()
        say(row[0])
        for caption, cell in zip(text.table[0][1:], row[1:], strict=True):
            say("  " + tr("{kind}: {text}", kind=caption, text=cell))
    if found.presets:
        say()
    for preset in found.presets:
        say(tr("Try `optlab run {preset}`", preset=preset))
    say()
    say(f"{found.link_text}\n{found.link}")


def _say_list(title: str, lines: tuple[str, ...]) -> None:
    if lines:
        say()
        say(tr("{title}:", title=title))
    for line in lines:
        say(f"  - {tr(line)}")


VERB = Verb("show", "Show what is known of one of them.", add_arguments, act)
