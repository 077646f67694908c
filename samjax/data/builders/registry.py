"""The published datasets that `samjax prepare` knows, by name."""

from importlib import import_module

from samjax.data.raw.dataset_spec import DatasetSpec

# Each module has PUBLISHED, a tuple with a `DatasetSpec` for each edition.
MODULES: tuple[str, ...] = (
    "salicon",
    "salicon_json",
    "mit1003",
    "mit300",
    "cat2000",
    "osie",
    "toronto",
    "pascal_s",
    "dut_omron",
    "koehler",
    "coco_freeview",
    "figrim",
    "kth",
    "isun",
    "nusef",
)


def published() -> dict[str, DatasetSpec]:
    """Return {name: dataset} of all published datasets, in the order of MODULES."""
    datasets = {}
    for name in MODULES:
        module = import_module(f"samjax.data.builders.{name}")
        for dataset in module.PUBLISHED:
            datasets[dataset.name] = dataset
    return datasets
