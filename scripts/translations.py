"""Collect every message that OptLab shows, and hold the translations against them.

    python -m scripts.translations            # what is missing, stale or wrong
    python -m scripts.translations --missing  # the missing ones as JSON, to fill in
    python -m scripts.translations --add F    # put filled-in ones into the translation
    python -m scripts.translations --drop     # take out what is shown no more

A message is an English text that is handed to `tr` or `tr_n`: a literal in the source,
a local name for one, or a text of the catalog and of other tables (label, description,
meaning, …). Names are no messages: optimizers of torch and of the zoo, keys such as
``weight_decay``, papers, formulas, code.

Words in Chinese, as the cards have them: experiment 实验, run 运行, trial 试验,
optimizer 优化器, param group 参数组, learning rate (lr) 学习率, scheduler and schedule
学习率调度, problem 问题, surface 曲面, contours 等高线, model 模型, dataset 数据集,
batch 批次, batch size 批大小, mini-batch 小批量, full batch 全批量, step 步, epoch 轮,
gradient evaluation 梯度求值, metric 指标, diagnostic 诊断量, record 记录,
seed 随机种子, momentum 动量, weight decay 权重衰减, weights 权重 (of a net) or 参数,
loss 损失, training loss 训练损失, validation accuracy 验证准确率, gradient norm
梯度范数, sharpness 锐度, curvature 曲率, preset 示例实验, curve 曲线, plot 图, axis 轴,
card 卡片, panel 面板, path 轨迹, minimum 极小点 (the place) or 极小值, saddle 鞍点,
noise 噪声, file 文件, folder 文件夹. Trials are 排队中, 运行中, 已暂停, 已完成, 已停止,
已发散, 已失败. Full-width marks in sentences; a space between Chinese and Latin words
or numbers.
"""

import argparse
import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from string import Formatter
from typing import Final

from optlab.cli.catalogs import KINDS as CATALOG_KINDS
from optlab.plugins import add_builtins
from optlab.records import State
from optlab.registry import Catalog, OptimizerInfo, Registry
from optlab.spec.groups import KINDS as PARAMETER_KINDS
from optlab.ui.arrangement import X_AXES

PACKAGE: Final = Path(__file__).resolve().parent.parent / "optlab"
FOLDER: Final = PACKAGE / "resources" / "translations"
CODES: Final = ("zh",)

# What a description holds that is shown by `tr(thing.field)`.
TEXT_FIELDS: Final = frozenset(
    (
        *("cost", "description", "family", "fixed", "group", "label", "meaning"),
        *("message", "note", "notes", "own", "summary", "unit"),
    )
)
# Besides, the title of an experiment: that of a preset is the preset's label.
SHOWN_FIELDS: Final = TEXT_FIELDS | {"title"}
# What is shown by `tr(name)` where the name stands for an entry of a table, by file.
FROM_TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "analysis/certificate.py": ("state",),
    "cli/compare.py": ("State(trial['state']).value",),
    "cli/doctor.py": ("key",),
    "cli/progress.py": ("status.state",),
    "cli/closing.py": ("row.status",),
    "cli/show.py": ("kind", "line"),
    "reference.py": ("line",),
    "ui/toolbar.py": ("axis",),
}
TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "kinds of the catalog": tuple(CATALOG_KINDS),
    "kinds of parameters": tuple(PARAMETER_KINDS.values()),
    "states": tuple(State),
    "x axes": X_AXES,
    "the report of doctor": ("platform", "devices", "threads", "data folder"),
}
# Texts that are the same in every language.
SAME: Final = frozenset(
    (
        *(
            "%",
            "10 %",
            "f(x)",
            "s",
            "x²",
            "{n} kB",
            "{n} MB",
            "{n} GB",
            "{n}×",
            "{x} s",
        ),
        *("lr", "lr {rate}"),
        *("NAME", "FILE", "WIDTHxHEIGHT", "CODE", "SECONDS", "VERB"),
        *("Adadelta (Keras)", "Adagrad (Keras)", "Adam (Keras)", "Adamax (Keras)"),
        *("Nadam (Keras)", "RMSprop (Keras)", "SGD (Keras)", "signSGD", "Signum"),
        *("3c3d", "All-CNN-C", "CIFAR-10", "CIFAR-100", "ResNet-18", "ResNet-20"),
        *("Ackley", "Beale", "Booth", "Goldstein-Price", "Himmelblau", "Matyas"),
        *("Rastrigin", "Rosenbrock", "Styblinski-Tang", "Tiny ViT"),
    )
)

