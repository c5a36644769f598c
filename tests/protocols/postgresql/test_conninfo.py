# Copyright the carryall authors.  See LICENSE.
"""Connection strings, the service file and the password file."""
from __future__ import absolute_import, division, print_function

import io
import os

import pytest

from carryall.core.errors import UsageError
from carryall.protocols.postgresql.conninfo import (is_own, parse_location, password_of,
                                                    ways_to_log_in)

PASSWORDS = (u'# host:port:database:user:password\n'
             u'db.example:5432:app:anna:first\n'
             u'db.example:*:*:bob:with\\:colon\\\\and\n'
             u'localhost:5432:app:anna:own\n'
             u'*:*:*:anna:last\n'
             u'broken:line\n')
SERVICES = (u'# services\n[other]\nhost=nowhere\n\n[main]\nhost=db.example\nport = 6000\n'
            u'user=anna\n[third]\nhost=x\n')


def written(folder, name, text, mode=0o600):
    """The path of a file."""
    path = os.path.join(str(folder), name)
    with io.open(path, 'w', encoding='utf-8') as target:
        target.write(text)
    os.chmod(path, mode)
    return path


@pytest.mark.parametrize('location, hosts, options', [
    (u'host=a port=7 dbname=d', [(u'a', 7)], {u'dbname': u'd'}),
    (u"  host = 'a'  user='it\\'s \\\\ me' ", [(u'a', 5432)], {u'user': u"it's \\ me"}),
    (u"host='' password=a\\ b", [(u'localhost', 5432)], {u'password': u'a b'}),
    (u'host=a,b port=7,8', [(u'a', 7), (u'b', 8)], {}),
    (u'host=a,b port=7', [(u'a', 7), (u'b', 7)], {}),
    (u'host=a,,c port=,8,', [(u'a', 5432), (u'localhost', 8), (u'c', 5432)], {}),
    (u'hostaddr=10.0.0.1,10.0.0.2', [(u'10.0.0.1', 5432), (u'10.0.0.2', 5432)],
     {u'hostaddr': u'10.0.0.1,10.0.0.2'}),
    (u'postgresql://a:7,b/d?sslmode=prefer', [(u'a', 7), (u'b', 5432)],
     {u'dbname': u'd', u'sslmode': u'prefer'}),
    (u'postgresql://%2Frun%2Fpg/d', [(u'/run/pg', 5432)], {u'dbname': u'd'}),
    (u'postgres://u:p=q@h/d', [(u'h', 5432)],
     {u'user': u'u', u'password': u'p=q', u'dbname': u'd'}),
    (u'postgresql://h?ssl=true', [(u'h', 5432)], {u'sslmode': u'require'})])
def test_a_location_has_hosts_and_options(location, hosts, options):
    assert parse_location(location) == (hosts, options)


@pytest.mark.parametrize('location', [
    u'', u'app', u'host', u'host=a b', u"host='a", u'=a', u'a b=c', u'nosuch=1', u'host=a port=x',
    u'host=a,b port=1,2,3', u'host=a,b hostaddr=10.0.0.1', u'port=65536', u'connect_timeout=x',
    u'connect_timeout=-1', u'statements=many', u'sslmode=maybe',
    u'sslnegotiation=direct sslmode=prefer',
    u'require_auth=kerberos', u'client_encoding=LATIN1', u'gssencmode=require', u'replication=true',
    u'max_protocol_version=4.0', u'target_session_attrs=best', u'load_balance_hosts=yes',
    u'host=a\0b', u'postgresql://[::1/d', u'postgresql://[::1]x/d', u'postgresql://h/d?a',
    u'service=none servicefile=/nonexistent/file'])
def test_a_location_that_is_none_is_refused(location):
    with pytest.raises(UsageError):
        parse_location(location)


@pytest.mark.parametrize('words, ways', [
    (u'', ()), (u'md5', ('md5',)), (u'scram-sha-256,md5', ('scram-sha-256', 'md5')),
    (u'!password,!md5', ('gss', 'sspi', 'scram-sha-256', 'oauth', 'none'))])
def test_ways_to_log_in_are_taken_or_refused(words, ways):
    assert ways_to_log_in({'require_auth': words}) == ways


def test_ways_to_log_in_are_not_mixed():
    with pytest.raises(UsageError):
        ways_to_log_in({'require_auth': u'md5,!password'})


@pytest.mark.parametrize('host, own', [
    (u'127.0.0.1', True), (u'localhost', True), (u'/run', True), (u'10.0.0.1', False)])
def test_own_hosts_are_known(host, own):
    assert is_own(host) == own


def test_a_service_gives_what_the_string_does_not(tmpdir):
    path = written(tmpdir, 'services', SERVICES)
    assert parse_location(u'service=main servicefile=%s user=bob' % path) == (
        [(u'db.example', 6000)], {u'user': u'bob'})


@pytest.mark.parametrize('text', [u'[other]\nhost=a\n', u'[main]\nhost\n', u'[main]\nnosuch=1\n',
                                  u'[main]\nservice=other\n', u''])
def test_a_service_that_is_none_is_refused(tmpdir, text):
    path = written(tmpdir, 'services', text)
    with pytest.raises(UsageError):
        parse_location(u'postgresql:///d?service=main&servicefile=%s' % path)


@pytest.mark.parametrize('host, port, user, password', [
    (u'db.example', 5432, u'anna', u'first'), (u'db.example', 5433, u'anna', u'last'),
    (u'db.example', 1, u'bob', u'with:colon\\and'), (u'/run/postgresql', 5432, u'anna', u'own'),
    (u'other', 5432, u'carl', None)])
def test_a_password_is_found_by_its_first_line(tmpdir, host, port, user, password):
    path = written(tmpdir, 'passwords', PASSWORDS)
    assert password_of({'passfile': path}, host, port, user, u'app') == password


def test_a_password_of_the_string_comes_first(tmpdir):
    path = written(tmpdir, 'passwords', PASSWORDS)
    assert password_of({'passfile': path, 'password': u'mine'}, u'a', 1, u'anna', u'd') == u'mine'


@pytest.mark.skipif(os.name != 'posix', reason='files have no such modes here')
@pytest.mark.parametrize('mode', [0o640, 0o604, 0o660, 0o644])
def test_a_password_file_that_others_may_read_is_not_used(tmpdir, mode, expect_log):
    expect_log('others may read it')
    path = written(tmpdir, 'passwords', PASSWORDS, mode)
    assert password_of({'passfile': path}, u'a', 1, u'anna', u'd') is None


def test_a_password_file_that_is_a_folder_is_told(tmpdir, expect_log):
    expect_log('cannot be read')
    assert password_of({'passfile': str(tmpdir)}, u'a', 1, u'anna', u'd') is None


def test_a_password_file_need_not_exist(tmpdir):
    path = os.path.join(str(tmpdir), 'none')
    assert password_of({'passfile': path}, u'a', 1, u'anna', u'd') is None
