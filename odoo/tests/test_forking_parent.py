import os
import re
import resource
import signal
import unittest

from forking_parent import ParentUnderTest, Place, ends

_ROOT = os.geteuid() == 0


class ForkingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = Place()
        cls.addClassCleanup(cls.place.remove)
        cls.parent = ParentUnderTest(cls.place)
        cls.addClassCleanup(cls.parent.end)

    def fork(self, text, **changes):
        fork = self.parent.fork(text, **changes)
        self.addCleanup(fork.close)
        return fork

    def printed(self, text, **changes):
        status, log = self.fork(text, **changes).result()
        self.assertEqual(status, 0, log)
        return log

    def test_a_child_has_its_parent_s_code_and_its_own_process(self):
        loaded_in, pid, parent, session, working_dir = self.printed(
            'import os, odoo.addons.sale as sale\n'
            'print(sale.loaded_in, os.getpid(), os.getppid(), os.getsid(0), os.getcwd())'
        ).split()
        self.assertEqual(int(loaded_in), self.parent.process.pid)
        self.assertEqual(int(parent), self.parent.process.pid)
        self.assertEqual(session, pid)
        self.assertNotEqual(pid, parent)
        self.assertEqual(working_dir, '/')

    def test_a_child_writes_its_certificate_and_tells_the_same(self):
        fork = self.fork('pass')
        born = fork.hear()['born']
        fields = fork.birth.read_text()
        self.assertEqual(int(fields.split()[0]), born['pid'])
        self.assertEqual(int(fields.rpartition(')')[2].split()[19]), born['startTicks'])
        self.assertEqual(fork.birth.stat().st_mode & 0o777, 0o600)

    def test_without_its_gate_a_child_ends_before_it_runs_anything(self):
        fork = self.fork('print("ran")', gate=False)
        self.assertEqual(fork.hear(), {'exit': 125})
        self.assertTrue(fork.birth.exists())
        self.assertEqual(fork.log.read_text(), '')

    def test_the_end_is_told_as_it_was(self):
        self.assertEqual(self.fork('raise SystemExit(7)').result()[0], 7)
        self.assertEqual(self.fork('import os; os.kill(os.getpid(), 9)').result()[0], -9)

    def test_the_environment_is_the_child_s_alone(self):
        log = self.printed('import os; print(sorted(os.environ))', variables={'LANG': 'C.UTF-8'})
        self.assertEqual(log, "['LANG', 'PATH', 'PULSE_START', 'TZ']\n")

    def test_the_kernel_shows_its_own_variables_and_arguments(self):
        text = (
            'print(open("/proc/self/environ").read().rstrip("\\0").split("\\0"))\n'
            'print(open("/proc/self/cmdline").read().rstrip("\\0").split("\\0")[:2])'
        )
        fork = self.fork(text, variables={'PGPASSWORD': 'hunter2'})
        shown, arguments = fork.result()[1].splitlines()
        expected = [f'PATH={os.defpath}', 'PGPASSWORD=hunter2', f'PULSE_START={fork.token}']
        self.assertEqual(shown, str(expected))
        self.assertEqual(arguments, str(self.parent.command))

    def test_more_variables_than_there_is_room_for_become_a_plain_start(self):
        many = {f'NAME_{index}': 'x' * 1000 for index in range(80)}
        (self.place.source / 'odoo-bin').write_text('import os, sys; exec(sys.argv[1])')
        self.addCleanup((self.place.source / 'odoo-bin').write_text, '')
        text = 'print(open("/proc/self/environ").read().count("NAME_"), "odoo" in sys.modules)'
        self.assertEqual(self.printed(text, variables=many), '80 False\n')

    def test_another_command_is_run_in_the_same_process(self):
        fork = self.fork('', command=['/bin/sh', '-c', 'echo $$ "$0" "$PULSE_START"', 'a b'])
        pid = fork.born()
        self.assertEqual(fork.hear(), {'exit': 0})
        self.assertEqual(fork.log.read_text(), f'{pid} a b {fork.token}\n')

    def test_a_command_is_looked_for_where_the_child_is_told_and_missed_as_by_a_shell(self):
        self.assertEqual(self.fork('', command=['true']).result(), (0, ''))
        missing = self.fork('', command=['/nowhere/program']).result()
        self.assertEqual(missing, (127, '/nowhere/program: No such file or directory\n'))
        self.assertEqual(self.fork('', command=['/etc/hostname']).result()[0], 126)

    def test_another_command_finds_no_signal_ignored(self):
        fork = self.fork('', command=['/bin/grep', '^SigIgn', '/proc/self/status'])
        self.assertEqual(fork.result(), (0, f'SigIgn:\t{"0" * 16}\n'))

    def test_a_tenant_s_add_on_of_the_same_name_is_the_one_that_runs(self):
        own = self.place.path / 'own' / 'sale'
        own.mkdir(parents=True)
        (own / '__init__.py').write_text('')
        (self.place.source / 'odoo-bin').write_text('print("plain")')
        self.addCleanup((self.place.source / 'odoo-bin').write_text, '')
        variables = {'ADDONS': str(own.parent)}
        self.assertEqual(self.printed('print("forked")', variables=variables), 'plain\n')
        self.assertEqual(self.printed('print("forked")'), 'forked\n')

    def test_temporary_files_lie_where_the_child_is_told(self):
        variables = {'TMPDIR': str(self.place.path)}
        text = 'import tempfile; print(tempfile.gettempdir())'
        self.assertEqual(self.printed(text, variables=variables), f'{self.place.path}\n')

    def test_no_two_children_draw_the_same_numbers(self):
        text = (
            'import random, tempfile, odoo.addons.base as base\n'
            'print(random.random(), base.own.random(), next(tempfile._get_candidate_names()))'
        )
        drawn = [self.printed(text).split() for _ in range(3)]
        for same in zip(*drawn, strict=True):
            self.assertEqual(len(set(same)), 3)

    def test_nothing_but_the_log_is_open(self):
        text = (
            'import os\n'
            'for name in sorted(os.listdir("/proc/self/fd")):\n'
            '    try: print(name, os.readlink(f"/proc/self/fd/{name}"), os.get_inheritable(int(name)))\n'
            '    except OSError: pass'
        )
        fork = self.fork(text)
        log = fork.result()[1]
        self.assertEqual(log, f'0 /dev/null True\n1 {fork.log} True\n2 {fork.log} True\n')

    def test_it_may_gain_nothing_and_lets_nobody_read_what_it_makes(self):
        text = (
            'import os, resource\n'
            'print([line.split() for line in open("/proc/self/status")\n'
            '       if line.split(":")[0] in ("NoNewPrivs", "Umask")])\n'
            'print(resource.getrlimit(resource.RLIMIT_CORE)[0])'
        )
        self.assertEqual(
            self.printed(text), "[['Umask:', '0077'], ['NoNewPrivs:', '1']]\n0\n"
        )

    def test_its_user_may_have_so_many_processes(self):
        text = 'import resource\nprint(resource.getrlimit(resource.RLIMIT_NPROC))'
        self.assertEqual(self.printed(text, mostProcesses=123), '(123, 123)\n')
        own = resource.getrlimit(resource.RLIMIT_NPROC)
        self.assertEqual(self.printed(text), f'{own}\n')

    def test_signals_are_as_at_a_plain_start(self):
        text = (
            'import signal\n'
            'print(signal.getsignal(signal.SIGCHLD).name, signal.getsignal(signal.SIGTERM).name,\n'
            '      signal.set_wakeup_fd(-1), signal.pthread_sigmask(signal.SIG_BLOCK, []))'
        )
        self.assertEqual(self.printed(text), 'SIG_DFL SIG_DFL -1 set()\n')

    def test_what_is_no_request_ends_the_child_and_nothing_else(self):
        for content in (b'{', b'[]', b'{}', b''):
            fork = self.fork('', frames=())
            fork.send(content)
            fork.connection.shutdown(1)
            self.assertEqual(fork.hear(), {'exit': 125})
        fork = self.fork('', frames=())
        fork.connection.sendall(b'\xff\xff\xff\xff')
        self.assertEqual(fork.hear(), {'exit': 125})
        self.assertEqual(self.printed('print("still here")'), 'still here\n')

    def test_the_parent_keeps_nothing_of_what_its_children_were_given(self):
        secrets = [f'secret-of-{number}-9c1f' for number in range(3)]
        for secret in secrets:
            self.printed('pass', variables={'PGPASSWORD': secret})
        held = _memory_of(self.parent.process.pid)
        for secret in secrets:
            # Joined here, so that the test's own memory is not what is found.
            self.assertNotIn(secret.encode(), held)
        self.assertIn(b'loaded_in', held)

    def test_a_child_finds_nothing_of_an_earlier_one_in_its_memory(self):
        self.printed('pass', variables={'PGPASSWORD': 'hunter2-of-a-sibling'})
        fork = self.fork('import time; time.sleep(600)')
        pid = fork.born()
        held = _memory_of(pid)
        os.kill(pid, signal.SIGKILL)
        self.assertNotIn(b'hunter2-of-a-sibling', held)

    @unittest.skipUnless(_ROOT, 'only root has users to give')
    def test_its_user_has_no_group_no_capability_and_sees_its_own_proc(self):
        text = (
            'print([line.split()[1:] for line in open("/proc/self/status")\n'
            '       if line.split(":")[0] in ("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapAmb")])\n'
            'print(len(open("/proc/self/environ").read()) > 0)'
        )
        none = ['0' * 16]
        user = ['31234'] * 4
        expected = f'{[user, user, [], none, none, none, none]}\nTrue\n'
        self.assertEqual(self.printed(text, user=31234), expected)

    def volume(self, name, **changes):
        """A volume with a file, and where it is to be found."""
        source, target = self.place.path / name, self.place.path / f'{name}-place'
        for folder in (source, target):
            folder.mkdir(exist_ok=True)
        (source / 'file').write_text(name)
        bind = {'subPath': '', 'isFile': False, 'readOnly': False, **changes}
        return {'source': str(source), 'target': str(target), **bind}

    @unittest.skipUnless(_ROOT, 'only root has mounts to make')
    def test_its_mounts_are_its_own(self):
        bind = self.volume('apart')
        text = f'import os; print(os.listdir("{bind["target"]}"))'
        log = self.printed(text, mounts={'skeletons': [], 'binds': [bind]})
        self.assertEqual(log, "['file']\n")
        self.assertEqual(os.listdir(bind['target']), [])

    @unittest.skipUnless(_ROOT, 'only root has mounts to make')
    def test_what_is_read_only_takes_no_writes_and_programs_give_no_rights(self):
        binds = [self.volume('read', readOnly=True), self.volume('written')]
        text = (
            'import os\n'
            f'for place in {[bind["target"] for bind in binds]!r}:\n'
            '    flags = os.statvfs(place).f_flag\n'
            '    print(bool(flags & os.ST_RDONLY), bool(flags & os.ST_NOSUID), bool(flags & os.ST_NODEV))'
        )
        log = self.printed(text, mounts={'skeletons': [], 'binds': binds})
        self.assertEqual(log, 'True True True\nFalse True True\n')

    @unittest.skipUnless(_ROOT, 'only root has mounts to make')
    def test_a_folder_in_a_volume_is_put_at_its_place_unless_it_leads_out(self):
        bind = self.volume('deep', subPath='inner/most')
        inner = self.place.path / 'deep' / 'inner'
        (inner / 'most').mkdir(parents=True, exist_ok=True)
        (inner / 'most' / 'here').touch()
        text = f'import os; print(os.listdir("{bind["target"]}"))'
        log = self.printed(text, mounts={'skeletons': [], 'binds': [bind]})
        self.assertEqual(log, "['here']\n")
        (inner / 'out').symlink_to('/etc')
        out = {**bind, 'subPath': 'inner/out'}
        status, log = self.fork(text, mounts={'skeletons': [], 'binds': [out]}).result()
        self.assertEqual(status, 125)
        self.assertIn('leads out of its volume', log)

    @unittest.skipUnless(_ROOT, 'only root has mounts to make')
    def test_missing_places_are_lent_and_what_is_kept_stays(self):
        names = ('folder', 'lower', 'stash')
        folder, lower, stash = (self.place.path / f'lent-{name}' for name in names)
        for path in (folder / 'kept', folder / 'old', lower / 'lent', stash):
            path.mkdir(parents=True)
        (folder / 'kept' / 'file').touch()
        paths = {'folder': str(folder), 'lower': str(lower), 'stash': str(stash)}
        text = (
            'import os\n'
            f'print(sorted(os.listdir("{folder}")), os.listdir("{folder}/kept"))\n'
            f'print([os.access(path, os.W_OK) for path in ("{folder}/old", "{folder}/kept")])'
        )
        for kept, access in ((['kept'], '[False, True]'), ([], '[False, False]')):
            skeleton = {**paths, 'kept': kept}
            log = self.printed(text, mounts={'skeletons': [skeleton], 'binds': []})
            self.assertEqual(log, f"['kept', 'lent', 'old'] ['file']\n{access}\n")
        self.assertEqual(sorted(os.listdir(folder)), ['kept', 'old'])

    @unittest.skipUnless(_ROOT, 'only root has mounts to make')
    def test_its_shared_memory_is_its_own_and_what_is_kept_stays_in_it(self):
        shared, stage = self.place.path / 'shared', self.place.path / 'stage'
        for path in (shared / 'deep' / 'kept', stage):
            path.mkdir(parents=True)
        (shared / 'deep' / 'kept' / 'file').touch()
        (shared / 'hidden').touch()
        memory = {'folder': str(shared), 'stage': str(stage), 'sizeBytes': 8192, 'mostFiles': 8}
        text = (
            'import os\n'
            f'print(sorted(os.listdir("{shared}")), oct(os.stat("{shared}").st_mode))\n'
            f'print([*os.walk("{shared}/deep")][1:], oct(os.stat("{shared}/deep").st_mode))\n'
            f'with open("{shared}/own", "wb", 0) as file:\n'
            '    print(file.write(bytes(20_000)))'
        )
        for kept in ([], ['deep/kept']):
            log = self.printed(
                text if kept else text.replace('/deep"', '"'),
                mounts={
                    'skeletons': [],
                    'binds': [],
                    'sharedMemory': {**memory, 'kept': kept},
                },
            )
            inner = f"[('{shared}/deep/kept', [], ['file'])]" if kept else '[]'
            mode = '0o40755' if kept else '0o41777'
            names = ['deep'] if kept else []
            self.assertEqual(log, f'{names} 0o41777\n{inner} {mode}\n8192\n')
        self.assertEqual(sorted(os.listdir(shared)), ['deep', 'hidden'])

    @unittest.skipUnless(_ROOT, 'only root has mounts to make')
    def test_a_mount_that_fails_ends_the_child(self):
        bind = {**self.volume('gone'), 'source': '/nowhere'}
        fork = self.fork('print("ran")', mounts={'skeletons': [], 'binds': [bind]}, user=31234)
        status, log = fork.result()
        self.assertEqual(status, 125)
        self.assertIn(bind['target'], log)
        self.assertNotIn('ran', log.splitlines())

    def test_a_cgroup_that_cannot_be_joined_ends_the_child(self):
        status, log = self.fork('print("ran")', cgroups=['/nowhere']).result()
        self.assertEqual(status, 125)
        self.assertIn('/nowhere/cgroup.procs', log)