CHINESE: Final = "\u3400-\u9fff"
_CODE: Final = re.compile(r"`[^`]*`|\{[^{}]*\}")
_GLUED: Final = re.compile(
    rf"[{CHINESE}][,;:!?(]|[{CHINESE}]\.(?:\s|$)|\)[{CHINESE}]"
    rf"|[{CHINESE}][A-Za-z0-9]|[A-Za-z0-9][{CHINESE}]"
)


def main() -> int:
    """Do what the options say; return 1 where something is left to do."""
    parser = argparse.ArgumentParser(description="Hold translations against messages.")
    parser.add_argument("--missing", action="store_true", help="as JSON, with places")
    parser.add_argument("--add", metavar="FILE", help="put these into the translation")
    parser.add_argument("--drop", action="store_true", help="what is shown no more")
    parser.add_argument("--code", default=CODES[0], choices=CODES)
    options = parser.parse_args()
    known = messages()
    found = read(options.code)
    if options.add:
        found |= json.loads(Path(options.add).read_text(encoding="utf-8"))
    if options.drop:
        found = {m: text for m, text in found.items() if m in known}
    if options.add or options.drop:
        write(options.code, found)
    if options.missing:
        print_json({m: places for m, places in known.items() if m not in found})
        return 0
    left = list(complaints(found, known))
    print(*left, sep="\n")
    print(f"{len(known)} messages, {len(found)} in {options.code}, {len(left)} to do")
    return 1 if left else 0


def read(code: str) -> dict[str, str]:
    """Return a translation; empty where there is none yet."""
    path = FOLDER / f"{code}.json"
    if not path.is_file():
        return {}
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def write(code: str, texts: Mapping[str, str]) -> None:
    """Write a translation."""
    path = FOLDER / f"{code}.json"
    path.write_text(as_text(texts), encoding="utf-8", newline="\n")


