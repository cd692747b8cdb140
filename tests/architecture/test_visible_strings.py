"""Every visible string goes through `tr`, and in a form that can be translated."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import calls, place, sources, tree

# Calls that show their string arguments to a person.
SHOWING = frozenset(
    re.findall(
        r"\w+",
        """
        addAction addButton addDockWidget addGroup addItem addItems addMenu
        addPermanentWidget addRow addSection addTab addToolBar addWidget add_column
        add_row add_task QAction QCheckBox QDockWidget QErrorMessage QGroupBox
        QInputDialog QLabel QMenu QMessageBox QProgressDialog QPushButton QRadioButton
        QToolBar QToolButton TextItem complain critical drawText getExistingDirectory
        getOpenFileName getSaveFileName information insertTab print question say
        say_table setAccessibleDescription setAccessibleName setButtonText
        setDescription setDetailedText setFormat setHeaderLabels
        setHorizontalHeaderLabels setInformativeText setItemText setLabel setLabelText
        setPlaceholderText setPrefix setSpecialValueText setStatusTip setSuffix
        setTabText setTabToolTip setText setTitle setToolTip setWhatsThis setWindowTitle
        showMessage showText warning
        """,
    )
)
# Named arguments that a person sees, whatever is called.
SHOWN_NAMES = frozenset({"description", "epilog", "help", "title", "toolTip"})
WORD = re.compile(r"[^\W\d_]{2,}")
# The program's name, rich's markup and HTML tags are no text.
NO_TEXT = re.compile(r"\b(?i:optlab)\b|\[/?[a-z #0-9]*\]|</?[a-z][^<>]*>")


def literals(node: ast.expr) -> Iterator[str]:
    """Yield the literal texts that an expression can come to, save those in calls."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            for part in parts:
                yield from literals(part)
        case ast.BinOp(left=left, right=right):
            yield from literals(left)
            yield from literals(right)
        case ast.IfExp(body=body, orelse=orelse):
            yield from literals(body)
            yield from literals(orelse)
        case ast.BoolOp(values=parts):
            for part in parts:
                yield from literals(part)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            for part in parts:
                yield from literals(part)
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            yield from literals(value)


def untranslated(name: str, call: ast.Call) -> Iterator[str]:
    """Yield the words that a call shows without `tr`."""
    shown: list[ast.expr] = []
    if is_log(call.func):
        # It is read with a bug report, in the language of the source.
        return
    if name in SHOWING or is_standard_stream(call.func):
        shown += call.args
    elif name == "InputError":
        shown += call.args[2:]
    shown += [k.value for k in call.keywords if k.arg in SHOWN_NAMES]
    if name == "addItem":  # what follows the caption is data
        shown = shown[:1]
    for argument in shown:
        for text in literals(argument):
            if WORD.search(NO_TEXT.sub("", text)):
                yield text


def is_log(callee: ast.expr) -> bool:
    """Say whether this is a method of ``logger``."""
    match callee:
        case ast.Attribute(value=ast.Name(id="logger")):
            return True
    return False


def is_standard_stream(callee: ast.expr) -> bool:
    """Say whether this is ``sys.stdout.write`` or ``sys.stderr.write``."""
    match callee:
        case ast.Attribute(value=ast.Attribute(attr="stdout" | "stderr"), attr="write"):
            return True
    return False


@pytest.mark.parametrize("folder", ["ui", "cli"])
def test_that_no_text_is_shown_past_the_translation(folder: str) -> None:
    found = [
        f"{place(path, call)} {name}: {text!r}"
        for path in sources(folder)
        for name, call in calls(path)
        for text in untranslated(name, call)
    ]
    assert found == []


def test_that_no_complaint_about_input_goes_past_the_translation() -> None:
    found = [
        f"{place(path, call)} {text!r}"
        for path in sources()
        for name, call in calls(path)
        if name == "InputError"
        for text in untranslated(name, call)
    ]
    assert found == []


def test_that_only_whole_literals_are_translated() -> None:
    found = [
        place(path, call)
        for path in sources()
        for name, call in calls(path)
        if name in ("tr", "tr_n")
        and (
            not call.args
            or any(isinstance(a, ast.JoinedStr | ast.BinOp) for a in call.args)
        )
    ]
    assert found == []


def test_that_no_message_leaves_the_plural_to_the_reader() -> None:
    found = [
        f"{place(path, node)} {node.value!r}"
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"\w\(s\)", node.value)
    ]
    assert found == []


def fields_of(message: str) -> set[str]:
    """Return the names of the fields of a message."""
    parsed = string.Formatter().parse(message)
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in parsed if name is not None}


def test_that_the_fields_of_a_message_are_the_ones_it_is_given() -> None:
    found = []
    for path in sources():
        for name, call in calls(path):
            if name not in ("tr", "tr_n") or any(k.arg is None for k in call.keywords):
                continue
            given = {keyword.arg or "" for keyword in call.keywords}
            told = [
                fields_of(message) for text in call.args for message in literals(text)
            ]
            if name == "tr_n":
                # How many decides between two texts, and need not be told in them;
                # a name may be told for one where several are only counted.
                told = [{"n"}.union(*told)]
            if given and any(fields != given for fields in told):
                found.append(f"{place(path, call)} {told} {sorted(given)}")
    assert found == []


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("label.setText('Start')", True),
        ("label.setText(tr('Start'))", False),
        ("label.setText(f'{n} steps')", True),
        ("label.setText(f'{n} × {m}')", False),
        ("QLabel('a' if ready else 'not ready')", True),
        ("combo.addItem(tr('Mean'), 'mean')", False),
        ("combo.addItem('Mean', 'mean')", True),
        ("sys.stderr.write('optlab: failed')", True),
        ("parser.add_argument('--out', help='Folder')", True),
        ("table.add_column('[bold]')", False),
        ("InputError('lr', 1, 'above zero')", True),
        ("InputError('lr', 1, tr('above zero'))", False),
        ("widget.setObjectName('start')", False),
    ],
)
def test_that_the_rule_sees_text(source: str, seen: bool, tmp_path: Path) -> None:
    path = tmp_path / "example.py"
    path.write_text(source, encoding="utf-8")
    found = [text for name, call in calls(path) for text in untranslated(name, call)]
    assert bool(found) is seen
