"""Writing datasets: from raw files to a TFDS dataset in array_record.

Published datasets, tables and drawn scenes are all written by `writer`, from lists of `Item`s:

    from_published, from_tables, from_scenes     find the items
    writer        plans the shards, has them written, and puts the dataset in its place
    shard_writer  writes items into shards, in several processes if asked
    load_item     loads and checks one item
"""
