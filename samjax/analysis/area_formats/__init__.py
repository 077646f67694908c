"""Files that areas of interest are kept in: CSV, JSON, COCO, Labelme and SVG."""
