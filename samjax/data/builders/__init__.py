"""Published datasets, one file for each: what it is, where its files are, how they are read."""
