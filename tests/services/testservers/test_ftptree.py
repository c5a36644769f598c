# Copyright the carryall authors.  See LICENSE.
"""The FTP server has a tree, an account, and a list of transfers."""
from __future__ import absolute_import, division, print_function

import re

import pytest

from carryall.core.errors import UsageError
from tests.services.testservers.talks import Hall, Talk


def login(server, user=b'user', password=b'secret'):
    """A client that has logged in."""
    talk = server.connect()
    talk.ask(b'USER ' + user + b'\r\n')
    talk.reply = talk.ask(b'PASS ' + password + b'\r\n')
    return talk


def data_connection(server, talk):
    """A data connection that EPSV has opened."""
    loop = server.hall.loop
    port = int(re.search(br'\|\|\|(\d+)\|', talk.ask(b'EPSV\r\n')).group(1))
    joined = loop.connect_tcp(lambda: Talk(loop), '127.0.0.1', port)
    loop.advance()
    return joined.result()[1]


def fetch(server, name):
    """(octets, replies) of a download."""
    talk = login(server)
    data = data_connection(server, talk)
    replies = talk.ask(b'RETR ' + name + b'\r\n')
    server.hall.loop.advance(0.1)
    return data.take(), replies + talk.take()


def test_the_account_may_log_in():
    assert login(Hall().begin('ftp')).reply.startswith(b'230 ')


def test_other_users_are_refused():
    hall = Hall()
    talk = login(hall.begin('ftp'), b'anonymous', b'a@b')
    hall.loop.advance(2.0)
    assert (talk.reply + talk.take()).startswith(b'530 ')


def test_everybody_may_if_that_is_wanted():
    assert login(Hall().begin('ftp', anonymous=True), b'anonymous', b'a@b').reply.startswith(b'230')


def test_a_file_that_was_put_is_fetched():
    server = Hall().begin('ftp')
    server.call('put', path=u'pub/a.txt', data=b'hello')
    octets, replies = fetch(server, b'pub/a.txt')
    assert octets == b'hello'
    assert b'226 ' in replies


def test_an_upload_is_there():
    hall = Hall()
    server = hall.begin('ftp')
    talk = login(server)
    data = data_connection(server, talk)
    talk.ask(b'STOR b.txt\r\n')
    data.ask(b'from the client')
    data.transport.close()
    hall.loop.advance(0.1)
    assert server.call('get', path=u'b.txt') == b'from the client'
    assert server.call('names') == [u'b.txt']


def test_transfers_are_kept():
    server = Hall().begin('ftp')
    server.call('put', path=u'pub/a.txt', data=b'hello')
    fetch(server, b'pub/a.txt')
    row, = server.call('came')
    assert (row['incoming'], row['path'], row['octets']) == (False, u'pub/a.txt', 5)
    assert (row['complete'], row['user']) == (True, u'user')


def test_a_folder_of_the_disk_is_served(tmpdir):
    tmpdir.join('a.txt').write('hello')
    server = Hall().begin('ftp', root=u'%s' % tmpdir)
    assert server.call('names') == [u'a.txt']
    server.call('put', path=u'sub/b.txt', data=b'b')
    assert tmpdir.join('sub', 'b.txt').read() == 'b'


def test_a_file_is_removed():
    server = Hall().begin('ftp')
    server.call('put', path=u'a', data=b'')
    server.call('remove', path=u'a')
    assert server.call('names') == []


@pytest.mark.parametrize('path', [u'', u'../a', u'a/../../b'])
def test_a_path_that_leads_out_is_refused(path):
    with pytest.raises(UsageError):
        Hall().begin('ftp').call('put', path=path, data=b'')


def test_a_file_that_is_not_there_is_told():
    for call in ('get', 'remove'):
        with pytest.raises(UsageError):
            Hall().begin('ftp').call(call, path=u'none')


def test_a_command_can_fail():
    server = Hall().begin('ftp')
    server.call('fail', when=u'CWD', reply=b'550 no')
    assert login(server).ask(b'CWD /\r\n') == b'550 no\r\n'


def test_a_download_can_be_cut():
    server = Hall().begin('ftp')
    server.call('put', path=u'a', data=b'0123456789')
    server.call('fail', when=u'data', cut=4)
    assert fetch(server, b'a')[0] == b'0123'


def test_a_data_connection_can_be_reset():
    server = Hall().begin('ftp')
    server.call('put', path=u'a', data=b'0123456789')
    server.call('fail', when=u'data', reset=True)
    assert fetch(server, b'a')[0] == b''


