# Copyright the carryall authors.  See LICENSE.
"""Sessions of mod_python (feature MPY-14)."""
from __future__ import absolute_import, division, print_function

import os
import pickle

import pytest

from carryall.runtimes.host.namedlocks import NamedLocks
from carryall.services.modpython import pagesessions, sessionfiles
from carryall.services.modpython.sessionfiles import SessionFolder
from tests.services.modpython.sitekit import SiteKit

SOURCE = '''
from mod_python import Session
def handler(req):
    session = Session.Session(req, secret=req.args or None)
    session['hits'] = session.get('hits', 0) + 1
    session.save()
    req.write('%d %s' % (session['hits'], session.is_new()))
    return 0
'''
KINDS = ('MemorySession', 'FileSession', 'DbmSession')
OPTION = 'PythonOption mod_python.session.session_type '


def made(tmpdir, source, kind='MemorySession', more=''):
    """A site with sessions of a kind below *tmpdir*."""
    folder = tmpdir.join('kept')
    folder.ensure(dir=True)
    words = '%s%s\nPythonOption mod_python.session.database_directory %s\n%s' % (
        OPTION, kind, folder, more)
    return SiteKit(tmpdir.mkdir('site'), {'page.py': source}, more=words)


def cookie_of(answer):
    """The pair of the cookie that an answer sets."""
    return answer.fields['set-cookie'][0].partition(';')[0]


@pytest.fixture(params=KINDS)
def site(tmpdir, request):
    return made(tmpdir, SOURCE, request.param)


def test_a_session_counts_for_its_cookie(site):
    first = site.ask('/')
    assert first.body == b'1 True'
    assert site.ask('/', cookie=cookie_of(first)).body == b'2 False'
    assert site.ask('/', cookie=cookie_of(first)).body == b'3 False'
    assert site.ask('/').body == b'1 True'


@pytest.mark.parametrize('sid', ['0' * 32, '../../etc/passwd', 'x', ''])
def test_an_unknown_id_gets_another(site, sid):
    answer = site.ask('/', cookie='pysid=' + sid)
    assert answer.body == b'1 True'
    assert cookie_of(answer) != 'pysid=' + sid


def test_the_cookie_is_for_the_browser_alone(site):
    said = site.ask('/').fields['set-cookie'][0]
    assert said.endswith('; path=/; samesite=Lax; httponly')


def test_a_secret_signs_the_cookie(site):
    said = cookie_of(site.ask('/?secret'))
    assert len(said) == len('pysid=') + 64
    assert site.ask('/?secret', cookie=said).body == b'2 False'
    assert site.ask('/?secret', cookie=said.replace(said[6], '0', 1)[:-1] + 'x').body == b'1 True'


def test_a_session_ends_with_its_time(tmpdir):
    site = made(tmpdir, SOURCE)
    cookie = cookie_of(site.ask('/'))
    site.pipeline.wall = lambda: 1800.0
    assert site.ask('/', cookie=cookie).body == b'2 False'
    site.pipeline.wall = lambda: 3601.0
    assert site.ask('/', cookie=cookie).body == b'1 True'


@pytest.mark.parametrize('kind', KINDS)
def test_an_invalid_session_is_gone(tmpdir, kind):
    site = made(tmpdir, SOURCE.replace('    session.save()', '    if session["hits"] == 2:\n'
                                       '        session.invalidate()\n'
                                       '        return 0\n'
                                       '    session.save()'), kind)
    cookie = cookie_of(site.ask('/'))
    ended = site.ask('/', cookie=cookie)
    assert 'expires=Thu, 01-Jan-1970' in ended.fields['set-cookie'][0]
    assert site.ask('/', cookie=cookie).body == b'1 True'


def test_members_of_a_session(tmpdir):
    site = made(tmpdir, '''
from mod_python import Session
def handler(req):
    session = Session.MemorySession(req, timeout=60)
    session.set_timeout(90)
    req.write('%s %s %s %s %d' % (session.timeout(), session.created(), session.last_accessed(),
                                  len(session.id()), len(session)))
    return 0
''')
    assert site.ask('/').body == b'90 0.0 0.0 32 0'


def test_an_id_that_is_none_is_an_error_of_the_handler(tmpdir, expect_log):
    expect_log('ValueError')
    site = made(tmpdir, 'from mod_python import Session\n'
                        'def handler(req):\n    Session.Session(req, sid="x")\n')
    assert site.ask('/').status == 500


def test_options_name_cookie_and_place(tmpdir):
    site = made(tmpdir, SOURCE, more='PythonOption session_cookie_name own\n'
                                     'PythonOption ApplicationPath /app\n'
                                     'PythonOption mod_python.session.application_domain d.example')
    assert site.ask('/').fields['set-cookie'][0].startswith('own=')
    assert '; path=/app; domain=d.example; ' in site.ask('/').fields['set-cookie'][0]


def test_an_unknown_type_is_500(tmpdir, expect_log):
    expect_log('Unknown session type')
    assert made(tmpdir, SOURCE, 'Other').ask('/').status == 500


def test_a_busy_session_is_503(tmpdir, expect_log):
    site = made(tmpdir, SOURCE)
    cookie = cookie_of(site.ask('/'))
    site.pipeline.session_locks = NamedLocks(lambda: 0.0, waiting=0)
    site.pipeline.session_locks.acquire(cookie[len('pysid='):])
    expect_log('the session is busy')
    assert site.ask('/', cookie=cookie).status == 503


