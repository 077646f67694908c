"""The page of a model card: a header that Hugging Face reads, tables, and unknowns told so."""

from dataclasses import replace
from itertools import pairwise

import pytest
import yaml
from weight_files import tiny_weights

from samjax.report.card_facts import stored_as
from samjax.report.card_page import render
from samjax.weights.provenance import KNOWN

SCORES = {
    "dataset": "osie",
    "split": "validation",
    "convention": "mit",
    "images": 100,
    "level": 0.95,
    "weights": "run, step 9",
    "same_weights": True,
    "postprocess": "none",
    "methods": {
        "center bias": {"NSS": [0.9, 0.8, 1.0], "KL": [None, None, None]},
        "model": {"NSS": [2.444, 2.3, 2.6], "KL": [0.651, None, None]},
    },
}
FACTS = {
    "name": "tiny",
    "licence": "apache-2.0",
    "run": {"step": 9, "config": {"train": {"monitor": "KL"}}},
    "data": [
        {
            "name": "osie",
            "role": "trained on",
            "weight": 1.0,
            "split": "train",
            "images": 400,
            "fixations": 12345,
            "subjects": 15,
            "edition": "NUS-VIP",
            "split_recipe": "drawn at random",
            "citation": "Xu et al., 2014.",
            "licence": "MIT | with a bar",
        }
    ],
    "ingredients": [row._asdict() for row in KNOWN["hed"].ingredients],
    "ancestors": [{"name": "older", "how": "started from the weights of", "data": []}],
    "scores": [SCORES],
    "speed": [
        {
            **{"batch_size": 8, "images_per_second": 31.5, "height": 240, "width": 320},
            **{"device": "cpu", "processor": "a processor", "cores": 2, "jax": "0.10"},
        }
    ],
}


def page(**changes) -> str:
    weights = replace(tiny_weights(), input_size=(240, 320), buckets=((320, 240),))
    return render(FACTS | changes, weights, size=3 * 2**20)


def header(text: str) -> dict:
    _, fields, _ = text.split("---\n", 2)
    return yaml.safe_load(fields)


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line[1:-1].replace("\\|", "/").split("|")] for line in lines]


def test_the_header_has_licence_library_and_scores():
    fields = header(page())
    assert (fields["license"], fields["library_name"]) == ("apache-2.0", "samjax")
    (model,) = fields["model-index"]
    (result,) = model["results"]
    assert result["dataset"]["name"] == "osie"
    assert [(m["type"], m["value"]) for m in result["metrics"]] == [("NSS", 2.444), ("KL", 0.651)]


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("", {"license": "unknown"}),
        ("MIT", {"license": "mit"}),
        ('my "own": terms', {"license": "other", "license_name": 'my "own": terms'}),
    ],
)
def test_the_licence_of_the_weights_is_what_was_said(licence, expected):
    fields = header(page(licence=licence))
    assert {name: fields[name] for name in fields if name.startswith("license")} == expected


def test_every_table_is_whole():
    """Each row has as many cells as the row above it, and none is left blank but in the head."""
    for above, line in pairwise(page().splitlines()):
        if above.startswith("|") and line.startswith("|"):
            (first,), (second,) = rows(above), rows(line)
            assert len(first) == len(second)
            assert all(second)


def test_numbers_stand_in_their_tables():
    text = page()
    names = [line[0] for line in rows(text)]
    assert names.index("model") < names.index("center bias")
    assert ["model", "2.444 [2.300, 2.600]", "0.651"] in rows(text)
    assert ["center bias", "0.900 [0.800, 1.000]", "-"] in rows(text)
    assert ["8", "31.5", "240 x 320", "cpu, a processor, 2 cores, jax 0.10"] in rows(text)
    assert ["inputs, height x width in pixels", "240 x 320, 320 x 240"] in rows(text)
    assert ["size of the file", "3.0 MiB"] in rows(text)
    assert "12,345" in text
    assert "It started from the weights of older." in text
    assert "100 images, convention `mit`, mean [95% interval]" in text


def test_each_owner_is_named_with_what_it_allows():
    found = {line[0]: line[1:3] for line in rows(page()) if len(line) == 4}
    for row in KNOWN["hed"].ingredients:
        assert found[row.what] == [row.owner, row.licence]
    assert found["data: osie"][1] == "MIT / with a bar"
    assert found["these weights"][1] == "apache-2.0"


def test_it_says_what_the_map_means_and_what_it_is_not_for():
    density = tiny_weights()
    density = replace(density, model=density.model | {"readout": "density"})
    assert "It is positive and sums to 1" in " ".join(render(FACTS, density).split())
    text = " ".join(page().split())
    assert "It is no density" in text
    assert "UEyes" in text
    assert "no measurement of people" in text
    assert "Cornia, Marcella" in text
    assert "Xu et al., 2014." in text


def test_what_is_not_known_is_called_unknown():
    text = render({"name": "mine", "licence": "", "ingredients": []}, tiny_weights())
    assert header(text)["license"] == "unknown"
    assert "model-index" not in header(text)
    for words in (
        "Unknown: the run has not been evaluated",
        "Unknown: not measured",
        "The configuration of its training is unknown",
        "unknown: nobody who published them has stated one",
    ):
        assert words in text
    assert "None" not in text


def test_scores_of_other_weights_are_told_so_and_not_in_the_header():
    text = page(scores=[SCORES | {"same_weights": False}])
    assert "These are scores of run, step 9, not of these weights." in text
    assert "model-index" not in header(text)


def test_rounding_behind_the_scores_is_told():
    half = stored_as(FACTS, "float16")
    assert "before they were rounded to float16" in page(**half)
    assert "rounded to float16" in page(**stored_as(half, "float32"))  # nothing brings it back
    assert "rounded" not in page(**stored_as(FACTS, "float32"))


def test_a_backbone_has_no_map():
    weights = replace(tiny_weights(), kind="backbone")
    text = render({"name": "b", "licence": "", "ingredients": []}, weights)
    assert "A backbone" in text
    assert "What the map means" not in text
