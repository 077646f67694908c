"""Names of the published datasets that `samjax prepare` builds.

Reading a dataset must not import the builders, yet its messages name the right command, so the
names are repeated here. A test compares them with the builders.
"""

PUBLISHED = (
    "salicon_2015",
    "salicon_2017",
    "salicon_samples",
    "mit1003",
    "mit1003_initial",
    "mit300",
    "cat2000",
    "cat2000_test",
    "osie",
    "toronto",
    "pascal_s",
    "dut_omron",
    "koehler_freeview",
    "koehler_objsearch",
    "koehler_salview",
    "coco_freeview",
    "coco_freeview_initial",
    "figrim",
    "kth",
    "isun",
    "nusef",
)
