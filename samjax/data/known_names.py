"""Names of the published datasets that `samjax prepare` builds; a test holds them to the builders.

Reading a dataset must not import the builders, and its messages still name the right command.
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
