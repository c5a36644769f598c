# Copyright the carryall authors.  See LICENSE.
"""The password file: its grammar, its changes, and the checker over it."""
from __future__ import absolute_import, division, print_function

import os
import random
import stat

import pytest

from carryall.core.auth import passwordfile
from carryall.core.auth.credentials import Anonymous, LoginUnavailable, UsernamePassword
from carryall.core.auth.passwordfile import (PasswordFile, PasswordFileError, PasswordTable,
                                             load_table, save_table)
from carryall.core.auth.portal import Portal, Realm
from carryall.core.auth.verifiers import ScryptHash
from carryall.core.crypto import STANDARD, StandardCrypto
from carryall.core.errors import Unsupported
from carryall.core.future import Future
from carryall.core.testing import VirtualLoop
from carryall.runtimes.host import systemfiles as files
from tests.core.auth.kit import quick, quick_scram, refused, unavailable


@pytest.fixture
def loop():
    loop = VirtualLoop()
    loop.wall = lambda: 4e9         # long after every file: so what was read stays read
    return loop


def line(name, verifier):
    return (u'%s:%s\n' % (name, verifier.text())).encode('utf-8')


def login(loop, checker, name, password):
    return checker.check(UsernamePassword(name, password), loop)


# -- grammar -----------------------------------------------------------------

def test_a_line_is_an_account():
    data = b'# the choir\n\n' + line(u'anna', quick(b'a')) + line(u'J\xf6rg', quick(b'b')) \
        + b'  \n# end'
    table = PasswordTable(data)
    assert table.names() == [u'anna', u'J\xf6rg'] and not table.problems
    assert table.get(u'anna').verify(b'a', STANDARD) and table.get(u'eve') is None
    assert table.schemes == frozenset(['pbkdf2-sha256'])
    assert table.to_bytes() == data + b'\n'
    assert PasswordTable(data.replace(b'\n', b'\r\n')).names() == [u'anna', u'J\xf6rg']
    assert PasswordTable().names() == [] and PasswordTable().to_bytes() == b'' \
        and PasswordTable().like(0.5) is None


def test_bad_lines_admit_no_user_and_are_not_shown():
    good = quick(b'x').text().encode('ascii')
    bad = [b'hidden-word', b'anna', b'anna:', b':' + good, b'anna:hidden-word', b' anna:' + good,
           b'an\x00na:' + good, b'\xff:' + good, b'x:' + good + b'\xc3\xa9',
           b'y:' + good + b':extra', b'z: ' + good, b'w' * 256 + b':' + good]
    table = PasswordTable(b'\n'.join(bad) + b'\n' + b'ok:' + good + b'\nok:'
                          + quick(b'other').text().encode('ascii') + b'\n')
    assert table.names() == [u'ok'] and table.get(u'ok').verify(b'x', STANDARD), \
        'the first of two counts'
    assert len(table.problems) == len(bad) + 1
    assert table.problems[0].startswith(u'line 1: ') and u'duplicate' in table.problems[-1]
    assert not any(u'hidden' in problem or u'anna' in problem for problem in table.problems)


def test_changes_leave_the_rest_as_it_is():
    data = b'# one\n' + line(u'anna', quick(b'a')) + b'bad line\r\n' + line(u'bob', quick(b'b')) \
        + b'# two'
    table = PasswordTable(data)
    changed = table.with_account(u'anna', quick(b'new')).with_account(u'eve', quick(b'e'))
    assert changed.to_bytes() == (b'# one\n' + line(u'anna', quick(b'new')) + b'bad line\n'
                                  + line(u'bob', quick(b'b'))
                                  + b'# two\n' + line(u'eve', quick(b'e')))
    gone = changed.without_account(u'anna')
    assert gone.names() == [u'bob', u'eve'] and gone.to_bytes().startswith(b'# one\nbad line\n')
    with pytest.raises(KeyError):
        gone.without_account(u'anna')
    for name in (u'', u'a:b', u'a\nb', u'#x'):
        with pytest.raises(ValueError):
            table.with_account(name, quick(b'x'))


def test_garbage_in_the_file_admits_no_user():
    rng = random.Random(11)
    for _ in range(100):
        data = bytes(bytearray(rng.choice(bytearray(b'ab:$\n\r\xff\x00#=')) for _ in range(200)))
        table = PasswordTable(data)
        assert table.names() == []
        assert PasswordTable(table.to_bytes()).to_bytes() == table.to_bytes()


# -- the file ----------------------------------------------------------------

def test_saved_whole_and_private(tmpdir):
    path = str(tmpdir.join('users'))
    save_table(path, PasswordTable(line(u'anna', quick(b'a'))), files)
    assert os.listdir(str(tmpdir)) == ['users'] and load_table(path).names() == [u'anna']
    if os.name != 'nt':
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        os.chmod(path, 0o644)
        save_table(path, PasswordTable(), files)
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o640, \
            'the group keeps what it had, others lose it'