CUTS = pytest.mark.parametrize('fault', [
    {'close': True}, {'reset': True}, {'cut': 4}, {'cut': 4, 'reset': True},
    {'reply': b'xy', 'close': True}], ids=lambda fault: ' '.join(sorted(fault)))


@CUTS
def test_a_download_that_is_cut_ends_with_426_at_once(fault):
    server = Hall().begin('ftp')
    server.call('put', path=u'a', data=b'0123456789')
    server.call('fail', when=u'data', **fault)
    assert b'\r\n426 ' in fetch(server, b'a')[1]


@CUTS
def test_a_download_that_is_cut_is_kept_as_incomplete(fault):
    server = Hall().begin('ftp')
    server.call('put', path=u'a', data=b'0123456789')
    server.call('fail', when=u'data', **fault)
    fetch(server, b'a')
    assert [row['complete'] for row in server.call('came')] == [False]


@pytest.mark.parametrize('command', [b'TYPE A', b'MODE Z'])
def test_a_download_in_pieces_that_is_cut_ends_with_426(command):
    server = Hall().begin('ftp')
    server.call('put', path=u'a', data=b'0123456789' * 10)
    server.call('fail', when=u'data', cut=4)
    talk = login(server)
    talk.ask(command + b'\r\n')
    data_connection(server, talk)
    replies = talk.ask(b'RETR a\r\n')
    server.hall.loop.advance(0.1)
    assert b'\r\n426 ' in replies + talk.take()


def test_a_listing_that_is_cut_ends_with_426():
    server = Hall().begin('ftp')
    server.call('put', path=u'a', data=b'0')
    server.call('fail', when=u'data', cut=4)
    talk = login(server)
    data_connection(server, talk)
    replies = talk.ask(b'LIST\r\n')
    server.hall.loop.advance(0.1)
    assert b'\r\n426 ' in replies + talk.take()


def test_a_cut_behind_the_last_octet_is_no_fault():
    server = Hall().begin('ftp')
    server.call('put', path=u'a', data=b'0123456789')
    server.call('fail', when=u'data', cut=10)
    assert b'\r\n226 ' in fetch(server, b'a')[1]


def test_an_upload_whose_connection_closes_ends_with_426():
    server = Hall().begin('ftp')
    server.call('fail', when=u'data', close=True)
    talk = login(server)
    data_connection(server, talk)
    replies = talk.ask(b'STOR a\r\n')
    server.hall.loop.advance(0.1)
    assert b'\r\n426 ' in b'\r\n' + replies + talk.take()


def test_the_next_transfer_after_a_cut_is_whole():
    server = Hall().begin('ftp')
    server.call('put', path=u'a', data=b'0123456789')
    server.call('fail', when=u'data', cut=4)
    fetch(server, b'a')
    assert fetch(server, b'a')[0] == b'0123456789'


def test_a_data_connection_of_active_mode_can_be_reset():
    server = Hall().begin('ftp')
    loop = server.hall.loop
    server.call('put', path=u'a', data=b'0123456789')
    server.call('fail', when=u'data', reset=True)
    talk = login(server)
    port = loop.listen_tcp(lambda: Talk(loop), '127.0.0.1', 0).address.port
    talk.ask(b'EPRT |1|127.0.0.1|%d|\r\n' % port)
    replies = talk.ask(b'RETR a\r\n')
    loop.advance(0.1)
    assert b'\r\n425 ' in b'\r\n' + replies + talk.take()


def test_a_reset_empties_the_tree_in_memory():
    server = Hall().begin('ftp')
    server.call('put', path=u'a', data=b'')
    server.call('forget')
    assert server.call('names') == []


def test_a_command_of_the_type_fails(tmpdir):
    server = Hall().begin('type', type=u'ftp', words=[u'--root', u'%s' % tmpdir])
    server.call('fail', when=u'NOOP', reply=b'451 later')
    talk = server.connect()
    talk.take()
    assert talk.ask(b'NOOP\r\n') == b'451 later\r\n'


@pytest.mark.parametrize('kind, options', [
    ('ftp', {'root': u'/no/such/folder'}), ('ftp', {'tls': u'maybe'}),
    ('type', {'type': u'ftp', 'words': [u'--root', u'/no/such']})])
def test_an_impossible_ftp_server_raises_usage_error(kind, options):
    with pytest.raises(UsageError):
        Hall().begin(kind, **options)
