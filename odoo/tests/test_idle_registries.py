import unittest

import addons_path  # noqa: F401
from plana_gateway.idle_registries import Limits, Uses, limits_from, sweep

MEGABYTE = 1024 * 1024


class SweepTest(unittest.TestCase):
    def setUp(self):
        self.registries = Registries(['a', 'b', 'c'])
        self.uses = Uses()
        for at, database in enumerate(['a', 'b', 'c']):
            self.uses.touch(database, at)

    def sweep(self, limits, now):
        return sweep(limits, self.uses, self.registries, now)

    def test_evicts_what_nobody_used_for_the_time(self):
        self.assertEqual(self.sweep(Limits(idle_seconds=100), 101), ['a', 'b'])
        self.assertEqual(self.registries.loaded(), ['c'])

    def test_never_one_in_use_and_its_use_counts(self):
        self.registries.in_use = {'a'}
        self.assertEqual(self.sweep(Limits(idle_seconds=100), 101), ['b'])
        self.registries.in_use = set()
        self.assertEqual(self.sweep(Limits(idle_seconds=100), 150), ['c'])
        self.assertEqual(self.sweep(Limits(idle_seconds=100), 201), ['a'])

    def test_never_the_one_that_the_server_was_started_for(self):
        self.registries.protected = {'a', 'b', 'c'}
        limits = Limits(idle_seconds=1, max_memory_bytes=1)
        self.assertEqual(self.sweep(limits, 1000), [])

    def test_one_that_was_loaded_behind_our_back_begins_now(self):
        self.registries.names.append('d')
        self.assertNotIn('d', self.sweep(Limits(idle_seconds=100), 1000))
        self.assertEqual(self.sweep(Limits(idle_seconds=100), 1100), ['d'])

    def test_memory_goes_back_below_its_bound_longest_unused_first(self):
        self.registries.memory = [300, 250, 190]
        self.assertEqual(self.sweep(Limits(max_memory_bytes=200), 60), ['a', 'b'])

    def test_memory_does_not_evict_what_was_asked_for_just_now(self):
        self.registries.memory = [300]
        self.assertEqual(self.sweep(Limits(max_memory_bytes=200), 3), [])

    def test_one_that_cannot_be_evicted_now_is_tried_again(self):
        self.registries.busy = True
        self.assertEqual(self.sweep(Limits(idle_seconds=100), 101), [])
        self.registries.busy = False
        self.assertEqual(self.sweep(Limits(idle_seconds=100), 101), ['a', 'b'])


class LimitsTest(unittest.TestCase):
    def test_nothing_is_evicted_by_default(self):
        self.assertTrue(limits_from({}).is_none)

    def test_are_read_and_checked(self):
        environment = {
            'PULSE_REGISTRY_IDLE_SECONDS': '900',
            'PULSE_REGISTRY_MAX_MEMORY_MB': '512',
        }
        self.assertEqual(limits_from(environment), Limits(900, 512 * MEGABYTE))
        for text in ('-1', 'soon', 'nan', 'inf'):
            self.assertRaises(ValueError, limits_from, {'PULSE_REGISTRY_IDLE_SECONDS': text})

    def test_the_look_is_as_frequent_as_the_limits_need(self):
        self.assertEqual(Limits(idle_seconds=900).tick_seconds, 30)
        self.assertEqual(Limits(idle_seconds=20).tick_seconds, 5)
        self.assertEqual(Limits(max_memory_bytes=1).tick_seconds, 5)


class Registries:
    def __init__(self, names):
        self.names = names
        self.in_use = set()
        self.protected = set()
        self.busy = False
        self.memory = [0]

    def loaded(self):
        return list(self.names)

    def is_in_use(self, database):
        return database in self.in_use

    def evict(self, database):
        if self.busy:
            return False
        self.names.remove(database)
        return True

    def memory_bytes(self):
        return self.memory.pop(0) if len(self.memory) > 1 else self.memory[0]


if __name__ == '__main__':
    unittest.main()