def test_a_link_stays_a_link(tmpdir):
    target = tmpdir.join('real')
    link = str(tmpdir.join('link'))
    target.write_binary(b'')
    os.symlink(str(target), link)
    save_table(link, PasswordTable(line(u'anna', quick(b'a'))), files)
    assert os.path.islink(link) and load_table(str(target)).names() == [u'anna']


@pytest.mark.parametrize('step', ['sync', 'replace'])
def test_a_failure_leaves_the_old_file(tmpdir, step):
    class Torn(object):
        def __getattr__(self, name):
            return getattr(files, name)

    torn = Torn()

    def refuse(*_):
        raise OSError(28, 'No space left on device')

    setattr(torn, step, refuse)
    path = str(tmpdir.join('users'))
    save_table(path, PasswordTable(b'# old\n'), files)
    with pytest.raises(PasswordFileError) as caught:
        save_table(path, PasswordTable(b'# new\n'), torn)
    assert 'No space' in caught.value.message and tmpdir.join('users').read_binary() == b'# old\n'
    assert os.listdir(str(tmpdir)) == ['users'], 'something is left behind'


def test_an_unreadable_file_is_an_error(tmpdir, monkeypatch):
    with pytest.raises(PasswordFileError) as caught:
        load_table(str(tmpdir.join('nothing')))
    assert 'nothing' in caught.value.message
    monkeypatch.setattr(passwordfile, 'MAX_FILE', 10)
    tmpdir.join('big').write_binary(b'x' * 11)
    with pytest.raises(PasswordFileError):
        load_table(str(tmpdir.join('big')))


# -- the checker -------------------------------------------------------------

def test_in_and_not(tmpdir, loop):
    path = tmpdir.join('users')
    path.write_binary(line(u'anna', quick(b'secret'))
                      + line(u'bob', quick_scram(b'word', rounds=10)))
    checker = PasswordFile(str(path))
    assert checker.kinds == (UsernamePassword,)
    assert loop.run_until(login(loop, checker, u'anna', b'secret')) == u'anna'
    assert loop.run_until(login(loop, checker, u'bob', b'word')) == u'bob'
    for name, password in ((u'anna', b'Secret'), (u'anna', b''), (u'nobody', b'secret'), (u'', b''),
                           (u'anna', b'x' * 2000)):
        refused(loop, login(loop, checker, name, password))


class Counting(StandardCrypto):
    """Keeps what was asked of it."""

    def __init__(self):
        StandardCrypto.__init__(self)
        self.asked = []

    def pbkdf2(self, name, password, salt, iterations, length):
        self.asked.append((name, iterations, length))
        return StandardCrypto.pbkdf2(self, name, password, salt, iterations, length)


@pytest.mark.parametrize('name, known', [(u'anna', True), (u'ANNA', True), (u'ben', False)])
def test_the_file_tells_which_names_are_taken(tmpdir, loop, name, known):
    path = tmpdir.join('passwords')
    path.write_binary(line(u'Anna', quick(b'a')))
    assert loop.run_until(PasswordFile(str(path)).has_account(name, loop)) is known


def test_an_unknown_name_costs_as_much_as_a_known_one(tmpdir, loop):
    loop.crypto = Counting()
    path = tmpdir.join('users')
    path.write_binary(line(u'anna', quick(b'secret', 17)))
    checker = PasswordFile(str(path))
    refused(loop, login(loop, checker, u'anna', b'wrong'))
    refused(loop, login(loop, checker, u'nobody', b'wrong'))
    assert loop.crypto.asked[0] == loop.crypto.asked[1] == ('sha256', 17, 32) \
        and len(loop.crypto.asked) == 2


def test_an_unknown_name_costs_as_much_as_those_of_a_mixed_file(tmpdir, loop):
    loop.crypto = Counting()
    path = tmpdir.join('users')
    path.write_binary(b''.join(line(u'user%d' % number, quick(b'x', 10 if number % 4 else 20))
                               for number in range(40)))
    checker = PasswordFile(str(path))
    costs = {}
    for number in range(400):
        for _ in range(2):
            refused(loop, login(loop, checker, u'nobody%d' % number, b'wrong'))
            costs.setdefault(u'nobody%d' % number, set()).add(loop.crypto.asked[-1][1])
    assert all(len(found) == 1 for found in costs.values()), 'a name costs the same each time'
    costly = sum(found == set([20]) for found in costs.values())
    assert 50 < costly < 150, 'a quarter of the names costs more: %d of 400' % costly


