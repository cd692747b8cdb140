"""What the explainer says of one thing: its card, or what the catalog knows of it.

Pure functions; no Qt. A card speaks English or Chinese whatever the language of the
window is, so its captions do not pass through `optlab.translate.tr`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from optlab.cards import CardKind, card
from optlab.params import format_number
from optlab.registry import Catalog, Info, OptimizerInfo, ProblemInfo, SchedulerInfo
from optlab.translate import tr

LANGUAGE_NAMES: Final[Mapping[str, str]] = {"en": "EN", "zh": "中文"}

_ENGLISH: Final[Mapping[str, str]] = {
    "memory": "Memory",
    "floats": "{n} floats per parameter",
    "float": "1 float per parameter",
    "nothing": "nothing besides the weights",
    "evaluations": "Gradients",
    "per step": "{n} per step",
    "code": "Code",
    "counts": "Counts",
    "in steps or epochs": "steps or epochs",
    "metric": "Acts on",
    "validation": "the validation metric",
    "moves": "Also moves",
    "momentum": "momentum or betas",
    "kind": "Kind",
    "surface": "a function; exact gradients",
    "task": "a model that learns from data",
    "own": "a file of yours",
    "try": "See for yourself",
}
_CHINESE: Final[Mapping[str, str]] = {
    "memory": "额外内存",
    "floats": "每个参数 {n} 个浮点数",
    "float": "每个参数 1 个浮点数",
    "nothing": "除参数本身外不需要",
    "evaluations": "梯度计算",
    "per step": "每步 {n} 次",
    "code": "代码来源",
    "counts": "计数单位",
    "in steps or epochs": "步或轮",
    "metric": "依据",
    "validation": "验证集指标",
    "moves": "同时调整",
    "momentum": "动量或 beta",
    "kind": "类型",
    "surface": "函数曲面，梯度精确",
    "task": "从数据中学习的模型",
    "own": "你自己的文件",
    "try": "动手试试",
}
_CHINESE_FAMILIES: Final[Mapping[str, str]] = {
    "gradient descent": "梯度下降",
    "momentum": "动量",
    "adaptive": "自适应",
    "sign": "符号型",
    "matrix and second-order": "矩阵与二阶",
    "sharpness and wrappers": "锐度与包装器",
    "parameter-free": "免调参",
    "TF/Keras-compatible": "兼容 TF/Keras",
}


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """All that is shown of one thing.

    Attributes:
        title: The heading.
        note: The short line under it.
        tex: Formula to be typeset; empty where there is none.
        formula: The formula in plain text, for where nothing is typeset.
        symbols: What its letters are.
        sections: Headings and texts.
        code: A few lines of program.
        table: Rows of cells, the first one is the head.
        facts: Pairs of a caption and a value.
        presets: Names and titles of ready experiments that show it.
        try_caption: What stands before them.
        link: Address of the paper.
        link_text: What the link leads to, or the source where there is no address.
    """

    title: str
    note: str = ""
    tex: tuple[str, ...] = ()
    formula: str = ""
    symbols: str = ""
    sections: tuple[tuple[str, str], ...] = ()
    code: str = ""
    table: tuple[tuple[str, ...], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    presets: tuple[tuple[str, str], ...] = ()
    try_caption: str = ""
    link: str = ""
    link_text: str = ""


def explanation(
    catalog: Catalog, kind: CardKind, name: str, *, language: str
) -> Explanation:
    """Return what there is to say of one thing.

    Args:
        catalog: Where it is, unless it is a topic.
        kind: What sort of thing it is.
        name: Its name.
        language: ``en`` or ``zh``.

    Raises:
        InputError: There is no such thing in the catalog.
    """
    info = None if kind == "topic" else _info(catalog, kind, name)
    found = card(kind, name)
    words = _CHINESE if language == "zh" else _ENGLISH
    facts = () if info is None else _facts(info, words)
    if found is None:
        return _from_info(info, name, facts)
    text = found.text(language)
    return Explanation(
        title=text.title or _label(info, name),
        note=_note(info, words, title=text.title),
        tex=found.tex,
        formula="" if info is None else info.formula,
        symbols=text.symbols,
        sections=found.sections(language),
        code=text.code,
        table=text.table,
        facts=facts,
        presets=_presets(catalog, found.presets),
        try_caption=words["try"],
        link=found.link,
        link_text=found.link_text,
    )


def _presets(catalog: Catalog, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    known = (name for name in names if name in catalog.presets)
    return tuple((name, tr(catalog.presets.get(name).label)) for name in known)


def _info(catalog: Catalog, kind: CardKind, name: str) -> Info:
    if kind == "optimizer":
        return catalog.optimizers.get(name)
    if kind == "scheduler":
        return catalog.schedulers.get(name)
    return catalog.problems.get(name)


def _label(info: Info | None, name: str) -> str:
    return name if info is None else tr(info.label)


def _from_info(
    info: Info | None, name: str, facts: tuple[tuple[str, str], ...]
) -> Explanation:
    if info is None:
        return Explanation(title=name)
    notes = info.notes if isinstance(info, OptimizerInfo | SchedulerInfo) else ()
    texts = (tr(info.description), *(tr(note) for note in notes))
    return Explanation(
        title=_label(info, name),
        note=_note(info, _ENGLISH, title=""),
        formula=info.formula,
        sections=tuple(("", text) for text in texts),
        facts=facts,
        link_text=info.source,
    )


def _note(info: Info | None, words: Mapping[str, str], *, title: str) -> str:
    """Return year and family, and the name that the title does not hold."""
    label = _label(info, "")
    parts = [label] if title and label not in title else []
    if isinstance(info, SchedulerInfo):
        parts = [info.name]
    if isinstance(info, OptimizerInfo) and info.year:
        parts.append(str(info.year))
    if isinstance(info, OptimizerInfo):
        parts.append(_family(info.family, words))
    return " · ".join(parts)


def _family(family: str, words: Mapping[str, str]) -> str:
    return _CHINESE_FAMILIES.get(family, family) if words is _CHINESE else family


def _facts(info: Info, words: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    if isinstance(info, OptimizerInfo):
        return _optimizer_facts(info, words)
    if isinstance(info, SchedulerInfo):
        facts = [(words["counts"], words["in steps or epochs"])]
        if info.needs_metric:
            facts = [(words["metric"], words["validation"])]
        if info.moves_momentum:
            facts.append((words["moves"], words["momentum"]))
        return tuple(facts)
    if isinstance(info, ProblemInfo):
        return ((words["kind"], words.get(info.kind, info.kind)),)
    return ()


def _optimizer_facts(
    info: OptimizerInfo, words: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    number = format_number(float(f"{info.state_floats:.3g}"))
    memory = words["floats"].format(n=number)
    if info.state_floats in (0, 1):
        memory = words["float"] if info.state_floats else words["nothing"]
    evaluations = words["per step"].format(n=format_number(info.grad_evals))
    homes = {"torch": "torch.optim", "optlab": "OptLab", "own": words["own"]}
    return (
        (words["memory"], memory),
        (words["evaluations"], evaluations),
        (words["code"], homes.get(info.home, info.home)),
    )
