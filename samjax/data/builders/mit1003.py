"""MIT1003 (Judd et al.): 1003 photographs, the longer side 1024, 15 subjects, 3 s.

    ALLSTIMULI/STEM.jpeg
    DATA/USER/STEM.mat                    one variable (the stem, cut to 63 letters): a struct whose
                                          DATA.eyeData is N x 2 samples (x, y) at 240 Hz
    ALLFIXATIONMAPS/STEM_fixMap.jpg       density of the first six fixations of each subject

Fixations are found in the samples, see `gaze`. Subjects came from a cross in the centre, so the
first fixation says where they had been sent: it is left out, as the authors do, or kept as
`mit1003_initial`.
"""

from functools import partial

from samjax.data.example import Facts, Sigma
from samjax.data.raw import gaze
from samjax.data.raw.dataset_spec import DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.lookup import by_key
from samjax.data.raw.mat_file import alone, field, records, rows
from samjax.data.raw.points import Points, concatenate, example, from_one, odd_trials, scanpath
from samjax.data.raw.problems import Faults
from samjax.data.raw.random_split import counts, random_split, recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

SHARES = {"train": 803, "validation": 200}


def items(tree: Tree, faults: Faults, first: int) -> dict[str, list[Item]]:
    """first: the number of the first fixation of a trial that counts, from 0."""
    images = by_key(tree, r"ALLSTIMULI/([^/]+)\.jpeg", faults)
    maps = by_key(tree, r"ALLFIXATIONMAPS/([^/]+)_fixMap\.jpg", faults)
    data = by_key(tree, r"DATA/([^/]+)/([^/]+)\.mat", faults)
    users = sorted({key.split("/")[0] for key in data})
    if images and not users:
        raise UserError(f"{tree.root} has no DATA/USER/STEM.mat; get DATA.zip too")
    members = []
    for stem, name in sorted(images.items()):
        trials = {}
        for number, user in enumerate(users):
            if f"{user}/{stem}" in data:
                trials[number] = data[f"{user}/{stem}"]
            else:
                faults.add("missing trial", name, f"there is no DATA/{user}/{stem}.mat")
        load = partial(_load, tree, stem, name, trials, maps.get(stem), first)
        members.append(Item(stem, load, tree.size(name)))
    return random_split(members, SHARES)


def _load(tree: Tree, stem: str, image: str, trials: dict, density: str | None, first: int):
    found = [_trial(tree, name, subject, first) for subject, name in trials.items()]
    content = tree.read(density) if density else b""
    return LoadedItem(
        example(stem, tree.read(image), concatenate(found), content), odd_trials(stem, found)
    )


def _trial(tree: Tree, name: str, subject: int, first: int) -> Points:
    structs = records(alone(tree, name))
    data = records(field(structs[0], "DATA", name)) if structs else []
    if not data:
        raise UserError(f"{name} holds no DATA of a trial")
    samples = rows(field(data[0], "eyeData", name), 2, f"eyeData of {name}")
    found = gaze.fixations(samples)
    return scanpath(from_one(found.xy[first:]), subject, found.duration_ms[first:])


BASE = "http://people.csail.mit.edu/tjudd/WherePeopleLook"


def _edition(name: str, what: str, first: int) -> DatasetSpec:
    return DatasetSpec(
        name=name,
        facts=Facts(
            # The Gaussian that MIT's benchmark blurs by; one degree is 35 pixels wide.
            sigma=Sigma(pixels=24.0),
            pixels_per_degree=35.0,
            edition=f"WherePeopleLook, {what}",
            split_recipe=f"{recipe(SHARES)}, sizes as in alexanderkroner/saliency",
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
        items=partial(items, first=first),
        counts=counts(1003, SHARES),
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
