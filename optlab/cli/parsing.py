"""argparse with OptLab's manners: one clear line for bad input, every word translated.

Options are checked by `ParamSpec`s, as everything else that a person can type.
"""

import argparse
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, NoReturn

from optlab.params import InputError, Kind, ParamSpec, ParamValue, unknown_name
from optlab.translate import tr

Act = Callable[[argparse.Namespace], int]

DEVICE: Final = ParamSpec(
    name="device",
    kind=Kind.CHOICE,
    default="auto",
    choices=("auto", "cpu", "cuda"),
    meaning="Where to train: auto takes CUDA where there is one.",
)


class UsageError(InputError):
    """The words on the command line do not fit together."""

    def __init__(self, command: str, message: str) -> None:
        text = "{message}; see `{program} --help`"
        program = f"optlab {command}".strip()
        super().__init__(
            command or "optlab", None, tr(text, message=message, program=program)
        )


class _Formatter(argparse.HelpFormatter):
    """Help in which argparse's own words are translated too."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        """Add the line of usage."""
        prefix = tr("usage: ") if prefix is None else prefix
        super().add_usage(usage, actions, groups, prefix)


class Parser(argparse.ArgumentParser):
    """A parser that raises `UsageError` instead of printing a page and exiting."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            formatter_class=_Formatter,
            add_help=False,
            allow_abbrev=False,
        )
        self._optionals.title = tr("options")
        self._positionals.title = tr("positional arguments")

    def error(self, message: str) -> NoReturn:
        """Refuse the command line in one line."""
        raise UsageError(self.prog.removeprefix("optlab").strip(), _told(message))


def _told(message: str) -> str:
    """Return what argparse complains of in the language in force."""
    if found := re.fullmatch("the following arguments are required: (.*)", message):
        return tr("the following arguments are required: {names}", names=found[1])
    if found := re.fullmatch("argument (.*): expected one argument", message):
        return tr("argument {name}: expected one argument", name=found[1])
    if found := re.fullmatch("argument (.*): not allowed with argument (.*)", message):
        text = "argument {name}: not allowed with argument {other}"
        return tr(text, name=found[1], other=found[2])
    return message


@dataclass(frozen=True)
class Verb:
    """One word of the command line.

    Attributes:
        name: The word.
        summary: What it does, in one line; not translated yet.
        add_arguments: Adds its arguments to a parser.
        act: Does it and returns the exit code.
    """

    name: str
    summary: str
    add_arguments: Callable[[Parser], None]
    act: Act

    def parse(self, words: list[str]) -> argparse.Namespace:
        """Return the parsed arguments of this verb.

        Raises:
            InputError: An option is unknown, or an argument missing or too many.
        """
        parser = self.parser()
        known = [f for action in parser._actions for f in action.option_strings]
        for word in words:
            name = word.partition("=")[0]
            if word == "--":
                break
            if word.startswith("--") and name not in known:
                raise unknown_name(name, name, [f for f in known if f[:2] == "--"])
        args, rest = parser.parse_known_args(words)
        if rest:
            raise UsageError(self.name, tr("{word!r} is too much", word=rest[0]))
        return args

    def parser(self) -> Parser:
        """Return the parser of this verb."""
        parser = Parser(f"optlab {self.name}", tr(self.summary))
        self.add_arguments(parser)
        add_help(parser)
        return parser


def add_help(parser: Parser) -> None:
    """Add ``--help`` with a translated text."""
    parser.add_argument(
        "-h", "--help", action="help", help=tr("Show this help and exit.")
    )


def add_device(parser: Parser) -> None:
    """Add ``--device``."""
    parser.add_argument(
        "--device",
        default=DEVICE.default,
        metavar="|".join(DEVICE.choices),
        help=tr(DEVICE.meaning),
    )


def checked(spec: ParamSpec, text: str) -> ParamValue:
    """Return the value of an option.

    Raises:
        InputError: The text is not a legal value.
    """
    return spec.parse(text, option_name(spec.name))


def device_of(args: argparse.Namespace) -> str:
    """Return the checked value of ``--device``."""
    return str(checked(DEVICE, args.device))


def option_name(name: str) -> str:
    """Return ``--screenshot-at-step`` for ``screenshot_at_step``."""
    return "--" + name.replace("_", "-")
