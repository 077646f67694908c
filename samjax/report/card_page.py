"""A model card as Markdown, with the header that Hugging Face reads, from the facts of the weights.

Whatever the facts do not tell is called unknown.
"""

import json
from typing import Any

from samjax.evaluation.scores import MODEL
from samjax.report import card_tables
from samjax.report.card_tables import UNKNOWN
from samjax.weights import Pretrained

# Identifiers of licences that Hugging Face's header knows, of those that weights have most often.
LICENCES = (
    *("apache-2.0", "mit", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0"),
    *("cc-by-nc-4.0", "cc-by-nc-sa-4.0", "gpl-3.0", "unlicense"),
)
TAGS = ("saliency", "eye-fixations", "visual-attention", "jax", "flax", "samjax")

DENSITY = """\
The map is a density over the pixels of the image: how likely each of them is to be looked at by
people who look at it freely, without a task, for a few seconds. It is positive and sums to 1, so
the sum over an area is the share of fixations that is expected there."""
NO_DENSITY = """\
The map says how salient each pixel is, on a scale of its own. It is no density, and may be zero;
`saliency.density` is the map divided by its sum."""
NOT_FOR = """\
- Screens, web pages and advertisements are another domain than photographs; the data for those
  would be UEyes. What it says of them has not been measured here.
- It predicts an average over people, and is no measurement of people: it cannot take the place of
  an eye tracker, and says nothing about any single person.
- People with a task (searching, reading, driving) look elsewhere than people without one.
- It should decide nothing about a person."""
BIBTEX = """\
```bibtex
@article{cornia2018predicting,
  author  = {Cornia, Marcella and Baraldi, Lorenzo and Serra, Giuseppe and Cucchiara, Rita},
  title   = {Predicting Human Eye Fixations via an {LSTM}-based Saliency Attentive Model},
  journal = {IEEE Transactions on Image Processing},
  volume  = {27},
  number  = {10},
  pages   = {5142--5154},
  year    = {2018},
  doi     = {10.1109/TIP.2018.2851672}
}
```"""


def render(
    facts: dict[str, Any], weights: Pretrained, *, use: str = "", size: int | None = None
) -> str:
    """Return the model card.

    Args:
        facts: What `card_facts.collect` returned.
        weights: The weights that it is about.
        use: What to name in `--weights`; the model's name if empty.
        size: The size of the weight file in bytes, None if there is no file.
    """
    sections = {
        "Use": _use(use or facts["name"]),
        "What the map means": DENSITY if weights.model.get("readout") == "density" else NO_DENSITY,
        "What it is not for": NOT_FOR,
        "Network": card_tables.network(facts, weights, size),
        "Data": card_tables.data(facts),
        "Licences": card_tables.licences(facts),
        "Scores": card_tables.scores(facts),
        "Speed": card_tables.speed(facts.get("speed", [])),
        "Training": _training(facts, weights),
        "Citation": _citation(facts),
    }
    if weights.kind != "sam":
        for name in ("Use", "What the map means", "What it is not for"):
            del sections[name]
    parts = [_header(facts), f"# {facts['name']}", _summary(weights)]
    parts += [f"## {title}\n\n{text}" for title, text in sections.items()]
    return "\n\n".join(parts) + "\n"


def _header(facts: dict[str, Any]) -> str:
    """Return the YAML header; JSON is YAML, which spares the rules of quoting."""
    licence = facts["licence"]
    fields: dict[str, Any] = {"license": "unknown"}
    if licence.lower() in LICENCES:
        fields = {"license": licence.lower()}
    elif licence:
        fields = {"license": "other", "license_name": licence}
    fields |= {"library_name": "samjax", "tags": list(TAGS)}
    if results := [_result(row) for row in facts.get("scores", []) if row["same_weights"]]:
        fields["model-index"] = [{"name": facts["name"], "results": results}]
    lines = [f"{name}: {json.dumps(value)}" for name, value in fields.items()]
    return "\n".join(["---", *lines, "---"])


def _result(row: dict[str, Any]) -> dict[str, Any]:
    """Return an evaluation in the form of Hugging Face's model index."""
    return {
        "task": {"type": "saliency-prediction"},
        "dataset": {"type": row["dataset"], "name": row["dataset"], "split": row["split"]},
        "metrics": [
            {"type": metric, "name": f"{metric} ({row['convention']})", "value": round(mean, 4)}
            for metric, (mean, _, _) in row["methods"][MODEL].items()
            if mean is not None
        ],
    }


def _summary(weights: Pretrained) -> str:
    """Return the first paragraph."""
    if weights.kind != "sam":
        return f"A backbone ({weights.model['backbone']}) for SAM, the Saliency Attentive Model."
    return (
        "Predicts where people look in an image. It is SAM, the Saliency Attentive Model\n"
        "([Cornia et al., 2018](https://arxiv.org/abs/1611.09571)), in the program samjax."
    )


def _use(name: str) -> str:
    """Return how the weights are used."""
    return (
        f"    samjax predict --weights {name} photo.jpg\n\n"
        "```python\nimport samjax\n\n"
        f'saliency = samjax.load({json.dumps(name)})("photo.jpg")\n'
        "saliency.density  # float32 [H, W], at the photograph's own size\n```"
    )


def _training(facts: dict[str, Any], weights: Pretrained) -> str:
    """Return where the weights come from, and the config of the run."""
    run = facts.get("run", {})
    origin = weights.origin or UNKNOWN
    if not run:
        return f"From {origin}. The configuration of its training is unknown."
    lines = [f"From {origin}: the checkpoint with the best {_monitored(run)} of its run."]
    for ancestor in facts.get("ancestors", []):
        lines.append(f"It {ancestor['how']} {ancestor['name']}.")
    config = json.dumps(run["config"], indent=1)
    return "\n".join([*lines, "", "The whole configuration:", "", "```json", config, "```"])


def _monitored(run: dict[str, Any]) -> str:
    """Return the validation score that chose the checkpoint."""
    return run["config"].get("train", {}).get("monitor", "validation score")


def _citation(facts: dict[str, Any]) -> str:
    """Return the papers to cite: the model's and the data's."""
    papers = dict.fromkeys(row["citation"] for row in card_tables.all_data(facts))
    lines = [f"- {paper}" for paper in papers if paper]
    return "\n".join([BIBTEX, *(["", "The data:", "", *lines] if lines else [])])
