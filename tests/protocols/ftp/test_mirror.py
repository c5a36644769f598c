# Copyright the carryall authors.  See LICENSE.
"""Mirrors, down and up."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.ftp.mirror import mirror_down, mirror_up
from carryall.services.ftp.memoryfiles import MemoryFiles
from tests.protocols.ftp.stage import FILES
from tests.protocols.ftp.test_client import session_with


def tree(files, path=()):
    """All paths and contents below."""
    found = {}
    for entry in files.entries(path):
        place = path + (entry.name,)
        if entry.kind == 'dir':
            found[b'/'.join(place) + b'/'] = None
            found.update(tree(files, place))
        else:
            found[b'/'.join(place)] = files.open(place)[0].read()
    return found


def numbers(outcome):
    return outcome.sent, outcome.same, outcome.removed, outcome.left_out


def test_mirror_copies_down_and_deletes():
    loop, session, made = session_with()
    there = made[0].service.accounts.files
    here = MemoryFiles({b'old': b'x', b'olds/y': b'z'})
    told = []
    first = loop.run_until(mirror_down(session, b'', here, tell=lambda verb, path: told.append(
        (verb, path))))
    assert numbers(first) == (5, 0, 0, 0) and (u'get', b'pub/sub/deep.txt') in told, numbers(first)
    assert dict((path, data) for path, data in tree(here).items() if not path.startswith(b'old')) \
        == tree(there), 'all of it'
    assert numbers(loop.run_until(mirror_down(session, b'', here))) == (0, 5, 0, 0), \
        'nothing is new'
    upload = there.store((b'readme.txt',))
    upload.write(b'longer than it was')
    third = loop.run_until(mirror_down(session, b'', here, delete=True))
    assert numbers(third) == (1, 4, 3, 0) and tree(here) == tree(there), numbers(third)


def test_mirror_copies_up():
    loop, session, made = session_with()
    there = made[0].service.accounts.files
    here = MemoryFiles(FILES)
    loop.run_until(session.make_folder(b'copy'))
    assert numbers(loop.run_until(mirror_up(session, here, (), b'copy'))) == (5, 0, 0, 0), 'first'
    assert tree(there, (b'copy',)) == dict((b'copy/' + path, data)
                                           for path, data in tree(here).items()), 'all of it'
    assert numbers(loop.run_until(mirror_up(session, here, (), b'copy'))) == (0, 5, 0, 0), 'second'
    assert numbers(loop.run_until(mirror_up(session, MemoryFiles(), (), b'copy', delete=True))) \
        == (0, 0, 8, 0), 'gone'
    assert tree(there, (b'copy',)) == {}, tree(there, (b'copy',))


def test_an_unreadable_file_is_left_out(expect_log):
    expect_log('is left out')
    loop, session, made = session_with()
    there = made[0].service.accounts.files
    real = there.open
    there.open = lambda path: real((b'gone',)) if path[-1] == b'big.bin' else real(path)
    outcome = loop.run_until(mirror_down(session, b'', MemoryFiles()))
    assert numbers(outcome) == (4, 0, 0, 1), numbers(outcome)