def test_decoys_of_scram_have_the_rounds_of_the_file(tmpdir, loop):
    path = tmpdir.join('users')
    path.write_binary(line(u'anna', quick_scram(b'a', rounds=4096))
                      + line(u'bob', quick_scram(b'b', rounds=5000)))
    checker = PasswordFile(str(path))
    found = [loop.run_until(checker.scram_decoy(u'nobody%d' % number, 'sha256', loop)).iterations
             for number in range(40)]
    assert set(found) == set([4096, 5000])


def test_a_crowd_from_one_address_leaves_places_to_others(tmpdir):
    begun = []

    class Loop(VirtualLoop):
        def run_in_thread(self, function, *args):
            future = Future()
            begun.append((future, function, args))
            return future

    loop = Loop()
    path = tmpdir.join('users')
    path.write_binary(line(u'anna', quick(b'one')))
    checker = PasswordFile(str(path))

    def guess(host, password):
        credentials = UsernamePassword(u'anna', password)
        credentials.host = host
        return checker.check(credentials, loop)

    crowd = [guess('2001:db8::%x' % number, b'guess') for number in range(300)]
    right = guess('192.0.2.7', b'one')
    answered = 0
    while not right.done():
        future, function, args = begun.pop(0)
        future.set_result(function(*args))
        answered += 1
    assert right.result() == u'anna'
    assert answered <= 6, 'it waited behind the crowd: %d' % answered
    refusals = [each.exception() for each in crowd if each.done()]
    assert any(isinstance(exc, LoginUnavailable) for exc in refusals)


@pytest.mark.parametrize('shift', [-4000.0, 4000.0])
def test_a_file_dated_elsewhere_is_read_once(tmpdir, loop, monkeypatch, shift):
    path = tmpdir.join('users')
    path.write_binary(line(u'anna', quick_scram(b'one')))
    os.utime(str(path), (loop.wall() + shift, loop.wall() + shift))
    checker = PasswordFile(str(path))
    reads = []
    read = passwordfile.load_table
    monkeypatch.setattr(passwordfile, 'load_table', lambda path: reads.append(path) or read(path))
    for _ in range(3):
        assert checker.scram_hashes(loop) == ('sha256',)
    assert len(reads) == 1


def test_a_large_file_that_changes_is_not_read_on_the_loop(tmpdir, monkeypatch):
    begun = []

    class Loop(VirtualLoop):
        def run_in_thread(self, function, *args):
            begun.append((function, args))
            return Future()

    loop = Loop()
    loop.wall = lambda: os.stat(str(path)).st_mtime
    monkeypatch.setattr(passwordfile, 'SMALL_FILE', 1)
    path = tmpdir.join('users')
    path.write_binary(line(u'anna', quick_scram(b'one')))
    checker = PasswordFile(str(path))
    assert checker.scram_hashes(loop) == ('sha256',), 'the first time there is nothing else to say'
    path.write_binary(line(u'anna', quick(b'one')))
    assert [checker.scram_hashes(loop) for _ in range(3)] == [('sha256',)] * 3
    assert len(begun) == 1, 'one thread reads it'
    begun[0][0](*begun[0][1])
    assert checker.scram_hashes(loop) == ()


def test_read_again_only_when_it_changed(tmpdir, loop, monkeypatch):
    path = tmpdir.join('users')
    path.write_binary(line(u'anna', quick(b'one')))
    checker = PasswordFile(str(path))
    reads = []
    read = passwordfile.load_table
    monkeypatch.setattr(passwordfile, 'load_table', lambda path: reads.append(path) or read(path))
    for _ in range(3):
        loop.run_until(login(loop, checker, u'anna', b'one'))
    assert len(reads) == 1
    save_table(str(path), PasswordTable(line(u'anna', quick(b'two'))), files)
    refused(loop, login(loop, checker, u'anna', b'one'))
    assert loop.run_until(login(loop, checker, u'anna', b'two')) == u'anna' and len(reads) == 2


def test_a_file_of_this_moment_may_change_again(tmpdir, loop):
    """Within the file system's clock: same time, same size, other words."""
    path = tmpdir.join('users')
    path.write_binary(line(u'anna', quick(b'one')))
    now = os.stat(str(path)).st_mtime
    loop.wall = lambda: now + 1.0
    checker = PasswordFile(str(path))
    loop.run_until(login(loop, checker, u'anna', b'one'))
    path.write_binary(line(u'anna', quick(b'two')))
    os.utime(str(path), (now, now))
    assert loop.run_until(login(loop, checker, u'anna', b'two')) == u'anna'


