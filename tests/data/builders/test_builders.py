"""Published layouts: every known dataset is read from a small tree in its exact layout."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
import raw_trees
from raw_files import jpeg, mat, put
from raw_trees_structs import salicon_gaze

from samjax.cli import main
from samjax.data.builders import osie, salicon
from samjax.data.builders.registry import published
from samjax.data.prepare.report import read_report
from samjax.data.raw.problems import Problems
from samjax.data.raw.tree import Tree
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError

SMALL = ("pascal_s", "dut_omron", "folder", "mit1003", "isun", "nusef")  # images of these trees


@pytest.fixture(scope="module", params=raw_trees.TREES)
def prepared(request, tmp_path_factory):
    """(name, what a right reader finds, {image_id: (split, example)}, report)."""
    source = tmp_path_factory.mktemp(f"raw-{request.param}")
    home = tmp_path_factory.mktemp("home")
    expected = raw_trees.TREES[request.param](source)
    name = "mine" if request.param == "folder" else request.param
    more = ["--name", name] if request.param == "folder" else []
    command = ["prepare", request.param, "--source", str(source), "--data_dir", str(home), *more]
    assert main(command) == 0
    dataset = open_dataset(name, home)
    found = {}
    for split in dataset.splits:
        members = Source(dataset, split)
        found |= {members[i].image_id: (split, members[i]) for i in range(len(members))}
    return request.param, expected, found, read_report(dataset)


def test_every_image_is_found_with_its_fixations(prepared):
    _, expected, found, _ = prepared
    assert found.keys() == expected.keys()
    for image_id, fixations in expected.items():
        np.testing.assert_allclose(found[image_id][1].points, fixations, rtol=0, atol=1e-4)


def test_sizes_are_those_of_the_files(prepared):
    name, _, found, _ = prepared
    known = {"osie": (600, 800), "toronto": (511, 681), "salicon_2017": (480, 640)}
    known |= {"kth": (768, 1024), "isun": (60, 90)}
    known |= {"cat2000": (1080, 1920), "cat2000_test": (1080, 1920)}
    for _, example in found.values():
        assert (example.height, example.width) == known.get(name, (example.height, example.width))
        assert example.sigma_px > 10 or name in SMALL


def test_facts_say_where_all_comes_from(prepared):
    name, _, _, _ = prepared
    if name == "folder":
        return
    facts = published()[name].facts
    for field in ("edition", "split_recipe", "description", "citation", "licence"):
        assert getattr(facts, field), field
    assert published()[name].downloads or published()[name].user_must_get


@pytest.fixture
def tree(tmp_path):
    def make(name: str):
        raw_trees.TREES[name](tmp_path)
        return Tree(tmp_path)

    return make


def loaded(name: str, tree: Tree) -> dict:
    splits = published()[name].find_items(tree, Problems())
    return {i.image_id: (split, *i.load()) for split, m in splits.items() for i in m}


def test_osie_has_subjects_durations_and_order(tree):
    _, example, _ = loaded("osie", tree("osie"))["1001"]
    assert example.subject.tolist() == [0, 0, 0, 1, 1, 1]
    assert example.order.tolist() == [0, 1, 2, 0, 1, 2]
    assert example.duration_ms.tolist() == [200, 250, 90] * 2


def test_osies_twins_are_in_one_split(tree):
    found = loaded("osie", tree("osie"))
    assert found[osie.TWIN][0] == found[osie.ORIGINAL][0]


def test_an_image_without_fixations_is_told(tree):
    faults = Problems()
    published()["osie"].find_items(tree("osie"), faults)
    assert [(f.kind, f.where) for f in faults.kept] == [("image without fixations", "1003")]


def test_salicon_has_no_mouse_samples_and_tells_empty_trials(tree):
    found = loaded("salicon_2015", tree("salicon_2015"))
    split, example, odd = found["COCO_train2014_000000000009"]
    assert split == "train"
    assert example.density
    assert example.subject.tolist() == [0, 0, 0, 2, 2]
    assert [fault.kind for fault in odd] == ["empty trial"]
    assert found["COCO_test2014_000000000012"][0] == "test"


def test_two_editions_of_salicon_are_not_mixed(tmp_path, tree):
    tree("salicon_2015")
    stem = "COCO_train2014_000000000009"
    other = {"gaze": salicon_gaze([np.array([[3, 4]])], lie=True), "resolution": [[480, 640]]}
    mat(tmp_path / f"other/train/{stem}.mat", **other)
    with pytest.raises(UserError, match="both editions"):
        salicon.find_items(Tree(tmp_path), Problems())


def test_salicons_workers_keep_their_ids_in_the_samples(tree):
    _, example, _ = loaded("salicon_samples", tree("salicon_samples"))["COCO_val2014_000000000002"]
    assert example.subject.tolist() == [40, 41, 41, 42, 42, 42]


def test_mit1003_with_initial_fixations_has_one_more_per_trial(tree):
    there = tree("mit1003")
    without, kept = loaded("mit1003", there), loaded("mit1003_initial", there)
    for stem in without:
        assert len(kept[stem][1].points) == len(without[stem][1].points) + 2
    _, example, odd = without["syntheticData1"]
    assert [fault.kind for fault in odd] == ["empty trial"]
    assert np.allclose(example.duration_ms, 1000 / 6, atol=25)


def test_coco_freeview_with_initial_fixations_has_one_more_per_scanpath(tree):
    there = tree("coco_freeview")
    without, kept = loaded("coco_freeview", there), loaded("coco_freeview_initial", there)
    for stem in without:
        assert len(kept[stem][1].points) == len(without[stem][1].points) + 2
        assert kept[stem][1].points[0].tolist() == [840, 525]
        assert set(kept[stem][1].subject.tolist()) == {1, 2}


def test_kth_has_subjects_of_the_files_numbers_and_tells_what_is_odd(tree):
    there, faults = tree("kth"), Problems()
    published()["kth"].find_items(there, faults)
    assert [f.kind for f in faults.kept] == ["image without fixations"]
    _, example, odd = loaded("kth", there)["nature_50"]
    assert example.subject.tolist() == [1, 1, 1, 12]
    assert [fault.kind for fault in odd] == ["empty trial"]


def test_isuns_splits_are_its_files(tree):
    splits = {name: split for name, (split, *_) in loaded("isun", tree("isun")).items()}
    assert splits == {
        "sun_training": "train", "sun_validation": "validation", "sun_testing": "test"
    }  # fmt: skip


def test_nusefs_subjects_are_in_the_names_of_its_files(tree):
    there, faults = tree("nusef"), Problems()
    published()["nusef"].find_items(there, faults)
    assert [(f.kind, f.where) for f in faults.kept] == [
        ("image without fixations", "NUSEF_database/stimuli/mask.jpg")
    ]
    assert loaded("nusef", there)["3005.1"][1].subject.tolist() == [3, 3, 3, 17]


def test_koehlers_tasks_are_datasets_of_their_own(tree):
    there = tree("koehler_freeview")
    assert loaded("koehler_freeview", there)["image_r_10"][1].subject.tolist() == [0, 0, 0, 2]
    with pytest.raises(UserError, match="no variable 'salview_x'"):
        loaded("koehler_salview", there)


def test_cat2000_leaves_output_folders_out_and_splits_by_category(tree):
    found = loaded("cat2000", tree("cat2000"))
    assert {name.split("_")[0] for name in found} == {"Action", "Satelite"}
    assert all(example.subject.tolist() == [-1] * 3 for _, example, _ in found.values())


def test_toronto_follows_numbers_not_names(tree):
    found = loaded("toronto", tree("toronto"))
    assert found["10"][1].points.tolist() == [[600, 10]]


def test_a_folders_split_is_that_of_its_folders(tmp_path):
    for split in ("train", "val"):
        put(tmp_path / f"stimuli/{split}/{split}1.jpg", jpeg(60, 90))
        put(tmp_path / f"fixations/{split}/{split}1.csv", b"x,y\n3,4\n")
    home = tmp_path / "home"
    command = ["prepare", "folder", "--name", "own", "--source", str(tmp_path / "stimuli/..")]
    assert main([*command, "--data_dir", str(home)]) == 0
    assert open_dataset("own", home).splits == {"train": 1, "validation": 1}


def test_the_real_osie_has_the_fixations_of_its_table(shared):
    found = loaded("osie", Tree(shared / "data" / "osie_raw_sample"))
    assert len(found) == 24
    table: dict[str, list] = {}
    with gzip.open(shared / "data" / "osie/fixations.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            table.setdefault(Path(row["image"]).stem, []).append(
                (float(row["x"]), float(row["y"]), float(row["duration_ms"]))
            )
    common = found.keys() & table.keys()
    assert len(common) >= 5
    for image_id in common:
        example = found[image_id][1]
        ours = np.column_stack([example.points, example.duration_ms])
        np.testing.assert_allclose(
            ours[np.lexsort(ours.T)],
            np.array(sorted(table[image_id], key=lambda r: r[::-1])),
            atol=0.011,
        )
