"""Damaged prepared data: a line with the remedy wherever they are read; no others are hidden."""

import json
import shutil

import pytest
from table_files import write_table

from samjax.cli import main
from samjax.data.mixture import WeightedSource
from samjax.data.prepare.catalog import catalog
from samjax.data.prepare.from_tables import prepare_table
from samjax.data.prepare.report import read_report
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError
from samjax.training.data_identity import identify


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged")
    source = write_table(folder / "table")
    for name in ("bad", "good"):
        prepare_table(source, name, data_dir=folder / "data", sigma=4)
    return folder / "data"


@pytest.fixture
def data_dir(prepared, tmp_path):
    return shutil.copytree(prepared, tmp_path / "data")


def folder(data_dir):
    return next((data_dir / "bad").iterdir())


def shard(data_dir):
    return next(folder(data_dir).glob("bad-train.*"))


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path):
    path.write_bytes(b"")


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(content)


def no_object(path):
    path.write_text("[1]")


def remove(path):
    path.unlink()


DESCRIPTIONS = [
    ("dataset_info.json", damage) for damage in (cut, empty, no_object)
] + [("features.json", damage) for damage in (cut, empty, no_object, remove)] + [
    ("metadata.json", damage) for damage in (cut, empty, no_object, remove)
]  # fmt: skip


@pytest.mark.parametrize(("file", "damage"), DESCRIPTIONS)
def test_a_damaged_description_is_one_line_and_hides_no_other_dataset(
    data_dir, file, damage, capsys
):
    damage(folder(data_dir) / file)
    with pytest.raises(UserError, match="prepare it again") as error:
        open_dataset("bad", data_dir)
    assert "\n" not in str(error.value)
    states = {row.name: row.state for row in catalog(data_dir)}
    assert (states["bad"], states["good"]) == ("unreadable", "prepared")
    for command in (["prepare", "--check", "bad"], ["inspect", "bad"]):
        assert main([*command, "--data_dir", str(data_dir)]) == 1
        assert capsys.readouterr().err.count("prepare it again") == 1


def test_a_missing_description_says_how_to_prepare(data_dir):
    (folder(data_dir) / "dataset_info.json").unlink()
    with pytest.raises(UserError, match="samjax prepare table --name bad"):
        open_dataset("bad", data_dir)


@pytest.mark.parametrize("damage", [cut, empty, remove, flip])
def test_a_damaged_shard_is_one_line_in_reading_checking_and_inspecting(
    data_dir, damage, capsys, tmp_path
):
    damage(shard(data_dir))
    source = Source(open_dataset("bad", data_dir), "train")
    with pytest.raises(UserError, match="prepare it again"):
        [source[i] for i in range(len(source))]
    assert main(["prepare", "--check", "bad", "--data_dir", str(data_dir)]) == 1
    assert capsys.readouterr().out
    sheet = ["--split", "train", "--output", str(tmp_path / "sheet.png")]
    assert main(["inspect", "bad", "--data_dir", str(data_dir), *sheet]) == 1
    assert "prepare it again" in capsys.readouterr().err


def weighted(data_dir, name="bad"):
    return [WeightedSource(name, Source(open_dataset(name, data_dir), "train"), 1.0)]


@pytest.mark.parametrize("damage", [cut, empty, no_object])
def test_a_damaged_report_is_one_line_in_training_and_checking(data_dir, damage, capsys):
    damage(folder(data_dir) / "report.json")
    with pytest.raises(UserError, match=r"report\.json is damaged; prepare it again"):
        identify(weighted(data_dir), weighted(data_dir))
    assert main(["prepare", "--check", "bad", "--data_dir", str(data_dir)]) == 1
    assert "report.json is damaged" in capsys.readouterr().out


def test_counts_that_do_not_agree_are_refused_in_training(data_dir):
    path = folder(data_dir) / "report.json"
    report = json.loads(path.read_text())
    report["splits"]["train"]["images"] += 1
    path.write_text(json.dumps(report))
    with pytest.raises(UserError, match=r"counts 4 images of train.*3; prepare it again"):
        identify(weighted(data_dir), weighted(data_dir))
    info = folder(data_dir) / "dataset_info.json"
    info.write_text(info.read_text().replace('"3"', '"2"'))
    with pytest.raises(UserError, match=r"has 3 records, but dataset_info\.json says 2"):
        Source(open_dataset("bad", data_dir), "train")[0]


def test_a_report_that_is_not_there_is_that_of_a_foreign_dataset(data_dir):
    (folder(data_dir) / "report.json").unlink()
    assert read_report(open_dataset("bad", data_dir)) == {}
