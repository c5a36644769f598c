# Copyright the carryall authors.  See LICENSE.
"""Any type of service is a server for tests, by the words of its command line."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.commands.catalogue import known_types
from carryall.core.errors import UsageError
from carryall.services.testservers.typeserver import parse_words, word_of
from tests.services.testservers.talks import Hall

GET = b'GET /a.txt HTTP/1.1\r\nHost: a.example\r\n\r\n'


class PathObject(object):
    """A path as os.PathLike has it."""

    def __init__(self, path):
        self._path = path

    def __fspath__(self):
        return self._path


@pytest.mark.parametrize('words', [[u'--port', u'8080'], [u'--port=8080'], [u'-p', u'8080'],
                                   [u'-p8080']])
def test_a_port_that_is_given_stays(words):
    options = parse_words(known_types().get('web'), words)
    assert options.port[0].startswith(u'tcp:8080')


def test_a_port_that_repeats_is_free():
    options = parse_words(known_types().get('web'), [u'--path', u'.'])
    assert options.port == [u'tcp:0']


def test_a_path_object_is_a_word(tmpdir):
    options = parse_words(known_types().get('web'), ['--path', PathObject(str(tmpdir))])
    assert options.path == u'%s' % tmpdir


def test_octets_are_a_word():
    assert word_of(b'--root') == u'--root'


def test_a_missing_folder_is_told():
    with pytest.raises(UsageError) as told:
        parse_words(known_types().get('web'), [u'--path', u'no-such-folder'])
    assert 'no-such-folder' in told.value.message


def web(tmpdir):
    """A web server with one file."""
    tmpdir.join('a.txt').write('a')
    return Hall().begin('type', type=u'web', words=[u'--path', u'%s' % tmpdir])


def test_the_service_runs(tmpdir):
    assert web(tmpdir).connect().ask(GET).startswith(b'HTTP/1.1 200 ')


def test_its_data_can_fail(tmpdir):
    server = web(tmpdir)
    server.call('fail', reply=b'no')
    assert server.connect().ask(GET) == b'no'


def test_its_commands_can_fail(tmpdir):
    server = web(tmpdir)
    server.call('fail', when=u'GET', reply=b'later')
    talk = server.connect()
    assert talk.ask(GET.replace(b'GET', b'HEAD')).startswith(b'HTTP/1.1 200 ')
    assert talk.ask(GET) == b'later'


def test_server_stops_and_starts_again(tmpdir):
    server = web(tmpdir)
    hall = server.hall
    hall.value(hall.servers.stop(server.number))
    server.places = hall.value(hall.servers.restart(server.number, {}))
    assert server.connect().ask(GET).startswith(b'HTTP/1.1 200 ')
