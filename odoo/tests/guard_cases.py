"""The cases of `guard-cases.json`, one by one: what a guarded server answers to whom."""

import itertools
import json
import pathlib
from collections import namedtuple

LIST = json.loads(pathlib.Path(__file__).with_name('guard-cases.json').read_text('utf-8'))
HOST = 'acme.localhost'

_BODY = json.dumps({'database': HOST})

Case = namedtuple('Case', 'identities method target state framing body answer')
# `runs`, of what is called; `refused`, of the reason in the answer's header: None where nothing is.
Result = namedtuple('Result', 'status refused runs')


def cases(port):
    """Of `http`, Odoo's HTTP port, or of `gevent`, its port for WebSockets."""
    yield from _of_rows()
    for who, method, target, answer in LIST['singles']:
        yield _case(who, method, target, answer)
    absolute = LIST['absoluteForm']
    yield _case('visitor', 'GET', absolute['target'], absolute[port])
    given = LIST['identities']
    for value in given['values']:
        case = _case('nobody', 'GET', given['target'], given['answer'])
        yield case._replace(identities=[_identity(value)])
    for pieces in LIST['cronBodies']['taken']:
        yield _cron(pieces, {'status': 200, 'runs': 'schedules'})
    for pieces in LIST['cronBodies']['refused']:
        yield _cron(pieces, {'status': 400})
    for framing, body in LIST['unframedBodies']['refused']:
        yield _cron([], {'status': 400})._replace(framing=[framing] if framing else [], body=body)
    for text, seconds in LIST['timeouts']['seconds'].items():
        sealed = {'status': 200, 'runs': f'seal {seconds}'}
        answer = {'status': 400} if seconds is None else sealed
        yield _case('control', 'POST', f'/plana/seal?timeout={text}', answer)


def unsent():
    """Those whose body never comes."""
    framing = [f'Content-Length: {LIST["unsentBody"]["announcedBytes"]}']
    for who, target, state, answer in LIST['unsentBody']['asked']:
        yield _case(who, 'POST', target, answer)._replace(state=state, framing=framing, body='')


def _of_rows():
    """Each meeting of the axes exactly once: a row too many or too few is a mistake of the list."""
    groups = LIST['targets']
    seen = set()
    for row in LIST['rows']:
        targets = [target for name in row.get('targets', groups) for target in groups[name]]
        axes = (
            row.get('who', LIST['who']),
            row.get('methods', LIST['methods']),
            targets,
            row.get('states', LIST['states']),
        )
        for who, method, target, state in itertools.product(*axes):
            if (who, method, target, state) in seen:
                raise ValueError(f'told twice: {who} {method} {target} {state}')
            seen.add((who, method, target, state))
            yield _case(who, method, target, row['answer'], state)
    targets = sum(len(group) for group in groups.values())
    if len(seen) != len(LIST['who']) * len(LIST['methods']) * targets * len(LIST['states']):
        raise ValueError('some meeting of the axes is in no row')


def _case(who, method, target, answer, state='open'):
    identities = [_identity(value) for value in LIST['who'][who]]
    body = _BODY if method == 'POST' else ''
    result = Result(answer['status'], answer.get('refused'), answer.get('runs'))
    framing = [f'Content-Length: {len(body)}'] if body else []
    return Case(identities, method, target, state, framing, body, result)


def _cron(pieces, answer):
    body = ''.join(text * times for text, times in pieces)
    case = _case('control', 'POST', '/plana/cron', answer)
    return case._replace(framing=[f'Content-Length: {len(body.encode())}'], body=body)


def _identity(value):
    return value.replace('VISITOR', LIST['visitor']).replace('CONTROL', LIST['control'])


def request_of(case):
    """Its bytes, as one connection carries them."""
    lines = [
        f'{case.method} {case.target} HTTP/1.1',
        f'Host: {HOST}',
        'Connection: close',
        *(f'X-Pulse-Backend: {value}' for value in case.identities),
        *case.framing,
    ]
    return '\r\n'.join([*lines, '', case.body]).encode()