class MajorsTest(unittest.TestCase):
    def test_each_major_is_forked_though_they_differ(self):
        for major in ('17', '18', '19'):
            with self.subTest(major):
                place = Place(major)
                self.addCleanup(place.remove)
                parent = ParentUnderTest(place)
                self.addCleanup(parent.end)
                fork = parent.fork('import odoo.addons.sale as sale; print(sale.loaded_in)')
                self.addCleanup(fork.close)
                self.assertEqual(fork.result(), (0, f'{parent.process.pid}\n'))


class ParentTest(unittest.TestCase):
    def setUp(self):
        self.place = Place()
        self.addCleanup(self.place.remove)

    def start(self, **options):
        parent = ParentUnderTest(self.place, **options)
        self.addCleanup(parent.end)
        return parent

    def test_it_says_how_many_modules_are_loaded_and_passes_over_the_others(self):
        modules = 'base,sale,nonsense,plana_gateway,hooked'
        self.assertEqual(self.start(modules=modules).said, {'ready': {'modules': 2}})

    def test_it_imports_nothing_that_somebody_else_could_change(self):
        file = self.place.source / 'addons' / 'sale' / '__init__.py'
        file.chmod(0o666)
        parent = self.start()
        self.assertEqual(parent.said, {'refused': f'{file} is writable by everybody'})
        self.assertEqual(parent.process.wait(10), 1)

    def test_code_that_starts_a_thread_cannot_be_forked(self):
        self.assertRegex(self.start(modules='threaded').said['refused'], '^2 threads after the import')

    def test_code_that_keeps_a_file_open_cannot_be_forked(self):
        said = self.start(modules='opener').said
        self.assertEqual(said, {'refused': '/etc/hostname is open after the import'})

    def test_a_folder_that_others_may_enter_is_no_place_for_its_socket(self):
        (self.place.path / 'sockets').chmod(0o755)
        self.assertIn('is not a folder of our own with mode 0700', self.start().said['refused'])

    def test_its_socket_is_ours_alone(self):
        self.start()
        self.assertEqual(self.place.socket.stat().st_mode & 0o777, 0o600)

    def test_what_it_was_started_with_is_not_open_in_it(self):
        with open('/etc/hostname') as leak:
            parent = self.start(fds=[leak.fileno()])
            folder = f'/proc/{parent.process.pid}/fd'
            targets = [os.readlink(f'{folder}/{name}') for name in os.listdir(folder)]
        self.assertNotIn('/etc/hostname', targets)

    def test_it_ends_when_pulse_is_gone_and_its_children_live_on(self):
        parent = self.start()
        fork = parent.fork('import time; time.sleep(600)')
        self.addCleanup(fork.close)
        pid = fork.born()
        self.assertEqual(parent.end(), 0)
        self.assertIsNone(fork.hear())
        os.kill(pid, 0)
        os.kill(pid, signal.SIGKILL)
        self.assertTrue(ends(pid))

    def test_killed_it_leaves_its_children_and_the_next_one_takes_its_place(self):
        parent = self.start()
        fork = parent.fork('import time; time.sleep(600)')
        self.addCleanup(fork.close)
        pid = fork.born()
        parent.process.kill()
        self.assertIsNone(fork.hear())
        os.kill(pid, signal.SIGKILL)
        self.assertTrue(ends(pid))
        again = self.start().fork('print("again")')
        self.addCleanup(again.close)
        self.assertEqual(again.result(), (0, 'again\n'))

    def test_a_program_that_cannot_be_loaded_is_started_by_each_child(self):
        parent = self.start(loads=False)
        self.assertEqual(parent.said, {'ready': {'modules': 0}})
        fork = parent.fork('', command=['/bin/echo', 'plain'])
        self.addCleanup(fork.close)
        self.assertEqual(fork.result(), (0, 'plain\n'))


def _memory_of(pid):
    parts = []
    with open(f'/proc/{pid}/maps') as maps, open(f'/proc/{pid}/mem', 'rb', 0) as memory:
        for line in maps:
            found = re.match(r'([0-9a-f]+)-([0-9a-f]+) rw', line)
            if found is None:
                continue
            start, end = (int(text, 16) for text in found.groups())
            memory.seek(start)
            try:
                parts.append(memory.read(end - start))
            except OSError:
                pass
    return b''.join(parts)


if __name__ == '__main__':
    unittest.main()
