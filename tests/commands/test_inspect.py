"""`samjax inspect` prints what a dataset holds and draws a sheet of it."""

from tiny_training import data_dir  # noqa: F401, a fixture

from samjax.cli import main
from samjax.data.sources import Source, open_dataset


def test_inspect_prints_numbers_and_draws_a_sheet(data_dir, tmp_path, capsys):  # noqa: F811
    sheet = tmp_path / "sheet.png"
    command = ["inspect", "synthetic", "--data_dir", str(data_dir), "--images", "4"]
    assert main([*command, "--split", "train", "--output", str(sheet)]) == 0
    printed = capsys.readouterr().out
    source = Source(open_dataset("synthetic", data_dir), "train")
    total = sum(len(source[i].points) for i in range(len(source)))
    assert "images: 24" in printed
    assert f"fixations: {total:,}," in printed
    assert "64 x 48 (24)" in printed
    assert sheet.read_bytes().startswith(b"\x89PNG")
    assert main([*command, "--output", str(sheet)]) == 1
