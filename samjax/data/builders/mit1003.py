"""MIT1003 (Judd et al.): 1003 photographs, the longer side 1024, 15 subjects, 3 s.

Published layout:

    ALLSTIMULI/STEM.jpeg
    DATA/USER/STEM.mat                one variable (the stem, cut to 63 letters): a struct whose
                                      DATA.eyeData is N x 2 samples (x, y) at 240 Hz
    ALLFIXATIONMAPS/STEM_fixMap.jpg   density of the first six fixations of each subject

Fixations are found in the samples, see `samjax.data.raw.gaze`. Subjects came from a cross in the
centre, so the first fixation says where they had been sent. It is left out, as the authors do, or
kept as `mit1003_initial`.

Citation: Judd et al., Learning to Predict Where Humans Look, ICCV 2009.
"""

from functools import partial

from samjax.data.example import Facts, Sigma
from samjax.data.raw.dataset_spec import DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.gaze import detect_fixations
from samjax.data.raw.item_checks import check_trials
from samjax.data.raw.lookup import files_by_key
from samjax.data.raw.mat_file import field, number_rows, only_variable, structs
from samjax.data.raw.points import Points, concatenate, make_example, scanpath, to_zero_based
from samjax.data.raw.problems import Problems
from samjax.data.raw.random_split import random_split, split_counts, split_recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

RATIO = {"train": 803, "validation": 200}


def find_items(tree: Tree, warnings: Problems, first: int) -> dict[str, list[Item]]:
    """Return the images; `first` is the first fixation of a trial that counts, from 0."""
    images = files_by_key(tree, r"ALLSTIMULI/([^/]+)\.jpeg", warnings)
    maps = files_by_key(tree, r"ALLFIXATIONMAPS/([^/]+)_fixMap\.jpg", warnings)
    trials = files_by_key(tree, r"DATA/([^/]+)/([^/]+)\.mat", warnings)
    users = sorted({key.split("/")[0] for key in trials})
    if images and not users:
        raise UserError(f"{tree.root} has no DATA/USER/STEM.mat; get DATA.zip too")
    items = []
    # A user's place in the alphabet is the number of the subject, the same for all images.
    for stem, name in sorted(images.items()):
        trial_of_subject: dict[int, str] = {}
        for subject, user in enumerate(users):
            if f"{user}/{stem}" in trials:
                trial_of_subject[subject] = trials[f"{user}/{stem}"]
            else:
                warnings.add("missing trial", name, f"there is no DATA/{user}/{stem}.mat")
        load = partial(_load, tree, stem, name, trial_of_subject, maps.get(stem), first)
        items.append(Item(stem, load, tree.size(name)))
    return random_split(items, RATIO)


def _load(
    tree: Tree,
    stem: str,
    image: str,
    trial_of_subject: dict[int, str],
    density: str | None,
    first: int,
) -> LoadedItem:
    trials = [_trial(tree, file, subject, first) for subject, file in trial_of_subject.items()]
    content = tree.read(density) if density else b""
    example = make_example(stem, tree.read(image), concatenate(trials), content)
    return LoadedItem(example, check_trials(stem, trials))


def _trial(tree: Tree, name: str, subject: int, first: int) -> Points:
    outer = structs(only_variable(tree, name))
    data = structs(field(outer[0], "DATA", name)) if outer else []
    if not data:
        raise UserError(f"{name} holds no DATA of a trial")
    samples = number_rows(field(data[0], "eyeData", name), 2, f"eyeData of {name}")
    fixations = detect_fixations(samples)
    return scanpath(to_zero_based(fixations.xy[first:]), subject, fixations.duration_ms[first:])


BASE = "http://people.csail.mit.edu/tjudd/WherePeopleLook"


def _edition(name: str, what: str, first: int) -> DatasetSpec:
    return DatasetSpec(
        name=name,
        facts=Facts(
            # The Gaussian that MIT's benchmark blurs by; one degree is 35 pixels wide.
            sigma=Sigma(pixels=24.0),
            pixels_per_degree=35.0,
            edition=f"WherePeopleLook, {what}",
            split_recipe=f"{split_recipe(RATIO)}, sizes as in alexanderkroner/saliency",
            description=(
                "MIT1003: photographs of Flickr and LabelMe, 15 subjects, 3 s. Fixations by a "
                "velocity criterion with the constants of the release's checkFixations; published "
                f"maps hold the first six fixations of each subject; {what}."
            ),
            citation=(
                "Tilke Judd, Krista Ehinger, Fredo Durand, Antonio Torralba. Learning to Predict "
                "Where Humans Look. IEEE International Conference on Computer Vision (ICCV), 2009."
            ),
            licence="not stated",
        ),
        find_items=partial(find_items, first=first),
        counts=split_counts(1003, RATIO),
        downloads=(
            Download(
                "ALLSTIMULI.zip", f"{BASE}/ALLSTIMULI.zip", "0d7df8b954ecba69b6796e77b9afe4b6"
            ),
            Download("DATA.zip", f"{BASE}/DATA.zip", "ea19d74ad0a0144428c53e9d75c2d71c"),
            Download("ALLFIXATIONMAPS.zip", f"{BASE}/ALLFIXATIONMAPS.zip"),
        ),
    )


PUBLISHED = (
    _edition("mit1003", "the first fixation of each trial left out", 1),
    _edition("mit1003_initial", "the first fixation of each trial kept", 0),
)
