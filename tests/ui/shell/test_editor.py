"""The editor changes the experiment reversibly and keeps what it cannot use."""

from pathlib import Path

import pytest

from optlab.params import InputError
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, read_spec
from optlab.ui.editor import SpecEditor

pytestmark = pytest.mark.usefixtures("qapp")


def test_that_a_change_is_undone_and_redone(editor: SpecEditor) -> None:
    before = editor.spec
    assert editor.enter("optimizers.0.lr", "1e-3")
    after = editor.spec
    assert editor.value("optimizers.0.lr") == 1e-3
    editor.undo()
    assert editor.spec == before
    editor.redo()
    assert editor.spec == after


def test_that_typing_in_one_field_is_one_step_of_undo(editor: SpecEditor) -> None:
    before = editor.spec
    for text in ("5", "50", "500"):
        editor.enter("training.steps", text)
    assert editor.spec.training.steps == 500
    editor.undo()
    assert editor.spec == before


def test_that_undo_names_an_optimizer_by_its_label(editor: SpecEditor) -> None:
    editor.set_value("optimizers.0.label", "My own")
    editor.enter("optimizers.0.lr", "0.5")
    assert "lr of My own to 0.5" in editor.stack.undoText()


def test_that_leaving_a_field_begins_a_new_step(editor: SpecEditor) -> None:
    editor.enter("training.steps", "500")
    editor.finish_edit()
    editor.enter("training.steps", "700")
    editor.undo()
    assert editor.spec.training.steps == 500


def test_that_typing_the_old_value_again_leaves_nothing_to_undo(
    editor: SpecEditor,
) -> None:
    editor.enter("training.steps", "6")
    editor.enter("training.steps", "60")
    assert not editor.stack.canUndo()


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("optimizers.0.lr", "abc"),
        ("optimizers.0.lr", "-1"),
        ("optimizers.0.lr", "nan"),
        ("optimizers.1.betas", "0.9"),
        ("training.steps", "1.5"),
        ("training.seeds", "1, 1"),
        ("problem.start", "1, two"),
    ],
)
def test_that_what_cannot_be_used_is_kept_and_named(
    editor: SpecEditor, key: str, text: str
) -> None:
    before = editor.spec
    assert not editor.enter(key, text)
    assert editor.spec == before
    draft = editor.draft(key)
    assert draft is not None
    assert draft.text == text
    (error,) = editor.errors()
    assert error.key == key
    assert error.allowed == draft.allowed


def test_that_a_draft_goes_where_its_optimizer_goes(editor: SpecEditor) -> None:
    editor.enter("optimizers.1.lr", "abc")
    editor.move_optimizer(1, 0)
    assert [error.key for error in editor.errors()] == ["optimizers.0.lr"]
    editor.remove_optimizer(0)
    assert editor.errors() == ()


def test_that_a_rule_between_parameters_is_an_error(editor: SpecEditor) -> None:
    editor.set_value("optimizers.0.nesterov", True)
    (error,) = editor.errors()
    assert error.key == "optimizers.0.nesterov"


def test_that_steps_and_epochs_take_turns(editor: SpecEditor) -> None:
    editor.set_problem("linear-regression")
    editor.enter("training.epochs", "3")
    assert (editor.spec.training.steps, editor.spec.training.epochs) == (None, 3.0)
    editor.enter("training.steps", "20")
    assert (editor.spec.training.steps, editor.spec.training.epochs) == (20, None)


def test_that_a_problem_without_epochs_takes_steps(editor: SpecEditor) -> None:
    editor.set_problem("linear-regression")
    editor.enter("training.epochs", "3")
    editor.set_problem("rosenbrock")
    assert editor.errors() == ()
    editor.undo()
    assert editor.spec.training.epochs == 3


def test_that_the_default_needs_no_word(editor: SpecEditor) -> None:
    editor.enter("optimizers.0.momentum", "0.9")
    editor.reset_value("optimizers.0.momentum")
    assert "momentum" not in editor.spec.optimizers[0].values


def test_that_colours_stay_with_the_run_on_the_screen(editor: SpecEditor) -> None:
    editor.bind_run()
    editor.remove_optimizer(0)
    assert editor.slots() == (1,)
    editor.add_optimizer("RMSprop")
    assert editor.slots() == (1, 2)
    editor.undo()
    editor.undo()
    assert editor.slots() == (0, 1)


def test_that_a_saved_experiment_reads_back_equal(
    editor: SpecEditor, catalog: Catalog, tmp_path: Path
) -> None:
    editor.enter("optimizers.0.momentum", "0.9")
    path = tmp_path / "mine.toml"
    editor.save(path)
    assert not editor.edited
    assert read_spec(path, catalog) == editor.spec
    assert list(tmp_path.iterdir()) == [path]


def test_that_opening_another_experiment_can_be_undone(
    editor: SpecEditor, catalog: Catalog
) -> None:
    editor.enter("training.steps", "77")
    mine = editor.spec
    editor.load_text(catalog.presets.get("seed-gd").text, source="seed-gd.toml")
    assert (editor.source, editor.edited) == ("seed-gd.toml", False)
    editor.undo()
    assert editor.spec == mine
    assert editor.edited


def test_that_undo_after_saving_is_an_unsaved_change(
    editor: SpecEditor, tmp_path: Path
) -> None:
    editor.enter("training.steps", "77")
    editor.save(tmp_path / "mine.toml")
    saved = editor.edited
    editor.finish_edit()
    editor.enter("training.steps", "78")
    editor.undo()
    assert (saved, editor.edited) == (False, False)
    editor.enter("training.steps", "79")
    assert editor.edited


def test_that_a_save_that_fails_leaves_the_old_file(
    editor: SpecEditor, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        editor.save(tmp_path / "nowhere" / "mine.toml")
    assert editor.path is None


def test_that_a_file_that_cannot_be_used_changes_nothing(
    editor: SpecEditor, short: ExperimentSpec, tmp_path: Path
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("format = 1\n[problem]\nname = 'nowhere'\n", encoding="utf-8")
    with pytest.raises(InputError):
        editor.load(path)
    assert editor.spec == short


def test_that_half_of_what_cannot_be_used_sets_nothing(editor: SpecEditor) -> None:
    before, steps = editor.spec, editor.stack.count()
    for typed in ("1", "1/", "1/0", "1/0*", "1/0*3"):
        editor.enter("optimizers.0.lr", typed)
    assert editor.spec == before
    assert editor.stack.count() == steps
    draft = editor.draft("optimizers.0.lr")
    assert draft is not None
    assert draft.text == "1/0*3"
    editor.enter("optimizers.0.lr", "1/4")
    assert editor.value("optimizers.0.lr") == 0.25
    editor.undo()
    assert editor.spec == before


def test_that_undo_takes_back_nonsense_first_and_then_the_change_before(
    editor: SpecEditor,
) -> None:
    key = "optimizers.0.lr"
    before = editor.value(key)
    assert not editor.can_undo
    assert editor.enter(key, "0.002")
    editor.finish_edit()
    assert not editor.enter(key, "fast")
    editor.undo()
    assert editor.draft(key) is None
    assert editor.value(key) == 0.002
    editor.undo()
    assert editor.value(key) == before
