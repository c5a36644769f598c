# Copyright the carryall authors.  See LICENSE.
"""FTPSession against our own server, and against servers that are not so kind."""
from __future__ import absolute_import, division, print_function

import io

import pytest

from carryall.core.errors import RemoteProtocolError, TimedOut
from carryall.core.net.protocol import Protocol
from carryall.core.testing import NullTLS, VirtualLoop
from carryall.core.tls import TLSContext
from carryall.core.net.transport import tls
from carryall.protocols.ftp import ClientSettings, FTPError, connect
from carryall.protocols.ftp.filesystem import FOLDER
from carryall.protocols.ftp.otp import Challenge, parse_response, step
from carryall.services.ftp.memoryfiles import MemoryFiles
from tests.protocols.ftp.stage import FILES, make_site

BIG = FILES[b'pub/big.bin']


class Scripted(Protocol):
    """A server that answers each command with what a table says."""

    def __init__(self, answers):
        self.answers = answers
        self.heard = []

    def connection_made(self, transport):
        Protocol.connection_made(self, transport)
        transport.write(self.answers.get(b'', b'220 Hi\r\n'))

    def data_received(self, data):
        for line in data.split(b'\r\n')[:-1]:
            self.heard.append(line)
            answer = self.answers.get(
                line, self.answers.get(line.partition(b' ')[0], b'502 No\r\n'))
            if answer:
                self.transport.write(answer)


def session_with(site=None, answers=None, **given):
    """(loop, session, server's protocols) after the login."""
    loop = VirtualLoop(tls=NullTLS())
    made = []

    def factory():
        if answers is not None:
            server = Scripted(answers)
        elif site:
            server = site(loop)()
        else:
            server = make_site(loop, tls=TLSContext(identity='null'))()
        made.append(server)
        return server

    loop.listen_tcp(factory, '127.0.0.1', 2121)
    chosen = dict((name, given.pop(name)) for name in ClientSettings.__slots__ if name in given)
    settings = ClientSettings(**chosen)
    session = loop.run_until(connect(loop, '127.0.0.1', 2121, settings=settings, **given))
    if answers is None:
        loop.run_until(session.login(u'anna', b'secret'))
    return loop, session, made


WAYS = [{}, {'passive': False}, {'extended': False}, {'passive': False, 'extended': False},
        {'believe_address': True, 'extended': False}]


@pytest.mark.parametrize('ways', WAYS)
def test_files_both_ways(ways):
    loop, session, made = session_with(**ways)
    kept = MemoryFiles()
    assert loop.run_until(session.retrieve(b'pub/big.bin', kept.store((b'x',)))) == len(BIG), \
        'octets'
    assert kept.open((b'x',))[0].read() == BIG, 'content'
    assert loop.run_until(session.store(b'new', io.BytesIO(BIG), len(BIG))) == len(BIG), 'octets'
    assert made[0].service.accounts.files.open((b'new',))[0].read() == BIG, 'content'
    entries = loop.run_until(session.entries(b'pub'))
    assert sorted((entry.name, entry.kind == FOLDER) for entry in entries) == [
        (b'big.bin', False), (b'caf\xc3\xa9.txt', False), (b'sub', True)], \
        [entry.name for entry in entries]
    loop.run_until(session.quit())


def test_the_same_after_auth():
    """An upload under NullTLS cannot end well, for it has no close_notify;
    real TLS has its own test."""
    loop, session, _made = session_with(starttls=TLSContext(verify=False))
    assert tls(session.control.transport) is not None, 'in clear'
    assert loop.run_until(session.folder()) == b'/', 'it goes on'


def test_files_and_folders_are_made_and_removed():
    loop, session, made = session_with()
    run = loop.run_until
    run(session.make_folder(b'a'))
    run(session.change_folder(b'a'))
    assert run(session.folder()) == b'/a', 'PWD'
    run(session.rename(b'../readme.txt', b'moved'))
    assert run(session.size(b'moved')) == 12 and run(session.size(b'gone')) is None, 'SIZE'
    run(session.set_modified(b'moved', 1026072171.0))
    assert run(session.modified(b'moved')) == 1026072171.0 \
        and run(session.modified(b'gone')) is None, 'MDTM'
    assert run(session.names(b'/a')) == [b'/a/moved'], 'NLST'
    run(session.remove(b'moved'))
    run(session.change_folder(b'/'))
    run(session.remove_folder(b'a'))
    with pytest.raises(FTPError):
        run(session.change_folder(b'a'))
    features = run(session.features())
    assert b'MLST' in features and features[b'REST'] == b'STREAM' and made, features


