# Copyright the carryall authors.  See LICENSE.
"""Programs of a folder: which file runs, with what of the path, and what is refused."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.compat import to_bytes
from carryall.core.errors import UsageError
from carryall.protocols.http import Response
from carryall.services.web import programs as programs_module
from carryall.services.web.options import SCHEMA
from carryall.services.web.programs import Programs
from carryall.services.web.service import TYPE
from tests.services.web.support import ask, site, write


def told(request, script):
    """A handler that answers with what it was given."""
    text = b'|'.join([request.method, script.name, script.path_info])
    return Response(200, [(b'X-File', os.path.basename(script.path))], text)


@pytest.fixture
def root(tmpdir):
    """A folder with programs."""
    for name in ('run.cgi', 'other.php', 'page.html', 'cgi-bin/anything', 'cgi-bin/sub/deep.txt',
                 'shop/index.cgi', 'plain/index.html', 'plain/index.cgi', 'dir.cgi/file.txt',
                 'copy.cgi.bak', '.hidden.cgi', 'a/cgi-bin/text.txt'):
        write(tmpdir, 'root/' + name, b'source of ' + to_bytes(name))
    return os.path.join(str(tmpdir), 'root')


def running(root, **options):
    """The site of a folder in which .cgi and cgi-bin run."""
    return site(root, programs=Programs({b'.cgi': told}, {b'cgi-bin': told}), **options)


@pytest.mark.parametrize('target, answer', [
    (b'/run.cgi', b'GET|/run.cgi|'),
    (b'/run.cgi?a=b', b'GET|/run.cgi|'),
    (b'/run.cgi/', b'GET|/run.cgi|/'),
    (b'/run.cgi/more/names', b'GET|/run.cgi|/more/names'),
    (b'/run.cgi/more/', b'GET|/run.cgi|/more/'),
    (b'/run.cgi//more///names', b'GET|/run.cgi|/more/names'),
    (b'/run.cgi/a%20b', b'GET|/run.cgi|/a b'),
    (b'/run.cgi/x/../y', b'GET|/run.cgi|/y'),
    (b'/run.cgi/other.php', b'GET|/run.cgi|/other.php'),
    (b'/run.cgi/run.cgi', b'GET|/run.cgi|/run.cgi'),
    (b'/r%75n.cgi', b'GET|/run.cgi|'),
    (b'/cgi-bin/anything', b'GET|/cgi-bin/anything|'),
    (b'/cgi-bin/anything/x', b'GET|/cgi-bin/anything|/x'),
    (b'/cgi-bin/sub/deep.txt/x', b'GET|/cgi-bin/sub/deep.txt|/x'),
    (b'/shop/', b'GET|/shop/index.cgi|')])
def test_a_program_gets_its_name_and_the_rest_of_the_path(root, target, answer):
    assert ask(running(root), target)[::2] == (200, answer)


@pytest.mark.parametrize('target, status', [
    (b'/other.php', 403), (b'/other.php/x', 404), (b'/copy.cgi.bak', 403), (b'/.hidden.cgi', 404),
    (b'/missing.cgi', 404), (b'/missing.cgi/x', 404), (b'/run.cgi/%2e%2e/%2e%2e/x', 400),
    (b'/run.cgi/a%00b', 400), (b'/run.cgi/a%2Fb', 400), (b'/run.cgi/a%0ab', 404),
    (b'/run.cgi/a%5cb', 404), (b'/cgi-bin/missing', 404), (b'/cgi-bin/', 403),
    (b'/cgi-bin/../other.php', 403)])
def test_a_path_that_cannot_run_is_refused(root, target, status):
    assert ask(running(root), target)[0] == status


class Remembering(object):
    """A handler whose scripts are remembered."""

    remembers = True


def test_a_script_is_remembered_for_a_moment_only():
    programs = Programs({})
    programs.remember(b'/x.cgi', Remembering(), None, 1000.0)
    found = [programs.remembered(b'/x.cgi', now) is not None for now in (1000.0, 1000.9, 1001.1)]
    assert found == [True, True, False]


def test_a_clock_that_is_set_back_makes_no_moment_longer():
    programs = Programs({})
    programs.remember(b'/x.cgi', Remembering(), None, 1000.0)
    assert programs.remembered(b'/x.cgi', 500.0) is None


def test_remembered_paths_go_with_time():
    programs = Programs({})
    for number in range(300):
        programs.remember(b'/x.cgi/%d' % number, Remembering(), None, 1000.0)
    programs.remember(b'/x.cgi', Remembering(), None, 1011.0)
    assert list(programs.known) == [b'/x.cgi']


def test_a_folder_with_the_suffix_of_a_program_is_a_folder(root):
    assert ask(running(root), b'/dir.cgi/file.txt')[2] == b'source of dir.cgi/file.txt'


def test_a_deeper_folder_of_that_name_is_an_ordinary_one(root):
    assert ask(running(root), b'/a/cgi-bin/text.txt')[2] == b'source of a/cgi-bin/text.txt'


def test_the_first_index_counts_if_it_is_no_program(root):
    assert ask(running(root), b'/plain/')[2] == b'source of plain/index.html'


@pytest.mark.parametrize('target', [b'/run.cgi', b'/shop/', b'/cgi-bin/anything'])
@pytest.mark.parametrize('method', [b'POST', b'PUT', b'DELETE', b'OPTIONS', b'HEAD'])
def test_a_program_gets_every_method(root, target, method):
    assert ask(running(root), target, method=method)[2].startswith(method + b'|')


def test_a_file_that_is_no_program_takes_no_post(root):
    assert ask(running(root), b'/page.html', method=b'POST')[0] == 405


@pytest.mark.parametrize('target', [b'/run.cgi', b'/cgi-bin/anything', b'/shop/', b'/other.php'])
def test_no_source_is_sent_without_programs(root, target):
    status, _, body = ask(site(root), target)
    assert status == 403
    assert b'source' not in body


@pytest.mark.parametrize('endings', [['app'], ['*']], ids=['given', 'any'])
def test_no_source_is_sent_if_its_ending_is_left_out(root, endings):
    write(root, 'lone.app', b'source')
    app = site(root, programs=Programs({b'.app': told}), ignored_endings=endings)
    assert ask(app, b'/lone')[0] == 404


@pytest.mark.parametrize('name', [b'page.app', b'page.app.bak'])
def test_no_source_is_sent_where_programs_do_not_run(root, name):
    write(root, 'in/' + name.decode('ascii'), b'source')
    programs = Programs({b'.app': told})
    programs.closed.append([b'in'])
    assert ask(site(root, programs=programs), b'/in/' + name)[0] == 403


def test_no_source_is_sent_if_the_file_system_ignores_case(root):
    write(root, 'CGI-BIN/anything', b'source')
    assert ask(running(root), b'/CGI-BIN/anything')[0] == 403


def test_a_listing_shows_the_programs_that_run(root):
    page = ask(running(root, listing=True), b'/')[2]
    assert b'run.cgi' in page
    assert b'other.php' not in page


def test_a_listing_shows_no_program_that_does_not_run(root):
    page = ask(site(root, listing=True), b'/')[2]
    assert b'run.cgi' not in page


def test_an_error_of_a_program_keeps_its_own_page(root):
    write(root, 'missing.html', b'our page')
    app = site(root, error_pages={404: 'missing.html'},
               programs=Programs({b'.cgi': lambda request, script: Response(404, body=b'its own')}))
    assert ask(app, b'/run.cgi')[2] == b'its own'
    assert ask(app, b'/nothing')[2] == b'our page'


@pytest.mark.skipif(os.name == 'nt', reason='modes of files tell nothing on Windows')
@pytest.mark.parametrize('name', ['run.cgi', '.'])
def test_a_program_that_everybody_may_change_is_not_run(root, name, expect_log):
    expect_log('everybody may change it')
    os.chmod(os.path.join(root, name), 0o777)
    try:
        assert ask(running(root), b'/run.cgi')[0] == 403
    finally:
        os.chmod(os.path.join(root, name), 0o755)


class Kind(object):
    """A kind of programs for these tests."""

    NAME = 'test'
    SUFFIXES = (b'.tst',)
    FOLDER = b'tests'
    OPTIONS = []
    closed = 0

    def __init__(self, where):
        self._where = where

    def check(self, options):
        """Does nothing: no option is wrong."""

    def suffixes(self, options):
        """The ones that it has."""
        return self.SUFFIXES

    def describe(self, options):
        """The words of the test."""
        return self._where

    def make(self, options, loop):
        """A handler that counts how often it is closed."""
        return self

    def __call__(self, request, script):
        return told(request, script)

    def close(self):
        """Counts."""
        self.closed += 1


@pytest.fixture
def kinds(monkeypatch):
    """The kinds of the server, which the test may fill."""
    found = []
    monkeypatch.setattr(programs_module, 'KINDS', found)
    return found


def test_a_kind_that_cannot_run_here_gets_no_request(kinds, root):
    kinds.append(Kind(None))
    write(root, 'x.tst', b'source')
    made = programs_module.make_programs(SCHEMA.parse([]), None)
    assert made.runner_of([b'x.tst']) is None


def test_the_first_line_names_what_runs(kinds, root):
    kinds.extend([Kind(u'tester'), Kind(None)])
    options = SCHEMA.parse(['--path', root])
    assert programs_module.described(options) == u'programs .tst tests/'
    assert TYPE.started_by_hand(options)[-1] == u'programs .tst tests/'


def test_the_first_line_leaves_out_suffixes_that_go_on_from_another(kinds):
    kind = Kind(u'tester')
    kind.suffixes = lambda options: (b'.php', b'.php3', b'.phtml')
    kinds.append(kind)
    assert programs_module.described(SCHEMA.parse([])) == u'programs .php .phtml tests/'


def test_the_first_line_is_silent_without_programs(kinds):
    kinds.append(Kind(u'tester'))
    assert programs_module.described(SCHEMA.parse(['--no-programs'])) is None


def test_no_programs_makes_none(kinds):
    kinds.append(Kind(u'tester'))
    assert programs_module.make_programs(SCHEMA.parse(['--no-programs']), None) is None


def test_a_runner_of_several_suffixes_is_closed_once(kinds):
    kind = Kind(u'tester')
    kinds.append(kind)
    programs_module.make_programs(SCHEMA.parse([]), None).close()
    assert kind.closed == 1


def test_two_kinds_cannot_have_one_suffix(kinds):
    other = Kind(u'other')
    other.NAME = 'other'
    kinds.extend([Kind(u'tester'), other])
    with pytest.raises(UsageError) as caught:
        SCHEMA.parse([])
    assert u'.tst is for test and for other' in caught.value.message


def test_a_script_tells_the_folder_and_the_site(root):
    seen = []

    def handler(request, script):
        """Keeps the script."""
        seen.append(script)
        return Response(204)

    app = site(root, programs=Programs({b'.cgi': handler}))
    ask(app, b'/run.cgi')
    assert seen[0].site is app
    assert seen[0].root == to_bytes(os.path.abspath(root))
