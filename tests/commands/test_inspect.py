"""`samjax inspect` prints what a dataset holds and draws a sheet of it."""

from table_files import write_table

from samjax.cli import main
from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.prepare.from_tables import prepare_table
from samjax.data.sources import Source
from samjax.data.synthetic.scenes import SceneSpec


def test_inspect_prints_numbers_and_draws_a_sheet(tmp_path, capsys):
    counts = {"train": 6, "validation": 2}
    dataset = prepare_synthetic(
        data_dir=tmp_path, spec=SceneSpec(48, 64, subjects=2), counts=counts
    )
    capsys.readouterr()
    sheet = tmp_path / "sheet.png"
    command = ["inspect", "synthetic", "--data_dir", str(tmp_path), "--images", "4"]
    assert main([*command, "--split", "train", "--output", str(sheet)]) == 0
    printed = capsys.readouterr().out
    source = Source(dataset, "train")
    total = sum(len(source[i].points) for i in range(len(source)))
    assert "images: 6" in printed
    assert f"fixations: {total:,}," in printed
    assert "64 x 48 (6)" in printed
    assert sheet.read_bytes().startswith(b"\x89PNG")
    assert main([*command, "--output", str(sheet)]) == 1  # the sheet is there already


def test_a_dataset_without_truth_is_shown_and_a_damaged_one_is_told(tmp_path, capsys):
    source = write_table(tmp_path / "table")
    (source / "fixations.csv.gz").unlink()
    (source / "densities").mkdir()
    dataset = prepare_table(source, "mine", data_dir=tmp_path, sigma=3)
    command = ["inspect", "mine", "--data_dir", str(tmp_path), "--split", "train"]
    assert main([*command, "--output", str(tmp_path / "a.png")]) == 0
    assert "3 images without" in capsys.readouterr().out
    report = dataset.directory / "report.json"
    report.write_text(report.read_text().replace('"images": 3', '"images": 4'))
    assert main([*command, "--output", str(tmp_path / "b.png")]) == 1
    assert "prepare it again" in capsys.readouterr().err
    assert (tmp_path / "b.png").is_file()
