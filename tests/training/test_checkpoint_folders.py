"""Checkpoints appear and go by single renames, and what killed runs left is removed."""

from samjax.training import checkpoint_folders as folders


def make(folder, *names):
    for name in names:
        (folder / name / "params").mkdir(parents=True)


def names(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_only_folders_named_by_a_step_count(tmp_path):
    make(tmp_path, "10", "9", "saving-11", "removing-8", "damaged-7", "007", "6.orbax")
    (tmp_path / "12").write_text("a file")
    assert folders.steps(tmp_path) == [9, 10]
    assert folders.steps(tmp_path / "missing") == []


def test_a_checkpoint_has_no_name_before_it_is_finished(tmp_path):
    folders.begin(tmp_path, 8).mkdir()
    assert folders.steps(tmp_path) == []
    assert folders.finish(tmp_path, 8) == tmp_path / "8"
    assert folders.steps(tmp_path) == [8]


def test_a_checkpoint_takes_the_place_of_one_of_the_same_step(tmp_path):
    make(tmp_path, "8", "saving-8")
    (tmp_path / "saving-8/new").touch()
    assert (folders.finish(tmp_path, 8) / "new").exists()
    assert names(tmp_path) == {"8"}


def test_damaged_ones_are_kept_under_names_of_their_own(tmp_path):
    for expected in ("damaged-8", "damaged-8-2", "damaged-8-3"):
        make(tmp_path, "8")
        assert folders.set_aside(tmp_path, 8).name == expected
    assert folders.steps(tmp_path) == []


def test_what_killed_runs_left_is_removed_and_nothing_else(tmp_path):
    make(tmp_path, "8", "saving-9", "removing-6", "damaged-7", "9.orbax-checkpoint-tmp")
    make(tmp_path, "saving-10.orbax-checkpoint-tmp")
    folders.remove_unfinished(tmp_path)
    assert names(tmp_path) == {"8", "damaged-7"}
