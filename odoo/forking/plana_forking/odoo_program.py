"""Odoo, imported once and run by each child as `odoo-bin` would run it. For 17, 18 and 19."""

import importlib
import importlib.machinery
import inspect
import os
import sys

# What a first page asks for in its visitor's language, read from a long text file each.
_TRANSLATED_FIRST = ('web', 'web_editor', 'portal', 'payment')
# Imported by Odoo only when a first page is made.
_LATE_IMPORTS = ('bs4', 'getpass')
# Its hook would not run in a child that finds it imported.
_NEVER = 'plana_gateway'


class OdooProgram:
    """`command` is how this Odoo is started plainly: interpreter and `odoo-bin`."""

    def __init__(self, command, modules, addons_path, languages):
        self.command = command
        self._root = os.path.dirname(command[1])
        self._ours = [os.path.join(self._root, 'odoo', 'addons'), *addons_path]
        self._modules = modules
        self._languages = languages
        self._imported = []
        self._addons_path = None

    def roots(self):
        """All that is imported from, by parent and children alike."""
        bytecode = [] if sys.pycache_prefix is None else [sys.pycache_prefix]
        return [self._root, *self._ours, *bytecode, *sys.path]

    def load(self, tell):
        """Imports Odoo's server and the code of the modules; one that is not there is passed over."""
        sys.path[0] = self._root
        for name in ('odoo', 'odoo.cli', 'odoo.http', 'odoo.modules.registry', 'odoo.service.server'):
            importlib.import_module(name)
        import odoo.addons

        # A list of our own; the child gets the original back before it reads its configuration.
        self._addons_path = odoo.addons.__path__
        odoo.addons.__path__ = [path for path in self._ours if os.path.isdir(path)]
        for name in self._modules:
            self._import(name, odoo.addons.__path__, tell)
        if f'odoo.addons.{_NEVER}' in sys.modules:
            raise RuntimeError(f'{_NEVER} must not be imported by the parent')
        for prepare in (self._late_imports, self._manifests, self._translations):
            try:
                prepare()
            except Exception as error:
                # Nothing is wrong with what is not there: the child reads it itself.
                tell(f'not prepared: {error!r}')
        return len(self._imported)

    def _late_imports(self):
        for name in _LATE_IMPORTS:
            importlib.import_module(name)

    def _manifests(self):
        from odoo.modules.module import get_manifest

        for name in self._imported:
            get_manifest(name)

    def _translations(self):
        from odoo.tools.translate import code_translations

        for language in self._languages:
            for name in _TRANSLATED_FIRST:
                if name in self._imported:
                    code_translations.get_web_translations(name, language)

    def _import(self, name, addons_path, tell):
        manifest = _manifest_of(name, addons_path)
        if name == _NEVER or manifest is None:
            return tell(f'module {name} is not of this runtime')
        if 'post_load' in manifest:
            return tell(f'module {name} has a hook that each server runs itself')
        try:
            importlib.import_module(f'odoo.addons.{name}')
        except Exception as error:
            # Half an import would be found whole by the child.
            raise RuntimeError(f'module {name} cannot be imported: {error!r}') from error
        self._imported.append(name)

    def prepare_child(self, arguments):
        """False when this server needs other code than what is imported: then it starts plainly."""
        import odoo.addons
        import odoo.tools

        sys.argv = [self.command[1], *arguments]
        odoo.addons.__path__ = self._addons_path
        parse = odoo.tools.config.parse_config
        # 17 has no such parameter; the server sets logging up a moment later.
        quiet = 'setup_logging' in inspect.signature(parse).parameters
        parse(arguments, **({'setup_logging': False} if quiet else {}))
        return all(map(self._is_the_same, self._imported))

    def _is_the_same(self, name):
        """A tenant's add-on of the same name may come first on its path."""
        import odoo.addons

        qualified = f'odoo.addons.{name}'
        spec = importlib.machinery.PathFinder.find_spec(qualified, odoo.addons.__path__)
        imported = sys.modules[qualified].__spec__.origin
        return spec is not None and os.path.realpath(spec.origin) == os.path.realpath(imported)

    def run(self):
        import odoo.cli

        odoo.cli.main()


def _manifest_of(name, addons_path):
    """Its text: nothing of a module runs before it is known that it is wanted."""
    for folder in addons_path:
        path = os.path.join(folder, name, '__manifest__.py')
        if os.path.isfile(path):
            with open(path, encoding='utf-8') as file:
                return file.read()
    return None