def test_resume_append_and_text():
    loop, session, made = session_with()
    files = made[0].service.accounts.files
    kept = MemoryFiles({b'x': BIG[:1000]})
    loop.run_until(session.retrieve(b'pub/big.bin', kept.store((b'x',), 'append'), 1000))
    assert kept.open((b'x',))[0].read() == BIG, 'REST'
    loop.run_until(session.store(b'new', io.BytesIO(BIG), 1000))
    loop.run_until(session.store(b'new', io.BytesIO(BIG), len(BIG) - 1000, 1000))
    assert files.open((b'new',))[0].read() == BIG, 'REST and STOR'
    loop.run_until(session.store(b'new', io.BytesIO(b'tail'), 4, append=True))
    assert files.open((b'new',))[0].read() == BIG + b'tail', 'APPE'
    loop.run_until(session.store(b'text', io.BytesIO(b'a\nb\n'), 4, text=True))
    assert files.open((b'text',))[0].read() == b'a\nb\n', 'there'
    loop.run_until(session.retrieve(b'text', kept.store((b'y',)), text=True))
    assert kept.open((b'y',))[0].read() == b'a\nb\n', 'and back'


def test_refusals_of_a_transfer_leave_nothing():
    loop, session, _made = session_with()
    kept = MemoryFiles()
    source = io.BytesIO(b'x')
    with pytest.raises(FTPError):
        loop.run_until(session.retrieve(b'nothing', kept.store((b'x',))))
    with pytest.raises(FTPError):
        loop.run_until(session.store(b'no/where', source, 1))
    assert source.closed, 'the file is open'
    assert loop.run_until(session.size(b'readme.txt')) == 12, 'it goes on'


def test_a_wrong_password():
    loop = VirtualLoop()
    loop.listen_tcp(make_site(loop), '127.0.0.1', 2121)
    session = loop.run_until(connect(loop, '127.0.0.1', 2121))
    with pytest.raises(FTPError):
        loop.run_until(session.login(u'anna', b'wrong'))


def test_a_challenge_is_answered():
    """RFC 2289: the pass phrase stays here."""
    heard = {b'USER': b'331 Response to otp-sha1 5 ab12 required.\r\n', b'PASS': b'230 OK\r\n'}
    loop, session, made = session_with(answers=heard)
    loop.run_until(session.login(u'anna', b'a long pass phrase'))
    response = parse_response(made[0].heard[1][5:])
    assert response is not None and b'phrase' not in made[0].heard[1], made[0].heard
    from carryall.protocols.ftp.otp import compute
    assert response == compute(Challenge('sha1', 5, b'ab12'), b'a long pass phrase') \
        and step('sha1', response), 'the right one'


def test_an_account_is_given():
    heard = {b'USER': b'331 x\r\n', b'PASS': b'332 x\r\n', b'ACCT 42': b'230 x\r\n'}
    loop, session, _made = session_with(answers=heard)
    assert loop.run_until(session.login(u'anna', b'x', b'42')).code == 230, 'ACCT'


def test_the_address_of_pasv_is_not_believed():
    loop, session, _made = session_with(
        answers={b'PASV': b'227 (10,0,0,1,200,1)\r\n', b'NLST': b'150 x\r\n'})
    seen = []
    loop.listen_tcp(lambda: seen.append('server') or Protocol(), '127.0.0.1', 51201)
    loop.listen_tcp(lambda: seen.append('other') or Protocol(), '10.0.0.1', 51201)
    session.names()
    loop.advance()
    assert seen == ['server'], seen


@pytest.mark.parametrize('answers', [
    {b'EPSV': b'229 nonsense\r\n'}, {b'PASV': b'227 nonsense\r\n'}, {}, {b'EPSV': b'421 Bye\r\n'},
    {b'EPSV': b'229 (|||9|)\r\n', b'NLST': b'150 x\r\n'}])
def test_servers_that_offer_no_data(answers):
    loop, session, _made = session_with(answers=answers)
    session.settings = session.settings.replace(reply_seconds=5.0)
    with pytest.raises(Exception):
        loop.run_until(session.names())


