"""Campaigns that are run on demand, with counts as their result; see each module."""
