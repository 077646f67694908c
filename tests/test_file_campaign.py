"""A few seconds of the campaign of damaged files: a result or one line, whatever is in a file."""

import numpy as np

from tests.campaigns.files import GOOD, campaign
from tests.campaigns.mutations import MUTATIONS, mutate
from tests.campaigns.readers import all_readers

MUTANTS = 400


def test_damaged_files_give_a_result_or_one_line():
    bad, outcomes = [], set()
    for name, number, answer in campaign(list(all_readers()), MUTANTS, seed=0):
        outcomes.add(answer["outcome"])
        if answer["outcome"] not in GOOD:
            bad.append((name, number, answer))
    assert not bad
    assert outcomes == set(GOOD)  # or the damage would be none, or total


def test_a_mutant_is_the_same_every_time():
    data = bytes(range(256)) * 4
    mutants = {mutate(data, np.random.default_rng([3, number])) for number in range(50)}
    again = {mutate(data, np.random.default_rng([3, number])) for number in range(50)}
    assert mutants == again
    assert len(mutants) > 45


def test_every_damage_takes_an_empty_file():
    for mutation in MUTATIONS:
        mutation(bytearray(), np.random.default_rng(0))
