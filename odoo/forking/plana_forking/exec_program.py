"""A program that cannot be imported: each child becomes it. The stand-in Odoo is one."""


class ExecProgram:
    command = ()

    def roots(self):
        return []

    def load(self, _tell):
        return 0

    def prepare_child(self, _arguments):
        return False

    def run(self):
        raise NotImplementedError
