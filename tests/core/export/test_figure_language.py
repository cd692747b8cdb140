"""Figures speak the language of the window, also where no font has its letters."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from matplotlib import font_manager

from optlab.export.exporter import export
from optlab.store.run_data import RunData
from optlab.translate import set_language
from tests.core.store.synthetic import whole_run


@pytest.fixture
def run() -> RunData:
    """A run of two optimizers."""
    data = RunData()
    for record in whole_run(("SGD", "Adam"), steps=50):
        data.append(record)
    return data


@pytest.fixture(autouse=True)
def _chinese() -> None:
    set_language("zh")


def test_that_the_words_of_a_figure_are_chinese(run: RunData, tmp_path: Path) -> None:
    export(run, tmp_path / "curves.svg")
    root = ET.parse(tmp_path / "curves.svg").getroot()
    texts = {"".join(e.itertext()) for e in root.iter() if e.tag.endswith("}text")}
    assert {"训练损失", "验证准确率", "梯度范数", "步数", "SGD", "Adam"} <= texts
    assert not texts & {"Training loss", "Validation accuracy", "Steps"}


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_that_a_machine_without_chinese_letters_draws_without_a_warning(
    run: RunData, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(font_manager, "get_font_names", lambda: ["DejaVu Sans"])
    path = tmp_path / f"curves.{suffix}"
    export(run, path)
    assert path.stat().st_size > 1000
