"""Who may talk to this server: only a gateway that knows which server it means to reach.

Every request carries `X-Pulse-Backend: {id}.{hex HMAC-SHA256(key, id)}`, where the id names an
environment and its generation, that is its pod, and the key is that of the instance or of the pool
to which the pod belongs. A gateway that holds an old address therefore reaches nobody, whoever
listens there now. It keeps servers from being mistaken for one another; it does not protect a
server from the code of its own tenants, which can read the key.

What Pulse itself asks of the server (to seal, to run schedules) it signs as such, with
`{id}.{hex HMAC-SHA256(key, "control " + id)}`: a visitor's request is passed on with the other
value, and so can never be one, whatever its path.

Kept free of `re` and of Odoo: `seal.py` must start quickly.
"""

import hashlib
import hmac

HEADER = 'X-Pulse-Backend'
ENVIRON_KEY = 'HTTP_X_PULSE_BACKEND'
MINIMUM_KEY_BYTES = 32

_ID_CHARACTERS = frozenset('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-')


class IdentityError(Exception):
    """The environment does not say who this server is."""


class Identity:
    """The two values of the header that this server accepts, computed once."""

    def __init__(self, backend_id, key):
        self.header_value = _signed(backend_id, key, '')
        self.control_value = _signed(backend_id, key, 'control ')

    def matches(self, value):
        """Whether somebody's request is meant for this server."""
        return _is_same(value, self.header_value)

    def controls(self, value):
        """Whether Pulse itself asks."""
        return _is_same(value, self.control_value)


def _signed(backend_id, key, purpose):
    digest = hmac.new(key, (purpose + backend_id).encode('ascii'), hashlib.sha256).hexdigest()
    return f'{backend_id}.{digest}'


def _is_same(value, expected):
    """In constant time; a header sent twice arrives joined by a comma, and so is unequal."""
    if value is None:
        return False
    return hmac.compare_digest(value.encode('latin-1', 'replace'), expected.encode('ascii'))


def identity_from(environment):
    """Reads PULSE_BACKEND_ID and the file that PULSE_BACKEND_KEY_FILE names."""
    backend_id = environment.get('PULSE_BACKEND_ID', '')
    if not backend_id:
        raise IdentityError('PULSE_BACKEND_ID is not set')
    if not _ID_CHARACTERS.issuperset(backend_id):
        raise IdentityError('PULSE_BACKEND_ID may hold letters, digits, ".", "_" and "-" only')
    path = environment.get('PULSE_BACKEND_KEY_FILE', '')
    if not path:
        raise IdentityError('PULSE_BACKEND_KEY_FILE is not set')
    return Identity(backend_id, _read_key(path))


def _read_key(path):
    try:
        with open(path, encoding='ascii') as file:
            key = bytes.fromhex(file.read().strip())
    except OSError as error:
        raise IdentityError(f'PULSE_BACKEND_KEY_FILE: {error.strerror}: {path}') from error
    except ValueError as error:
        # Not the cause's text: it may quote the key.
        raise IdentityError('PULSE_BACKEND_KEY_FILE: the key is not hexadecimal') from error
    if len(key) < MINIMUM_KEY_BYTES:
        raise IdentityError(
            f'PULSE_BACKEND_KEY_FILE: the key is shorter than {MINIMUM_KEY_BYTES} bytes'
        )
    return key