def as_text(texts: Mapping[str, str]) -> str:
    """Return a translation as its file holds it: sorted, one message to a line."""
    return json.dumps(texts, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def print_json(data: object) -> None:
    """Print data as JSON that people can read."""
    print(json.dumps(data, ensure_ascii=False, indent=1))


# -- what is shown ---------------------------------------------------------------------


def messages() -> dict[str, list[str]]:
    """Return every message, with where it comes from, in the order of the source."""
    found: dict[str, list[str]] = {}
    for place, message in (*of_source(), *of_catalog(), *of_tables()):
        places = found.setdefault(message, [])
        if place not in places:
            places.append(place)
    catalog = _shipped()
    names = {thing.label for thing in catalog.optimizers if is_name(thing)}
    return {m: places for m, places in found.items() if m and m not in names}


def of_tables() -> Iterator[tuple[str, str]]:
    """Yield the messages of the tables that hold some."""
    for place, texts in TABLES.items():
        for text in texts:
            yield place, str(text)


def of_catalog() -> Iterator[tuple[str, str]]:
    """Yield the messages of all that OptLab ships."""
    yield from _of_thing(_shipped(), "")


def _shipped() -> Catalog:
    catalog = Catalog()
    add_builtins(catalog)
    return catalog


def _of_thing(thing: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(thing, tuple | Registry):
        for part in thing:
            yield from _of_thing(part, place)
    elif is_dataclass(thing):
        place = f"{place} {getattr(thing, 'name', '')}".strip()
        for field in fields(thing):
            value = getattr(thing, field.name)
            if field.name not in TEXT_FIELDS:
                yield from _of_thing(value, place)
            elif not (field.name == "label" and is_name(thing)):
                texts = (value,) if isinstance(value, str) else value
                yield from ((place, text) for text in texts)


def is_name(thing: object) -> bool:
    """Say whether the label of a thing is the name that its makers gave it."""
    return isinstance(thing, OptimizerInfo) and thing.home != "optlab"


def of_source() -> Iterator[tuple[str, str]]:
    """Yield the messages of the source, with file and line."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield from _of_file(path)


def _of_file(path: Path) -> Iterator[tuple[str, str]]:
    module = _parsed(path)
    place = path.relative_to(PACKAGE).as_posix()
    for call, scope in _calls(module):
        name = _called(call)
        shown: list[ast.expr] = []
        if name in ("tr", "tr_n"):
            shown = [part for a in call.args for part in _bound(a, scope)]
        elif name == "Verb":
            shown = call.args[1:2]
        elif isinstance(call.func, ast.Name):
            shown = [k.value for k in call.keywords if k.arg in TEXT_FIELDS]
        for part in shown:
            yield from ((f"{place}:{call.lineno}", text) for text in _literals(part))


def unseen() -> Iterator[str]:
    """Yield the places where something is shown that cannot be collected."""
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        for call, scope in _calls(_parsed(path)):
            if _called(call) not in ("tr", "tr_n"):
                continue
            for argument in call.args:
                text = ast.unparse(argument)
                listed = text in FROM_TABLES.get(place, ())
                told = isinstance(argument, ast.Attribute | ast.Name) and (
                    text.split(".")[-1].removesuffix("s") in SHOWN_FIELDS
                )
                bound = any(True for a in _bound(argument, scope) for _ in _literals(a))
                if not (listed or told or bound):
                    yield f"{place}:{call.lineno} {text}"


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _calls(module: ast.Module) -> Iterator[tuple[ast.Call, tuple[ast.AST, ...]]]:
    """Yield each call with what it stands in: the module, then functions."""

    def walk(node: ast.AST, scope: tuple[ast.AST, ...]) -> Iterator[_Placed]:
        if isinstance(node, ast.Call):
            yield node, scope
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            scope = (*scope, node)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, scope)

    return walk(module, (module,))


_Placed = tuple[ast.Call, tuple[ast.AST, ...]]


def _called(call: ast.Call) -> str:
    callee = call.func
    return callee.attr if isinstance(callee, ast.Attribute) else ast.unparse(callee)


def _bound(argument: ast.expr, scope: tuple[ast.AST, ...]) -> Iterator[ast.expr]:
    """Yield what an argument stands for: itself, or what a name was set to nearby."""
    name = argument.value if isinstance(argument, ast.Subscript) else argument
    if not isinstance(name, ast.Name):
        yield argument
        return
    module, *functions = scope
    inner = list(ast.walk(functions[0])) if functions else []
    for node in (*inner, *ast.iter_child_nodes(module)):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if any(isinstance(t, ast.Name) and t.id == name.id for t in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            if node.value is not None:
                yield node.value


def _literals(node: ast.expr) -> Iterator[str]:
    """Yield the literal texts that an expression can come to."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _literals(body)
            yield from _literals(orelse)
        case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            for part in parts:
                yield from _literals(part)
        case ast.Dict(values=parts):
            for part in parts:
                yield from _literals(part)


# -- what is wrong ---------------------------------------------------------------------


def complaints(
    found: Mapping[str, str], known: Mapping[str, list[str]]
) -> Iterator[str]:
    """Yield what is left to do in a translation, one line for each."""
    for message, places in known.items():
        if message not in found:
            yield f"missing: {message!r} ({', '.join(places[:2])})"
        elif wrong := fault(message, found[message]):
            yield f"{wrong}: {message!r} -> {found[message]!r}"
    for message in found:
        if message not in known:
            yield f"shown no more: {message!r}"


def fault(english: str, chinese: str) -> str:
    """Return what is wrong with a text in Chinese; empty if nothing is."""
    if english in SAME:
        return "" if chinese == english else "should be the same"
    if not re.search(f"[{CHINESE}]", chinese) and _has_words(chinese):
        return "no Chinese"
    if _fields(english) != _fields(chinese):
        return "other fields"
    glued = _GLUED.search(_CODE.sub("", chinese))
    if glued:
        return f"{glued.group()!r}: a half-width mark, or no space before Latin"
    if english.endswith(".") and not chinese.endswith(("。", "……")):
        return "no full stop"
    return ""


def _has_words(text: str) -> bool:
    return not text or re.search("[a-zA-Z]{2}", _CODE.sub("", text)) is not None


def _fields(text: str) -> list[tuple[str, str | None, str | None]]:
    try:
        parsed = list(Formatter().parse(text))
    except ValueError:
        return []
    return sorted(
        (name, form, how) for _, name, form, how in parsed if name is not None
    )


if __name__ == "__main__":
    sys.exit(main())
