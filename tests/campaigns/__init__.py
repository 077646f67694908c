"""Campaigns: many odd things done to the real program, run on demand; their counts are read."""
