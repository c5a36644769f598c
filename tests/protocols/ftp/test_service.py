# Copyright the carryall authors.  See LICENSE.
"""FTPSite: settings and hooks."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from carryall.protocols.ftp.hooks import Observer, TransferRecord
from carryall.protocols.ftp.service import FTPSite
from tests.protocols.ftp.stage import Talk, make_site


def test_settings_have_names():
    with pytest.raises(TypeError):
        FTPSite(VirtualLoop(), None, banana=1)


def test_nothing_is_shared_by_chance():
    loop = VirtualLoop()
    one, two = make_site(loop), make_site(loop)
    assert one.sessions is not two.sessions and one.limits is not two.limits and one.banner is not two.banner, 'shared'


def test_abort_cuts_all():
    loop = VirtualLoop()
    site = make_site(loop)
    talks = [Talk(site=site, loop=loop) for _ in range(3)]
    site.abort()
    loop.advance()
    assert all(talk.wire.aborted for talk in talks) and not site.sessions, 'somebody is left'


def test_an_observer_need_do_nothing():
    record = TransferRecord(True, (b'a',), 5, 1.0, False, True, None, '127.0.0.1')
    watcher = Observer()
    for call in (lambda: watcher.logged_in(None, ''), lambda: watcher.login_failed(u'', ''), lambda: watcher.transferred(record),
                 lambda: watcher.logged_out(None, '')):
        assert call() is None, 'it answers'
