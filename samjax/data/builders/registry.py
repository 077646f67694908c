"""The published datasets that `samjax prepare` knows, by name."""

from importlib import import_module

from samjax.data.raw.dataset_spec import DatasetSpec

# Each module has PUBLISHED, a tuple of `DatasetSpec`, one for each edition.
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
    """{name: dataset} in the order of MODULES."""
    modules = (import_module(f"samjax.data.builders.{name}") for name in MODULES)
    return {dataset.name: dataset for module in modules for dataset in module.PUBLISHED}