def test_a_server_that_says_nothing():
    loop, session, _made = session_with(answers={b'NOOP': b''})
    with pytest.raises(TimedOut):
        loop.run_until(session.command(b'NOOP'))
    with pytest.raises(FTPError):
        session_with(answers={b'': b'421 Full\r\n'})


def test_a_transfer_whose_end_is_not_confirmed():
    """226 is what says that all was sent."""
    class Short(Scripted):
        def data_received(self, data):
            Scripted.data_received(self, data)
            if data.startswith(b'RETR'):
                self.data.transport.write(b'half')
                self.data.transport.close()
                self.transport.write(b'451 Disk\r\n')

    loop = VirtualLoop()
    servers = []
    loop.listen_tcp(lambda: servers.append(
        Short({b'EPSV': b'229 (|||5000|)\r\n', b'TYPE': b'200 x\r\n', b'RETR': b'150 x\r\n'}))
                    or servers[-1], '127.0.0.1', 2121)

    def data():
        servers[-1].data = Protocol()
        return servers[-1].data

    loop.listen_tcp(data, '127.0.0.1', 5000)
    session = loop.run_until(connect(loop, '127.0.0.1', 2121))
    with pytest.raises(FTPError):
        loop.run_until(session.retrieve(b'x', MemoryFiles().store((b'x',))))


def test_names_of_the_server_do_not_lead_out():
    listing = (b'type=file;size=1; ../../evil\r\ntype=file;size=1; /etc/x\r\ntype=file;size=1; '
               b'good\r\ntype=pdir; ..\r\n')
    loop, session, _made = session_with(
        answers={b'FEAT': b'211-x\r\n MLST type*;\r\n211 End\r\n', b'EPSV': b'229 (|||5000|)\r\n',
                 b'MLSD': b'150 x\r\n226 x\r\n'})

    class Sends(Protocol):
        def connection_made(self, transport):
            transport.write(listing)
            transport.close()

    loop.listen_tcp(Sends, '127.0.0.1', 5000)
    assert [entry.name for entry in loop.run_until(session.entries())] == [b'good'], 'it leads out'


def test_list_replaces_a_missing_mlsd():
    loop, session, _made = session_with(
        answers={b'FEAT': b'500 x\r\n', b'EPSV': b'229 (|||5000|)\r\n',
                 b'LIST': b'150 x\r\n226 x\r\n'})

    class Sends(Protocol):
        def connection_made(self, transport):
            transport.write(b'total 1\r\n-rw-r--r-- 1 u g 5 Jul  7 2002 a\r\ndrwxr-xr-x 1 u g 5 '
                            b'Jul  7 2002 d\r\n')
            transport.close()

    loop.listen_tcp(Sends, '127.0.0.1', 5000)
    assert [(entry.name, entry.kind) for entry in loop.run_until(session.entries())] \
        == [(b'a', 'file'), (b'd', 'dir')], 'LIST'


def test_a_folder_is_entered_before_it_is_listed_by_list():
    """Servers take the argument of LIST for a pattern,
    and a mirror would believe that the folder is empty."""
    answers = {b'FEAT': b'500 x\r\n', b'EPSV': b'229 (|||5000|)\r\n',
               b'LIST': b'150 x\r\n226 x\r\n', b'PWD': b'257 "/in"\r\n', b'CWD': b'250 x\r\n'}
    loop, session, made = session_with(answers=answers)

    class Sends(Protocol):
        def connection_made(self, transport):
            transport.write(b'-rw-r--r-- 1 u g 5 Jul  7 2002 a\r\n')
            transport.close()

    loop.listen_tcp(Sends, '127.0.0.1', 5000)
    assert [entry.name for entry in loop.run_until(session.entries(b'[2024] pics'))] == [b'a']
    assert [line for line in made[-1].heard if line.split(b' ')[0] in (b'PWD', b'CWD', b'LIST')] \
        == [
        b'PWD', b'CWD [2024] pics', b'LIST', b'CWD /in']


def test_a_folder_that_is_missing_is_not_an_empty_one():
    answers = {b'FEAT': b'500 x\r\n', b'PWD': b'257 "/in"\r\n', b'CWD': b'550 x\r\n'}
    loop, session, _made = session_with(answers=answers)
    with pytest.raises(FTPError):
        loop.run_until(session.entries(b'nowhere'))


def test_a_reply_to_pwd_without_a_path():
    loop, session, _made = session_with(answers={b'PWD': b'257 nonsense\r\n'})
    with pytest.raises(RemoteProtocolError):
        loop.run_until(session.folder())
