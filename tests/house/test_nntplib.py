# Copyright the carryall authors.  See LICENSE.
"""The stand-in for nntplib does what the module did, and what it still does where it is."""
from __future__ import absolute_import, division, print_function

import datetime
import io
import warnings

import pytest

from carryall import nntplib
from carryall.core.compat import PY2
from carryall.protocols.nntp import Group, MemoryArticles, NewsRoom, NNTPServer, Settings
from carryall.pytest_plugin import Servers

ARTICLE = (b'From: Ann <ann@example.org>\nNewsgroups: local.tea\nSubject: =?utf-8?q?Th=C3=A9?=\n'
           b'Message-ID: <1@example.org>\n\n.dots\n..\nlast')


def modules():
    """Ours, and the real one where it still is."""
    found = [nntplib]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            real = __import__('nntp' + 'lib')
        if not PY2:                 # that of Python 2 had other results
            found.append(real)
    except ImportError:
        pass
    return found


@pytest.fixture(params=modules(), ids=lambda module: module.__name__)
def module(request):
    return request.param


@pytest.fixture
def address():
    made = []

    def server(loop):
        if not made:
            made.append(NewsRoom(loop, MemoryArticles(), b'news.example'))
            made[0].add_group(Group(b'local.tea', b'y', b'About tea', created=86400))
        return NNTPServer(made[0], loop, Settings(hostname=b'news.example'))

    with Servers() as servers:
        yield servers.tcp(lambda: server(servers.loop))


@pytest.fixture
def server(module, address):
    client = module.NNTP(address[0], address[1], timeout=60)
    yield client
    try:
        client.quit()
    except (EOFError, AttributeError):      # the test has done so; the real one has no file then
        pass


@pytest.mark.filterwarnings('ignore')
def test_articles_are_posted_and_read(server):
    assert server.post(io.BytesIO(ARTICLE)).startswith('240 ')
    response, count, first, last, name = server.group('local.tea')
    assert response == '211 1 1 1 local.tea'
    assert (count, first, last, name) == (1, 1, 1, 'local.tea')
    response, info = server.body(1)
    assert info == (1, '<1@example.org>', [b'.dots', b'..', b'last'])
    assert (info.number, info.message_id) == (1, '<1@example.org>')
    assert server.head('<1@example.org>')[1].number == 0
    assert b'' in server.article()[1].lines
    assert server.stat()[1:] == (1, '<1@example.org>')
    target = io.BytesIO()
    assert server.body(1, file=target)[1].lines == []
    assert target.getvalue() == b'.dots\r\n..\r\nlast\r\n'


@pytest.mark.filterwarnings('ignore')
def test_overview_has_the_names_of_the_format(server, module):
    server.post(ARTICLE)
    server.group('local.tea')
    response, rows = server.over((1, None))
    number, fields = rows[0]
    assert number == 1
    assert module.decode_header(fields['subject']) == u'Th\xe9'
    assert fields[':lines'] == '3'
    assert fields['references'] == ''
    assert fields['xref'] == 'news.example local.tea:1'
    assert server.xover(1, 9)[1] == rows
    assert server.over('<1@example.org>')[1][0][0] == 0
    assert server.xhdr('from', '1-')[1] == [('1', 'Ann <ann@example.org>')]


@pytest.mark.filterwarnings('ignore')
def test_groups_are_listed(server):
    assert server.list()[1] == [('local.tea', '0', '1', 'y')]
    assert server.list('local.*')[1][0].flag == 'y'
    assert server.description('local.tea') == 'About tea'
    assert server.descriptions('no.*')[1] == {}
    assert server.newgroups(datetime.datetime(2000, 1, 1))[1] == []
    assert server.newgroups(datetime.date(1970, 1, 1))[1][0].group == 'local.tea'
    assert server.newnews('*', datetime.datetime(2000, 1, 1))[1] == []


@pytest.mark.filterwarnings('ignore')
def test_the_server_tells_about_itself(server):
    assert server.getwelcome().startswith('200 news.example')
    assert server.nntp_version == 2
    assert server.nntp_implementation == 'carryall'
    assert server.getcapabilities()['OVER'] == ['MSGID']
    assert isinstance(server.date()[1], datetime.datetime)
    assert server.help()[0].startswith('100')
    assert server.slave().startswith('202')
    assert server.quit().startswith('205')


@pytest.mark.filterwarnings('ignore')
def test_refusals_are_errors_by_their_code(server, module):
    with pytest.raises(module.NNTPTemporaryError) as caught:
        server.group('no.such')
    assert caught.value.response == '411 No such newsgroup'
    assert str(caught.value) == '411 No such newsgroup'
    with pytest.raises(module.NNTPTemporaryError):
        server.stat(1)
    with pytest.raises(module.NNTPTemporaryError):
        server.post(b'From: a@b\n\nx')
    with pytest.raises(module.NNTPPermanentError):
        server.stat('<x')
    with pytest.raises(module.NNTPError):
        server.login('ann', 'secret', usenetrc=False)
    with pytest.raises(TypeError):
        server.newnews('*', '20000101')


def test_a_command_of_two_lines_is_not_sent(address):
    with nntplib.NNTP(address[0], address[1], timeout=60) as client:
        with pytest.raises(ValueError):
            client.group('a\r\nQUIT')


@pytest.mark.filterwarnings('ignore')
def test_a_server_that_is_not_there_is_an_oserror(module):
    with pytest.raises(OSError):
        module.NNTP('127.0.0.1', 1, timeout=10)


@pytest.mark.filterwarnings('ignore')
def test_the_end_of_a_with_block_closes(module, address):
    with module.NNTP(address[0], address[1], timeout=60) as client:
        client.group('local.tea')
