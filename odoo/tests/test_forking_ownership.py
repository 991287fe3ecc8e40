import grp
import os
import tempfile
import unittest
from pathlib import Path

import forking_path  # noqa: F401
from plana_forking.ownership import Untrusted, must_be_trusted


class OwnershipTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(os.path.realpath(folder.name)) / 'source'
        (self.root / 'odoo').mkdir(parents=True)
        self.code = self.root / 'odoo' / 'http.py'
        self.code.write_text('')
        self.code.chmod(0o644)

    def check(self):
        must_be_trusted([str(self.root)], os.geteuid())

    def refused(self, path, why):
        with self.assertRaises(Untrusted) as caught:
            self.check()
        self.assertTrue(str(caught.exception).startswith(f'{path} {why}'), caught.exception)

    def test_what_only_we_can_change_is_trusted_also_below_a_sticky_folder(self):
        self.check()

    def test_code_that_everybody_can_write_is_named(self):
        self.code.chmod(0o646)
        self.refused(self.code, 'is writable by everybody')

    def test_a_library_with_its_version_at_the_end_is_code_too(self):
        library = self.root / 'odoo' / 'libpq.so.5.17'
        library.write_bytes(b'')
        library.chmod(0o646)
        self.refused(library, 'is writable by everybody')

    def test_a_folder_that_everybody_can_write_is_named_though_it_is_empty(self):
        empty = self.root / 'addons'
        empty.mkdir()
        empty.chmod(0o777)
        self.refused(empty, 'is writable by everybody')

    def test_a_sticky_folder_is_no_place_for_code_itself(self):
        (self.root / 'odoo').chmod(0o1777)
        self.refused(self.root / 'odoo', 'is writable by everybody')

    def test_a_folder_above_is_named(self):
        self.root.parent.chmod(0o777)
        self.refused(self.root.parent, 'is writable by everybody')
        self.root.parent.chmod(0o700)

    def test_a_file_that_is_no_code_is_nobody_s_business(self):
        text = self.root / 'odoo' / 'README.md'
        text.write_text('')
        text.chmod(0o666)
        self.check()

    def test_the_target_of_a_link_is_judged_too(self):
        elsewhere = self.root.parent / 'elsewhere'
        elsewhere.mkdir()
        elsewhere.chmod(0o777)
        (self.root / 'odoo' / 'tools').symlink_to(elsewhere)
        self.refused(elsewhere, 'is writable by everybody')

    def test_code_behind_links_is_judged_and_so_is_each_link_s_place(self):
        elsewhere = self.root.parent / 'elsewhere'
        elsewhere.mkdir()
        real = self.root.parent / 'real.py'
        real.write_text('')
        real.chmod(0o666)
        (elsewhere / 'second.py').symlink_to(real)
        (self.root / 'odoo' / 'first.py').symlink_to(elsewhere / 'second.py')
        self.refused(real, 'is writable by everybody')
        real.chmod(0o644)
        self.check()
        elsewhere.chmod(0o777)
        self.refused(elsewhere, 'is writable by everybody')

    def test_links_in_a_circle_come_to_an_end(self):
        (self.root / 'odoo' / 'again').symlink_to(self.root)
        (self.root / 'odoo' / 'self.py').symlink_to(self.root / 'odoo' / 'self.py')
        self.check()

    def test_a_root_that_is_not_there_is_passed_over(self):
        must_be_trusted([str(self.root / 'python311.zip')], os.geteuid())
        must_be_trusted([str(self.root / 'missing' / 'addons')], os.geteuid())

    @unittest.skipIf(os.geteuid() != 0, 'only root can give files away')
    def test_what_is_another_s_is_named_with_its_owner(self):
        os.chown(self.code, 1234, 1234)
        self.refused(self.code, 'belongs to user 1234')
        must_be_trusted([str(self.root)], 1234)

    @unittest.skipIf(os.geteuid() != 0, 'only root can give files away')
    def test_a_group_matters_only_when_somebody_is_in_it(self):
        with_members = [one.gr_gid for one in grp.getgrall() if set(one.gr_mem) - {'root'}]
        self.code.chmod(0o664)
        self.check()
        # A group without an entry: nobody can say who is in it.
        os.chown(self.code, 0, with_members[0] if with_members else 54_321)
        self.refused(self.code, 'is writable by group')


if __name__ == '__main__':
    unittest.main()
