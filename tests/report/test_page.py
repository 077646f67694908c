"""The page is complete without a network, escapes every text, and marks the best methods."""

import re

from samjax.report import page

SUMMARY = {
    "convention": "tuebingen",
    "scores": {
        "model": {"NSS": {"mean": 2.0004}, "KL": {"mean": 0.9}, "LL": {"mean": 1.0}},
        "center bias": {"NSS": {"mean": 2.0001}, "KL": {"mean": 0.5}, "LL": {"mean": None}},
        "observers": {"NSS": {"mean": 3.0}, "KL": {"mean": 0.1}},
    },
}


def test_the_page_needs_nothing_from_outside(report_folder):
    text = re.sub(r"data:[\w/+]+;base64,[\w+/=]+", "", report_folder.page.read_text())
    assert not re.findall(r'(?:src|href)="(?!#|")[^"]*', text.replace('src=""', ""))
    assert "default-src 'none'" in text
    assert "an &lt;ablation&gt; &amp; more" in text
    assert "an <ablation>" not in text


def test_every_timestep_has_its_map_and_its_scores(report_folder):
    gallery = report_folder.gallery
    assert gallery["timesteps"] == 2
    for image in gallery["images"]:
        assert len(image["scores"]) == 2
        assert image["prediction"].startswith("data:image/webp")
        assert len(image["fixations"]) > 0


def test_the_best_methods_are_those_of_the_shown_digits_without_observers():
    best = page.best_methods(SUMMARY)
    assert best["NSS"] == {"model", "center bias"}
    assert best["KL"] == {"center bias"}
    assert best["LL"] == {"model"}


def test_the_headline_prefers_the_mit_convention():
    mit = SUMMARY | {"convention": "mit"}
    assert page.headline([]) is None
    assert page.headline([SUMMARY, mit])["summary"] is mit
    assert page.headline([SUMMARY])["metrics"] == ["NSS", "KL"]


def test_numbers_have_true_minus_signs_and_dashes_for_nothing():
    assert page.number(-0.5) == "\N{MINUS SIGN}0.500"
    assert page.number(0.25, digits=1, sign="+") == "+0.2"
    assert page.number(None) == page.number(float("nan")) == "\N{EN DASH}"
    assert "\N{EN DASH}" in page.estimate(None)
    assert "p 0.0123" in page.difference({"mean": 1, "low": 0, "high": 2, "p": 0.0123})
    assert page.method_title("center bias") == "Center bias"
