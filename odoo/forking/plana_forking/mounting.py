"""Puts volumes at their places, as the lines of the engine's `mountScript` do for a plain start.

Each of those lines is a process of some milliseconds; here each is a call of the kernel, for somebody
waits. To be called as root in a mount namespace of its own.
"""

import os

from . import linux


def carry_out(plan):
    """`plan`: the engine's `MountPlan`, outer places first; see mount-script.ts for its fields."""
    for skeleton in plan['skeletons']:
        _lend_places(skeleton)
    for bind in plan['binds']:
        _bind(bind)
    if 'sharedMemory' in plan:
        _own_shared_memory(plan['sharedMemory'])
    os.chdir('/')


def _lend_places(skeleton):
    folder, stash, kept = skeleton['folder'], skeleton['stash'], skeleton['kept']
    if kept:
        linux.bind_mount(folder, stash, recursive=True)
    linux.overlay_mount(folder, f'{skeleton["lower"]}:{folder}')
    for path in kept:
        linux.bind_mount(os.path.join(stash, path), os.path.join(folder, path), recursive=True)


def _bind(bind):
    source, target = bind['source'], bind['target']
    if bind['isFile'] or not bind['subPath']:
        linux.bind_mount(os.path.join(source, bind['subPath']), target)
    else:
        _enter(source, bind['subPath'])
        linux.bind_mount('.', target)
    linux.restrict_mount(target, read_only=bind['readOnly'])


def _enter(source, sub_path):
    """Entering and then asking where we are leaves no moment in which the tenant could put a link there."""
    os.chdir(source)
    inside = os.getcwd()
    os.chdir(os.path.join('.', sub_path))
    if not os.getcwd().startswith(f'{inside}/'):
        raise PermissionError('the subPath leads out of its volume')


def _own_shared_memory(memory):
    folder, stage, kept = memory['folder'], memory['stage'], memory['kept']
    size, files = memory['sizeBytes'], memory['mostFiles']
    if not kept:
        linux.memory_mount(folder, size, files)
        return
    linux.memory_mount(stage, size, files)
    before = os.umask(0o022)
    for path in kept:
        os.makedirs(os.path.join(stage, path))
        linux.bind_mount(os.path.join(folder, path), os.path.join(stage, path), recursive=True)
    os.umask(before)
    linux.move_mount(stage, folder)
