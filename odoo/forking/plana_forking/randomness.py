"""Forks of one parent must not draw the same numbers."""

import gc
import os
import random
import sys


def find_generators():
    """All generators that exist; to be called before `gc.freeze`, which hides them."""
    found = [one for one in gc.get_objects() if isinstance(one, random.Random)]
    # The one behind the functions of `random` is not necessarily tracked.
    return [*found, random._inst]


def reseed(generators):
    for generator in generators:
        generator.seed(os.urandom(32))
    numpy_random = sys.modules.get('numpy.random')
    if numpy_random is not None:
        numpy_random.seed(int.from_bytes(os.urandom(4), 'big'))
    uuid = sys.modules.get('uuid')
    if uuid is not None:
        # What `uuid1` remembers of the machine and the time.
        uuid._last_timestamp = None
