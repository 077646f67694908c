"""Campaigns: many real runs that are disturbed, on demand, and the counts of how they ended."""