def test_a_file_that_is_not_there_yet(tmpdir, loop, expect_log):
    expect_log(r'could not be judged: PasswordFileError: the password file .*nothing')
    checker = PasswordFile(str(tmpdir.join('nothing')))
    unavailable(loop, Portal(Realm(), [checker]).login(loop, UsernamePassword(u'anna', b'x')))
    assert checker.scram_hashes(loop) == () and len(checker.problems()) == 1


def test_bad_lines_are_reported_once(tmpdir, loop, expect_log):
    records = expect_log(r'line 1')
    path = tmpdir.join('users')
    path.write_binary(b'hidden-word\n' + line(u'anna', quick(b'one')))
    checker = PasswordFile(str(path))
    for number in range(3):
        os.utime(str(path), (1000000000 + number, 1000000000 + number))
        loop.run_until(login(loop, checker, u'anna', b'one'))
    assert len(records) == 1 and 'hidden' not in records[0].getMessage()
    assert any('line 1' in problem for problem in checker.problems())


def test_scrypt_where_there_is_none(tmpdir, loop):
    class Poor(StandardCrypto):
        def why_no_scrypt(self):
            return u'Java has none'

        def scrypt(self, *_):
            raise Unsupported(u'scrypt: Java has none')

    loop.crypto = Poor()
    path = tmpdir.join('users')
    path.write_binary(line(u'anna', ScryptHash(4, 1, 1, b'salt', b'k' * 32)))
    checker = PasswordFile(str(path))
    with pytest.raises(Unsupported):
        loop.run_until(login(loop, checker, u'anna', b'x'))
    assert 'Java has none' in checker.problems(loop.crypto)[0]
    if STANDARD.why_no_scrypt() is None:
        assert checker.problems() == []


def test_so_many_at_once_and_so_many_waiting(tmpdir):
    begun = []

    class Loop(VirtualLoop):
        def run_in_thread(self, function, *args):
            future = Future()
            begun.append((future, function, args))
            return future

    loop = Loop()
    path = tmpdir.join('users')
    path.write_binary(line(u'anna', quick(b'one')))
    checker = PasswordFile(str(path))
    logins = [login(loop, checker, u'anna', b'one') for _ in range(4 + 64)]
    assert len(begun) == 4
    late = login(loop, checker, u'anna', b'one')
    with pytest.raises(LoginUnavailable):
        late.result()
    logins[10].cancel()
    while begun:
        future, function, args = begun.pop(0)
        future.set_result(function(*args))
        assert len(begun) <= 4
    assert [each.done() for each in logins] == [True] * 68
    assert sum(each.cancelled() for each in logins) == 1
    again = login(loop, checker, u'anna', b'one')
    assert len(begun) == 1
    begun[0][0].set_exception(RuntimeError('torn'))
    with pytest.raises(RuntimeError):
        again.result()
    login(loop, checker, u'anna', b'one')
    assert len(begun) == 2, 'a failure keeps a place'


def test_scram_needs_keys_for_all(tmpdir, loop):
    path = tmpdir.join('users')
    checker = PasswordFile(str(path))
    path.write_binary(line(u'anna', quick_scram(b'a')) + line(u'bob', quick_scram(b'b')))
    assert checker.scram_hashes(loop) == ('sha256',)
    keys = loop.run_until(checker.scram_keys(u'anna', 'sha256', loop))
    assert keys.verify(b'a', STANDARD)
    assert loop.run_until(checker.scram_keys(u'anna', 'sha1', loop)) is None
    assert loop.run_until(checker.scram_keys(u'nobody', 'sha256', loop)) is None
    decoys = [loop.run_until(checker.scram_decoy(u'nobody', 'sha256', loop)) for _ in range(2)]
    assert decoys[0].salt == decoys[1].salt and decoys[0].iterations == keys.iterations
    assert loop.run_until(checker.scram_decoy(u'noone', 'sha256', loop)).salt != decoys[0].salt
    path.write_binary(line(u'anna', quick_scram(b'a')) + line(u'bob', quick(b'b')))
    assert checker.scram_hashes(loop) == ()
    path.write_binary(line(u'anna', quick_scram(b'a', 'sha1')))
    assert checker.scram_hashes(loop) == ('sha1',)
    assert Anonymous not in checker.kinds


def test_over_a_real_loop(tmpdir):
    """On threads of a real loop, with the crypto of the runtime."""
    from carryall import runtimes
    path = tmpdir.join('users')
    path.write_binary(line(u'anna', quick(b'secret', 2000)))
    loop = runtimes.choose()
    try:
        checker = PasswordFile(str(path))
        door = Portal(Realm(), [checker])
        assert loop.run_until(door.login(loop, UsernamePassword(u'anna', b'secret'))).name \
            == u'anna'
        refused(loop, door.login(loop, UsernamePassword(u'anna', b'secre')))
    finally:
        loop.close()
