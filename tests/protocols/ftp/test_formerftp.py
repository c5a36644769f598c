# Copyright the carryall authors.  See LICENSE.
"""Former names of FTP work and warn."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import NullTLS, VirtualLoop
from carryall.core.tls import TLSContext
from carryall.protocols.ftp import formerftp
from carryall.services.ftp.memoryfiles import MemoryFiles
from tests.protocols.ftp.stage import FILES, People, Watcher, make_site


def test_a_site_gives_servers_with_its_hooks_and_settings():
    loop = VirtualLoop()
    watcher = Watcher()
    with pytest.warns(DeprecationWarning):
        limits = formerftp.Limits(idle_seconds=7.0, login_delay=3.0)
    with pytest.warns(DeprecationWarning):
        site = formerftp.FTPSite(loop, People(MemoryFiles(FILES)), limits=limits, observer=watcher,
                                 tls_login=True, digests=True)
    server = site()
    assert server.settings.idle_seconds == 7.0
    assert server.settings.tls_required == 'login'
    assert server.settings.digests
    assert server.service.guard.delay == 3.0
    server.service.login_failed(u'anna', '')
    assert watcher.seen == [('failed', u'anna', '')]


@pytest.mark.parametrize('tls, context', [
    (None, None), (formerftp.EXPLICIT, TLSContext(verify=False))])
def test_a_client_connects_with_the_former_words(tls, context):
    loop = VirtualLoop(tls=NullTLS())
    loop.listen_tcp(make_site(loop, tls=TLSContext(identity='null')), '127.0.0.1', 2121)
    with pytest.warns(DeprecationWarning):
        done = formerftp.connect(loop, '127.0.0.1', 2121, tls, context, passive=False, believe=True)
    session = loop.run_until(done)
    assert isinstance(session, formerftp.FTPSession)
    assert session.settings.believe_address
    assert not session.settings.passive
