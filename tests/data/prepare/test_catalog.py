"""The known datasets: found by name, never guessed; listed with their state."""

import pytest
from published_files import dataset, write_files

from samjax.cli import main
from samjax.data.builders import registry
from samjax.data.prepare import catalog
from samjax.data.prepare.catalog import find_published
from samjax.data.raw.dataset_spec import Download
from samjax.data.sources import open_dataset
from samjax.errors import UserError


@pytest.fixture
def known(monkeypatch):
    """The registry with two editions, and one dataset behind a form."""
    form = Download("images.zip", "http://127.0.0.1:9/", manual="fill in the form")
    datasets = [
        dataset(),
        dataset(name="tiny_2021", user_must_get="ask the authors"),
        dataset(name="other", downloads=(form,)),
    ]
    monkeypatch.setattr(registry, "MODULES", ("published_files_of_a_test",))
    module = type("Module", (), {"PUBLISHED": tuple(datasets)})
    monkeypatch.setattr(registry, "import_module", lambda name: module)
    assert list(catalog.published()) == ["tiny_2020", "tiny_2021", "other"]


def test_an_edition_is_named_and_never_guessed(known, capsys):
    assert find_published("tiny_2021").name == "tiny_2021"
    assert main(["prepare", "tiny"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "'tiny' has several editions; name one: tiny_2020, tiny_2021" in error


def test_a_slip_of_the_pen_gets_a_suggestion(known):
    with pytest.raises(UserError, match=r"did you mean tiny_2021 or tiny_2020\?"):
        find_published("tiny_2002")
    with pytest.raises(UserError, match="prepare table --name zzz"):
        find_published("zzz")


def test_the_command_prepares_a_published_dataset(known, tmp_path, capsys):
    source = write_files(tmp_path / "raw")
    options = ["--source", str(source), "--data_dir", str(tmp_path)]
    assert main(["prepare", "tiny_2020", *options]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0].startswith("tiny_2020 train: 6 images, 21 fixations")
    assert "writing 8 images" in printed.err
    assert main(["prepare", "tiny_2020", *options, "--sigma", "-1", "--overwrite"]) == 1
    assert "--sigma=-1" in capsys.readouterr().err


def test_the_list_tells_state_counts_and_what_to_get(known, tmp_path, capsys):
    source = write_files(tmp_path / "raw")
    main(["prepare", "tiny_2020", "--source", str(source), "--data_dir", str(tmp_path)])
    (tmp_path / ".other.incomplete").mkdir()
    capsys.readouterr()
    assert main(["prepare", "--list", "--data_dir", str(tmp_path)]) == 0
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert "prepared" in rows["tiny_2020"]
    assert "train:6 validation:2" in rows["tiny_2020"]
    assert str(tmp_path / "tiny_2020" / "1.0.0") in rows["tiny_2020"]
    assert "ask the authors" in rows["tiny_2021"]
    assert "incomplete" in rows["other"]
    assert "images.zip: fill in the form" in rows["other"]
    assert "samjax prepare table --name eyecrowd" in rows["eyecrowd"]
    assert "samjax prepare synthetic" in rows["synthetic"]


def test_a_missing_dataset_names_its_command(tmp_path):
    for name, command in (
        ("osie", "`samjax prepare osie`"),
        ("synthetic", "`samjax prepare synthetic`"),
        ("mine", "`samjax prepare table --name mine --source PATH`"),
    ):
        with pytest.raises(UserError, match=command):
            open_dataset(name, tmp_path)
