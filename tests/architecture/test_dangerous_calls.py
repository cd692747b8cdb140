"""No call in OptLab can make code of data, or a path of an archive's names."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.source import PACKAGE

# Modules that make objects, and so code, of bytes.
MODULES: Final = frozenset(
    ("pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle")
) | frozenset(("joblib", "yaml", "jsonpickle", "imp", "code", "codeop", "telnetlib"))
# Builtins that make code of text, or reach it by a name.
BUILTINS: Final = frozenset(("eval", "exec", "compile", "__import__"))
METHODS: Final = frozenset(("extract", "extractall", "unpack_archive", "mktemp"))
# What a call has to say, by the end of its name.
MUST: Final[Mapping[str, tuple[str, object]]] = {
    "np.load": ("allow_pickle", False),
    "numpy.load": ("allow_pickle", False),
    "torch.load": ("weights_only", True),
}


SUSPICIOUS: Final = re.compile(
    r"\b(eval|exec|compile|__import__|shell|system|popen|load)\b|"
    + "|".join((*MODULES - {"code", "imp"}, *METHODS, "import (code|imp)", "from code"))
)


def faults(tree: ast.AST) -> Iterator[str]:
    """Yield what a module does and must not, with the line."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    if alias.name.partition(".")[0] in MODULES:
                        yield f"{node.lineno}: imports {alias.name}"
            case ast.ImportFrom(module=str(module), level=0):
                if module.partition(".")[0] in MODULES:
                    yield f"{node.lineno}: imports {module}"
            case ast.Call(func=ast.Name(id=name)) if name in BUILTINS:
                yield f"{node.lineno}: calls {name}"
            case ast.Call(func=ast.Attribute() as function):
                yield from _call_faults(node, ast.unparse(function), function.attr)
            case ast.keyword(arg="shell", value=ast.Constant(value=True)):
                yield f"{node.value.lineno}: shell=True"
            case _:
                continue


def _call_faults(node: ast.Call, name: str, last: str) -> Iterator[str]:
    if last in METHODS:
        yield f"{node.lineno}: calls {name}"
    if name in ("os.system", "os.popen", "builtins.eval", "builtins.exec"):
        yield f"{node.lineno}: calls {name}"
    if name in MUST:
        word, value = MUST[name]
        said = {k.arg: k.value for k in node.keywords}
        found = said.get(word)
        if not (isinstance(found, ast.Constant) and found.value is value):
            yield f"{node.lineno}: calls {name} without {word}={value}"


@pytest.mark.promise(14, "no call in the program makes code of data")
def test_that_no_module_makes_code_of_data() -> None:
    files = sorted(PACKAGE.rglob("*.py"))
    assert len(files) > 300
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    found = [
        f"{path.relative_to(PACKAGE)}:{fault}"
        for path, text in texts.items()
        # Most files have no word of it, and need not be taken to pieces.
        if SUSPICIOUS.search(text)
        for fault in faults(ast.parse(text))
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from marshal import loads",
        "import yaml.nodes",
        "eval('1')",
        "exec(text)",
        "compile(text, '', 'exec')",
        "__import__('os')",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "torch.load(file, weights_only=False)",
        "torch.load(file)",
        "archive.extractall(folder)",
        "tar.extract(member)",
        "shutil.unpack_archive(file)",
        "tempfile.mktemp()",
        "subprocess.run(words, shell=True)",
        "os.system(words)",
    ],
)
def test_that_each_such_call_is_found(code: str) -> None:
    assert SUSPICIOUS.search(code)
    assert list(faults(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "model.eval()",
        "app.exec()",
        "re.compile('x')",
        "tar.extractfile(member)",
        "np.load(path, allow_pickle=False)",
        "torch.load(file, weights_only=True)",
        "subprocess.run(words)",
        "ast.literal_eval(text)",
    ],
)
def test_that_what_is_harmless_is_not(code: str) -> None:
    assert not list(faults(ast.parse(code)))


def test_that_the_package_is_where_it_is_looked_for() -> None:
    assert (Path(PACKAGE) / "trust.py").is_file()
