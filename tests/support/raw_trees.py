"""Small trees in the exact layouts of published datasets, with the traps that the real ones have.

Each function of TREES writes a tree into a folder, and returns what a right reader finds there:
{image_id: fixations [N, 2] (x, y) from 0, in their order}. The same few places are used everywhere:
the first pixel, the last pixel, and one at an x beyond the image's height, which shows whether x
and y have been exchanged.
"""

from raw_trees_arrays import (
    cat2000,
    cat2000_test,
    dut_omron,
    koehler,
    mit300,
    mit1003,
    pascal_s,
    toronto,
)
from raw_trees_structs import figrim, isun, kth, osie, salicon
from raw_trees_text import coco_freeview, folder, nusef, salicon_json

TREES = {
    "osie": osie,
    "salicon_2015": salicon,
    "salicon_2017": salicon,
    "salicon_samples": salicon_json,
    "mit1003": mit1003,
    "mit300": mit300,
    "cat2000": cat2000,
    "cat2000_test": cat2000_test,
    "toronto": toronto,
    "pascal_s": pascal_s,
    "dut_omron": dut_omron,
    "koehler_freeview": koehler,
    "coco_freeview": coco_freeview,
    "figrim": figrim,
    "kth": kth,
    "isun": isun,
    "nusef": nusef,
    "folder": folder,
}