def test_a_session_is_unlocked_behind_the_response(tmpdir):
    site = made(tmpdir, SOURCE)
    site.ask('/')
    assert len(site.pipeline.session_locks) == 0


def test_two_of_one_request_do_not_wait_for_one_another(tmpdir):
    site = made(tmpdir, '''
from mod_python import Session
def handler(req):
    first = Session.Session(req)
    first.save()
    req.write(str(Session.Session(req, sid=first.id()).is_new()))
    return 0
''')
    assert site.ask('/').body == b'False'
    assert len(site.pipeline.session_locks) == 0


def test_sessions_in_memory_are_counted(tmpdir, monkeypatch):
    monkeypatch.setattr(pagesessions, 'MAX_SESSIONS', 2)
    site = made(tmpdir, SOURCE)
    cookies = []
    for number in range(3):
        site.pipeline.wall = lambda: float(number)
        cookies.append(cookie_of(site.ask('/')))
    assert [site.ask('/', cookie=cookie).body for cookie in cookies[1:]] == [b'2 False'] * 2
    assert site.ask('/', cookie=cookies[0]).body == b'1 True'


def test_a_stranger_s_pickle_is_never_read(tmpdir, expect_log, monkeypatch):
    site = made(tmpdir, SOURCE, 'FileSession')
    cookie = cookie_of(site.ask('/'))
    sid = cookie[len('pysid='):]
    path = tmpdir.join('kept', 'mp_sess', sid[:2], sid)
    path.write_binary(b'\0' * 32 + pickle.dumps({'_data': {}}, 2))
    monkeypatch.setattr(sessionfiles.pickle, 'loads', lambda data: pytest.fail('unpickled'))
    expect_log('a wrong seal')
    assert site.ask('/', cookie=cookie).body == b'1 True'


def test_a_folder_that_others_write_to_is_refused(tmpdir, expect_log):
    folder = tmpdir.join('kept', 'mp_sess')
    folder.ensure(dir=True)
    os.chmod(str(folder), 0o777)
    expect_log('this user alone may write')
    assert made(tmpdir, SOURCE, 'FileSession').ask('/').status == 500


def test_a_key_that_others_read_is_refused(tmpdir, expect_log):
    site = made(tmpdir, SOURCE, 'DbmSession')
    site.ask('/')
    os.chmod(str(tmpdir.join('kept', 'mp_sess.dbm.key')), 0o644)
    expect_log('this user alone may read')
    assert site.ask('/', cookie='pysid=' + '0' * 32).status == 500


def test_a_record_stays_whole_if_writing_fails(tmpdir, monkeypatch, expect_log):
    site = made(tmpdir, SOURCE, 'FileSession')
    cookie = cookie_of(site.ask('/'))

    def full(*_args):
        raise OSError('No space left on device')

    with monkeypatch.context() as patched:
        patched.setattr(sessionfiles.os, 'rename', full)
        expect_log('a session cannot be written')
        assert site.ask('/', cookie=cookie).body == b'2 False'
    assert site.ask('/', cookie=cookie).body == b'2 False'
    sid = cookie[len('pysid='):]
    assert [path.basename for path in tmpdir.join('kept', 'mp_sess', sid[:2]).listdir()] == [sid]


def test_old_files_are_swept(tmpdir):
    folder = SessionFolder(str(tmpdir.join('own')))
    now = os.stat(str(tmpdir)).st_mtime
    for number, timeout in ((0, 10), (1, 10 ** 6)):
        folder.save('%032x' % number, {'_accessed': now, '_timeout': timeout, '_data': {}})
    assert folder.sweep(now, 0, 0, True) == 0
    assert folder.sweep(now + 100, 0, 0, True) == 1
    assert folder.load('%032x' % 0) is None
    assert folder.load('%032x' % 1)['_timeout'] == 10 ** 6
    assert folder.sweep(now + 100, 1000, 0, False) == 0
    assert folder.sweep(now + 2000, 1000, 0, False) == 1


@pytest.mark.parametrize('kind', KINDS)
def test_old_sessions_are_looked_for_behind_a_response(tmpdir, kind, monkeypatch):
    monkeypatch.setattr(pagesessions, 'CLEANUP_CHANCE', 1)
    site = made(tmpdir, SOURCE, kind)
    cookie = cookie_of(site.ask('/'))
    site.pipeline.wall = lambda: 1e10
    site.ask('/')
    site.pipeline.wall = lambda: 0.0
    assert site.ask('/', cookie=cookie).body == b'1 True'


def test_a_session_of_the_site_s_own_kind(tmpdir):
    site = made(tmpdir, '''
from mod_python import Session
kept = {}
class Own(Session.BaseSession):
    def do_load(self):
        return kept.get(self.id())
    def do_save(self, record):
        kept[self.id()] = record
    def do_delete(self):
        kept.pop(self.id(), None)
def handler(req):
    session = Own(req)
    session['n'] = session.get('n', 0) + 1
    session.save()
    req.write(str(session['n']))
    return 0
''')
    cookie = cookie_of(site.ask('/'))
    assert site.ask('/', cookie=cookie).body == b'2'
