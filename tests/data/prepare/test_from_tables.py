"""A dataset is prepared whole or not at all, and says what was left out."""

import os
import signal
import subprocess
import sys
import time

import pytest
from table_files import write_table
from test_table import FAULTS, FILES, append

from samjax.cli import main
from samjax.data.prepare.from_tables import prepare_synthetic, prepare_table, read_report
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError


@pytest.fixture
def source(tmp_path):
    return write_table(tmp_path / "source")


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "a" / "data"


def spoil(source):
    """Two faults of fixations and one of images."""
    append(source / "fixations.csv.gz", *[FAULTS["point outside its image"][1]] * 2)
    append(source / "images.csv", FAULTS["missing image file"][1])


def test_a_fault_fails_and_leaves_nothing(source, data_dir):
    spoil(source)
    with pytest.raises(UserError, match="1 missing image file, 2 point outside its image"):
        prepare_table(source, "mine", data_dir=data_dir)
    assert not data_dir.parent.exists()


def test_skip_leaves_faults_out_and_reports_them(source, data_dir):
    spoil(source)
    dataset = prepare_table(source, "mine", data_dir=data_dir, on_error="skip")
    assert dataset.splits == {"train": 3, "validation": 1}
    report = read_report(dataset)
    assert report["faults"] == {"missing image file": 1, "point outside its image": 2}
    assert {row["kind"] for row in report["rows"]} == set(report["faults"])
    assert all("line" in row["where"] for row in report["rows"])


def test_every_kind_of_fault_is_skipped_and_counted(source, data_dir):
    for where, row in FAULTS.values():
        append(source / FILES[where], row)
    dataset = prepare_table(source, "mine", data_dir=data_dir, on_error="skip")
    assert dataset.splits == {"train": 3, "validation": 1}
    # Their files are not there, so these count as missing.
    absent = {"wrong image size", "unreadable image file", "unreadable density file"}
    assert set(read_report(dataset)["faults"]) == set(FAULTS) - absent


def test_a_dataset_is_replaced_only_on_request(source, data_dir):
    prepare_table(source, "mine", data_dir=data_dir, sigma=5)
    with pytest.raises(UserError, match="--overwrite"):
        prepare_table(source, "mine", data_dir=data_dir, sigma=6)
    assert open_dataset("mine", data_dir).sigma_px(60, 80) == 5
    prepare_table(source, "mine", data_dir=data_dir, sigma=6, overwrite=True)
    assert open_dataset("mine", data_dir).sigma_px(60, 80) == 6
    assert [path.name for path in data_dir.iterdir()] == ["mine"]


def test_a_failed_replacement_keeps_the_old(source, data_dir):
    prepare_table(source, "mine", data_dir=data_dir, sigma=5)
    spoil(source)
    with pytest.raises(UserError):
        prepare_table(source, "mine", data_dir=data_dir, sigma=6, overwrite=True)
    assert open_dataset("mine", data_dir).sigma_px(60, 80) == 5
    assert [path.name for path in data_dir.iterdir()] == ["mine"]


# A process that was started in the background may have been told to ignore Ctrl-C.
INTERRUPTIBLE = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from samjax.cli import main; sys.exit(main(sys.argv[1:]))"
)


@pytest.mark.parametrize(("stop", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_leaves_nothing(tmp_path, stop, status):
    data_dir = tmp_path / "data"
    command = [sys.executable, "-c", INTERRUPTIBLE, "prepare", "synthetic"]
    options = ["--counts", "99999,0,0", "--data_dir", str(data_dir)]
    with subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not list(data_dir.glob(".*/**/*array_record*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert list(data_dir.glob(".*/**/*array_record*"))
        process.send_signal(stop)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == status
    assert "Traceback" not in errors
    assert not data_dir.exists()


@pytest.mark.parametrize("name", ["", "Mine", "my-data", "../mine", "1st"])
def test_a_name_that_tfds_cannot_use_is_refused(source, data_dir, name):
    with pytest.raises(UserError, match="lower-case"):
        prepare_table(source, name, data_dir=data_dir)


def test_an_unknown_sigma_is_assumed_with_a_warning(source, data_dir, capsys):
    dataset = prepare_table(source, "mine", data_dir=data_dir)
    assert dataset.sigma_px(60, 80) == pytest.approx(2.4)
    assert "--sigma=PIXELS" in capsys.readouterr().err


def test_a_known_name_brings_its_facts(source, data_dir, capsys):
    dataset = prepare_table(source, "osie", data_dir=data_dir)
    assert dataset.sigma_px(600, 800) == 24
    assert "Juan Xu" in dataset.citation
    assert "warning" not in capsys.readouterr().err


@pytest.mark.parametrize("sigma", [0, -3, float("nan"), float("inf")])
def test_a_senseless_sigma_is_refused(source, data_dir, sigma):
    with pytest.raises(UserError, match="--sigma"):
        prepare_table(source, "mine", data_dir=data_dir, sigma=sigma)


def test_the_command_prints_a_line_per_split(source, data_dir, capsys):
    spoil(source)
    options = ["--data_dir", str(data_dir), "--name", "mine", "--sigma", "9"]
    command = ["prepare", "table", "--source", str(source), *options]
    assert main(command) == 1
    assert capsys.readouterr().err.count("samjax prepare: ") == 1
    assert main([*command, "--on-error=skip"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "mine train: 3 images, 3 fixations, 2 subjects",
        "mine validation: 1 images, 3 fixations, 3 subjects",
    ]
    assert "1 missing image file, 2 point outside its image" in printed.err


def test_a_table_needs_a_source(capsys):
    assert main(["prepare", "table", "--name", "mine"]) == 1
    assert "--source" in capsys.readouterr().err


def test_preparing_and_reading_need_no_tensorflow(data_dir):
    dataset = prepare_synthetic(data_dir=data_dir, counts={"train": 2})
    assert len(Source(dataset, "train")[0].points)
    assert "tensorflow" not in sys.modules


def test_the_folder_is_readable_by_others(source, data_dir):
    dataset = prepare_table(source, "mine", data_dir=data_dir)
    assert os.stat(dataset.directory).st_mode & 0o055 == 0o755 & ~_umask() & 0o055


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_osie_has_its_published_numbers(shared, tmp_path):
    source = shared / "data" / "osie"
    dataset = prepare_table(source, "osie", data_dir=tmp_path)
    assert dataset.splits == {"train": 500, "validation": 100}
    sources = [Source(dataset, split) for split in dataset.splits]
    examples = [source[i] for source in sources for i in range(len(source))]
    assert sum(len(example.points) for example in examples) == 84216
    assert {int(s) for example in examples for s in example.subject} == set(range(15))
    assert {(example.height, example.width, example.sigma_px) for example in examples} == {
        (600, 800, 24.0)
    }
    first = next(example for example in examples if example.image_id == "1001")
    assert first.image == (source / "images" / "1001.jpg").read_bytes()
    assert first.points[0].tolist() == pytest.approx([394.5, 264.7])
    assert first.duration_ms[0] == 246
