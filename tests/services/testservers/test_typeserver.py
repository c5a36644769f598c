# Copyright the carryall authors.  See LICENSE.
"""Any type of service is a server for tests, by the words of its command line."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.commands.catalogue import known_types
from carryall.core.errors import UsageError
from carryall.services.testservers.typeserver import parse_words, word_of
from tests.services.testservers.talks import Hall


class PathObject(object):
    """A path as os.PathLike has it."""

    def __init__(self, path):
        self._path = path

    def __fspath__(self):
        return self._path


def test_a_port_that_is_not_given_is_free():
    options = parse_words(known_types().get('mail'), [u'-d', u'a.example=.'])
    assert (options.smtp, options.pop3) == (u'tcp:0', u'tcp:0')


@pytest.mark.parametrize('words', [[u'--port', u'8080'], [u'--port=8080'], [u'-p', u'8080'],
                                   [u'-p8080']])
def test_a_port_that_is_given_stays(words):
    options = parse_words(known_types().get('socks'), words)
    assert options.port.startswith(u'tcp:8080')


def test_a_port_that_repeats_is_free():
    options = parse_words(known_types().get('ftp'), [u'--root', u'.'])
    assert options.port == [u'tcp:0']


def test_a_path_object_is_a_word(tmpdir):
    options = parse_words(known_types().get('ftp'), ['--root', PathObject(str(tmpdir))])
    assert options.root == u'%s' % tmpdir


def test_octets_are_a_word():
    assert word_of(b'--root') == u'--root'


def test_a_missing_folder_is_told():
    with pytest.raises(UsageError) as told:
        parse_words(known_types().get('ftp'), [u'--root', u'no-such-folder'])
    assert 'no-such-folder' in told.value.message


def test_the_service_runs():
    server = Hall().begin('type', type=u'simple', words=[u'--tcp', u'echo:0'])
    assert server.connect().ask(b'hello') == b'hello'


def test_its_data_can_fail():
    server = Hall().begin('type', type=u'simple', words=[u'--tcp', u'echo:0'])
    server.call('fail', reply=b'no')
    assert server.connect().ask(b'hello') == b'no'


def test_its_commands_can_fail(tmpdir):
    server = Hall().begin('type', type=u'ftp', words=[u'--root', u'%s' % tmpdir])
    server.call('fail', when=u'NOOP', reply=b'451 later')
    talk = server.connect()
    talk.take()
    assert talk.ask(b'NOOP\r\n') == b'451 later\r\n'


def test_server_stops_and_starts_again():
    hall = Hall()
    server = hall.begin('type', type=u'simple', words=[u'--tcp', u'echo:0'])
    hall.value(hall.servers.stop(server.number))
    server.places = hall.value(hall.servers.restart(server.number, {}))
    assert server.connect().ask(b'hello') == b'hello'
