# Copyright the carryall authors.  See LICENSE.
"""CGI programs, on every backend: real processes behind the real server (feature WEB-05)."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.compat import range, to_bytes
from carryall.core.errors import SpawnFailed
from carryall.core.future import failed, gather
from carryall.core.net.protocol import Protocol
from tests.contract.support import until
from tests.services.cgi.support import TYPE, Host

pytestmark = pytest.mark.skipif(os.sep != '/', reason='the programs here are those of Unix')

BIG = bytes(bytearray(range(256))) * 4096            # 1 MiB


@pytest.fixture
def host(loop, tmpdir):
    """A server on this loop; no program is left at the end."""
    made = Host(loop, tmpdir.mkdir('root'), end_seconds=0.3)
    yield made
    made.close()
    until(loop, lambda: not made.running(), 'every program is over')


def test_a_program_is_told_of_the_request(host):
    host.program('run.cgi', TYPE + 'echo "$REQUEST_METHOD $SCRIPT_NAME $PATH_INFO $QUERY_STRING"')
    status, headers, body = host.ask('/run.cgi/more?a=b')
    assert (status, body) == (200, b'GET /run.cgi /more a=b\n')
    assert headers.get(b'content-type') == b'text/plain'


def test_a_program_runs_in_its_folder(host):
    host.program('sub/run.cgi', TYPE + 'pwd')
    body = host.ask('/sub/run.cgi')[2]
    assert os.path.realpath(body.strip()) == os.path.realpath(
        to_bytes(os.path.join(host.folder, 'sub')))


def test_every_file_of_cgi_bin_is_a_program(host):
    host.program('cgi-bin/plain', TYPE + 'echo "$SCRIPT_NAME|$PATH_INFO"')
    assert host.ask('/cgi-bin/plain/x')[2] == b'/cgi-bin/plain|/x\n'


def test_the_words_of_a_search_are_arguments(host):
    host.program('run.cgi', TYPE + 'echo "$#:$1:$2"')
    assert host.ask('/run.cgi?one+two%20too')[2] == b'2:one:two too\n'


@pytest.mark.parametrize('body', [b'', b'hello', BIG], ids=['none', 'short', 'long'])
def test_a_program_reads_the_body(host, body):
    host.program('run.cgi', TYPE + 'echo "$CONTENT_LENGTH"; cat')
    answer = host.ask('/run.cgi', b'POST', body=body)[2]
    assert answer == b'%d\n' % len(body) + body


def test_a_body_of_unknown_length_is_collected(host):
    """Its length is told, as without one some programs read nothing."""
    host.program('run.cgi', TYPE + 'echo "$CONTENT_LENGTH$HTTP_TRANSFER_ENCODING"; cat')
    answer = host.ask('/run.cgi', b'POST', body=[BIG[:100000], BIG[100000:]])[2]
    assert answer == b'%d\n' % len(BIG) + BIG


def test_a_program_that_reads_nothing_answers_all_the_same(host):
    host.program('run.cgi', TYPE + 'echo done')
    assert host.ask('/run.cgi', b'POST', body=BIG)[:3:2] == (200, b'done\n')


def test_a_head_request_gets_no_body(host):
    host.program('run.cgi', TYPE + 'echo body')
    assert host.ask('/run.cgi', b'HEAD')[::2] == (200, b'')


def test_a_local_redirect_shows_another_page(host):
    host.program('page.html', '')
    host.program('run.cgi', 'printf "Location: /page.html\\n\\n"')
    status, headers, body = host.ask('/run.cgi')
    assert (status, body) == (200, b'#!/bin/sh\n')
    assert headers.get(b'content-type').startswith(b'text/html')


def test_a_local_redirect_may_lead_to_a_program(host):
    host.program('run.cgi', 'printf "Location: /other.cgi/x?y\\n\\n"')
    host.program('other.cgi', TYPE + 'echo "$REQUEST_METHOD $REQUEST_URI $PATH_INFO"')
    assert host.ask('/run.cgi', b'POST', body=b'form')[2] == b'GET /other.cgi/x?y /x\n'


def test_a_circle_of_local_redirects_ends(host, expect_log):
    expect_log('more than 10 local redirects')
    host.program('run.cgi', 'printf "Location: /run.cgi\\n\\n"')
    assert host.ask('/run.cgi')[0] == 500


def test_a_status_and_fields_reach_the_client(host):
    host.program('run.cgi', 'printf "Status: 418 Tea\\nX-Own: yes\\nContent-Type: a/b\\n\\nshort"')
    status, headers, body = host.ask('/run.cgi')
    assert (status, headers.get(b'x-own'), body) == (418, b'yes', b'short')


def test_a_whole_response_is_taken_too(host):
    host.program('nph-run.cgi', 'printf "HTTP/1.0 201 Made\\r\\nX-Own: yes\\r\\n\\r\\nshort"')
    status, headers, body = host.ask('/nph-run.cgi')
    assert (status, headers.get(b'x-own'), body) == (201, b'yes', b'short')


def test_errors_of_a_program_are_logged_with_the_request(host, expect_log):
    told = expect_log('GET /run.cgi: it is broken')
    host.program('run.cgi', TYPE + 'echo "it is broken" >&2; echo "$UNIQUE_ID"')
    identifier = host.ask('/run.cgi')[2].strip().decode('ascii')
    until(host.loop, lambda: not host.running())
    assert identifier in told[0].getMessage()


# -- failures ----------------------------------------------------------------

@pytest.mark.parametrize('text, status, told', [
    ('exit 0', 502, 'said nothing'),
    ('echo "Content-Type: text/plain"', 502, 'inside the header'),
    ('echo nonsense; echo', 502, 'no field'),
    ('kill -9 $$', 502, 'ended by a signal'),
    ('printf "Content-Type: a/b\\n"; kill -TERM $$', 502, 'ended by a signal')],
    ids=['nothing', 'half', 'nonsense', 'killed', 'half-killed'])
def test_a_failure_has_its_status_and_its_line(host, expect_log, text, status, told):
    expect_log(told)
    host.program('run.cgi', text)
    assert host.ask('/run.cgi')[0] == status


def test_a_program_that_is_not_executable_is_an_error(host, expect_log):
    expect_log('is not executable')
    host.program('run.cgi', TYPE, mode=0o644)
    assert host.ask('/run.cgi')[0] == 500


def test_a_program_that_cannot_start_is_an_error(loop, tmpdir, expect_log):
    expect_log('run.cgi')
    host = Host(loop, tmpdir)
    host.program('run.cgi', '')
    with open(os.path.join(host.folder, 'run.cgi'), 'wb') as out:
        out.write(b'#!/no/such/interpreter\n')
    assert host.ask('/run.cgi')[0] in (500, 502)
    host.close()
    until(loop, lambda: not host.running())


def test_a_program_that_never_answers_is_ended(loop, tmpdir, expect_log):
    expect_log('takes too long')
    host = Host(loop, tmpdir, head_seconds=0.5)
    host.program('run.cgi', 'exec sleep 600')
    assert host.ask('/run.cgi')[0] == 504
    host.close()
    until(loop, lambda: not host.running(), 'it is over')


def test_a_program_that_says_too_much_is_ended(loop, tmpdir, expect_log):
    expect_log('longer than 100000 octets')
    host = Host(loop, tmpdir, output_bytes=100000)
    host.program('run.cgi', TYPE + 'exec cat /dev/zero')
    with pytest.raises(Exception):
        host.ask('/run.cgi')
    until(loop, lambda: not host.running(), 'it is over')
    host.close()


def test_too_many_programs_are_refused(loop, tmpdir, expect_log):
    expect_log('one more is refused')
    host = Host(loop, tmpdir, programs=4)
    host.program('run.cgi', TYPE + 'sleep 0.5')
    found = loop.run_until(gather([host.fetch('/run.cgi') for _ in range(3)]))
    assert sorted(each[0] for each in found) == [200, 200, 503]
    until(loop, lambda: not host.running())
    assert host.ask('/run.cgi')[0] == 200
    host.close()


def test_the_group_of_a_program_ends_when_the_client_goes(host):
    host.program('run.cgi', TYPE + 'sleep 600 & echo $! > "$0.pid"; echo begun; wait')
    waiting = host.fetch('/run.cgi')
    until(host.loop, lambda: os.path.exists(os.path.join(host.folder, 'run.cgi.pid')))
    until(host.loop, lambda: _content(host, 'run.cgi.pid').strip())
    child = int(_content(host, 'run.cgi.pid'))
    assert _lives(child)
    host.client.close()
    until(host.loop, lambda: not _lives(child), 'the child is gone')
    until(host.loop, lambda: not host.running(), 'the program is gone')
    assert waiting.done()


def test_a_body_that_stops_half_way_ends_its_program(host):
    host.program('run.cgi', 'sleep 600')
    client = Gatherer()
    host.loop.run_until(host.loop.connect_tcp(lambda: client, '127.0.0.1',
                                              host.listener.address.port))
    client.transport.write(b'POST /run.cgi HTTP/1.1\r\nHost: h\r\n'
                           b'Content-Length: 900000\r\n\r\n' + b'x' * 1000)
    until(host.loop, lambda: host.running() == 1, 'the program runs')
    client.transport.abort()
    until(host.loop, lambda: not host.running(), 'the program is gone')
    assert client.heard == b''


class Gatherer(Protocol):
    """Gathers what comes."""

    heard = b''

    def data_received(self, data):
        self.heard += data


@pytest.mark.parametrize('fails', ['at once', 'later'])
def test_programs_without_a_free_descriptor_keep_no_place(host, expect_log, monkeypatch, fails):
    expect_log('Too many open files' if fails == 'later' else 'the application failed on')
    if fails == 'later':
        expect_log('the program cannot be started')
    host.program('run.cgi', TYPE + 'echo here')
    error = SpawnFailed(u'cannot start: Too many open files')

    def no_descriptor(*args, **named):
        """Fails."""
        if fails == 'at once':
            raise error
        return failed(error)

    monkeypatch.setattr(host.loop, 'spawn', no_descriptor)
    assert [host.ask('/run.cgi')[0] for _ in range(20)] == [500] * 20
    monkeypatch.undo()
    assert host.ask('/run.cgi')[2] == b'here\n'


def test_a_child_that_keeps_the_pipe_delays_no_answer(host):
    host.program('run.cgi', TYPE + 'echo here; sleep 600 & exit 0')
    assert host.ask('/run.cgi')[2] == b'here\n'


def test_a_program_that_closes_its_output_and_lives_on_is_ended(host):
    host.program('run.cgi', TYPE + 'echo here; exec >&-; exec 2>&-; exec sleep 600')
    assert host.ask('/run.cgi')[2] == b'here\n'
    until(host.loop, lambda: not host.running(), 'it is over')


def test_the_stop_of_the_server_ends_programs(host):
    host.program('run.cgi', TYPE + 'exec sleep 600')
    host.fetch('/run.cgi')
    until(host.loop, lambda: host.running() == 1)
    host.starter.close()
    until(host.loop, lambda: not host.running(), 'it is over')


def _content(host, name):
    with open(os.path.join(host.folder, name)) as source:
        return source.read()


def _lives(pid):
    """If a process has not ended; a zombie is over too."""
    try:
        with open('/proc/%d/stat' % pid) as source:
            return source.read().rpartition(')')[2].split()[0] != 'Z'
    except (IOError, OSError):
        return False


def test_a_program_cannot_set_the_cookie_of_a_session(host, expect_log):
    expect_log('is dropped')
    host.guard()
    cookies = 'Set-Cookie: carryall-session=x\\nSet-Cookie: own=1\\n'
    host.program('run.cgi', 'printf "Content-Type: a/b\\n%s\\n"\n' % cookies)
    assert host.ask('/run.cgi')[1].get_all(b'set-cookie') == [b'own=1']
