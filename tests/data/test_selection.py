"""Folds hold every image out once; subjects choose fixations; rotations keep points on content."""

from dataclasses import replace

import numpy as np
import pytest
from tiny_training import data_dir, tiny_config  # noqa: F401, a fixture

from samjax.cli import main
from samjax.data.geometry import cover, letterbox
from samjax.data.selection import fold, of_subjects
from samjax.data.sources import Source, open_dataset
from samjax.data.transforms import Augment
from samjax.errors import UserError
from samjax.training import config as experiment


@pytest.mark.parametrize(("count", "folds"), [(10, 3), (24, 10), (7, 7)])
def test_every_image_is_held_out_once(count, folds):
    parts = [fold(count, folds, k) for k in range(folds)]
    assert sorted(i for _, held in parts for i in held) == list(range(count))
    for kept, held in parts:
        assert sorted(kept + held) == list(range(count))
    assert fold(count, folds, 1) == parts[1]


def test_impossible_folds_are_refused():
    for folds, number in ((1, 0), (3, 3), (99, 0)):
        with pytest.raises(UserError, match=r"--config.data.folds"):
            fold(10, folds, number)


def test_a_config_trains_on_what_it_does_not_validate_on(data_dir):  # noqa: F811
    config = tiny_config(data_dir)
    config.data.update(folds=4, fold=2)
    train, held = (
        {source.image_id(i) for i in range(len(source))}
        for source in (
            experiment.training_sources(config)["synthetic"][0],
            experiment.validation_sources(config)["synthetic"][0],
        )
    )
    assert (len(train), len(held)) == (18, 6)
    assert not train & held


def test_subjects_choose_fixations_and_not_the_published_map(data_dir):  # noqa: F811
    example = Source(open_dataset("synthetic", data_dir), "train")[0]
    chosen = of_subjects(example, (1, 3))
    assert set(chosen.subject.tolist()) == {1, 3}
    np.testing.assert_array_equal(chosen.points, example.points[example.subject % 2 == 1])
    assert not chosen.density
    with pytest.raises(UserError, match="name no subjects"):
        of_subjects(replace(example, subject=np.full_like(example.subject, -1)), (1,))


@pytest.mark.parametrize("size", [(61, 93), (90, 64), (47, 47)])
@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("start", [letterbox, cover])
def test_a_turned_fixation_stays_on_its_content(size, flip, start):
    """A bright square painted at a fixation is found where the fixation goes."""
    h, w = 60, 80
    for angle in (-20.0, 7.5, 33.0):
        window = replace(start(*size, h, w), flip=flip, angle=angle, aspect=w / h)
        for at in ((0.35, 0.4), (0.6, 0.55)):
            x, y = round(at[0] * size[1]), round(at[1] * size[0])
            image = np.zeros((*size, 3), np.uint8)
            image[y - 1 : y + 2, x - 1 : x + 2] = 255
            canvas = window.render(image, h, w)[..., 0].astype(np.float64)
            rows, columns = np.indices(canvas.shape)
            found = np.array([(columns * canvas).sum(), (rows * canvas).sum()]) / canvas.sum()
            moved = window.move_points(np.array([[x, y]]), *size, h, w)[0]
            np.testing.assert_allclose(found, moved, atol=0.5)
            assert window.count_points(np.array([[x, y]]), *size, h, w).sum() == 1


def test_cover_leaves_no_padding_and_letterbox_leaves_nothing_out():
    for size in ((61, 93), (90, 64)):
        assert cover(*size, 60, 80).mask(60, 80).all()
        corners = np.array([[0, 0], [size[1] - 1, size[0] - 1]])
        assert letterbox(*size, 60, 80).count_points(corners, *size, 60, 80).sum() == 2


def test_crops_and_turns_are_drawn_within_their_ranges(data_dir):  # noqa: F811
    example = Source(open_dataset("synthetic", data_dir), "train")[0]
    size = example.height, example.width
    rng = np.random.default_rng(0)
    augment = Augment(crop=True, rotation=10.0)
    windows = [augment.window(example, size, (40, 40), rng) for _ in range(50)]
    angles = [w.angle for w in windows]
    assert -10 <= min(angles) < -5
    assert 5 < max(angles) <= 10
    assert all(replace(w, angle=0.0).mask(40, 40).all() for w in windows)
    assert len({round(w.left, 3) for w in windows}) > 5
    with pytest.raises(UserError, match="rotation 50"):
        Augment(rotation=50)


def test_inspect_prints_numbers_and_draws_a_sheet(data_dir, tmp_path, capsys):  # noqa: F811
    sheet = tmp_path / "sheet.png"
    command = ["inspect", "synthetic", "--data_dir", str(data_dir), "--images", "4"]
    assert main([*command, "--split", "train", "--output", str(sheet)]) == 0
    said = capsys.readouterr().out
    source = Source(open_dataset("synthetic", data_dir), "train")
    total = sum(len(source[i].points) for i in range(len(source)))
    assert "images: 24" in said
    assert f"fixations: {total:,}," in said
    assert "64 x 48 (24)" in said
    assert sheet.read_bytes().startswith(b"\x89PNG")
    assert main([*command, "--output", str(sheet)]) == 1
