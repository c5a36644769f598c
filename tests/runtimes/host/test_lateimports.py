# Copyright the carryall authors.  See LICENSE.
"""Late imports are loaded ahead, and nothing is imported after that."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.runtimes.host import lateimports
from carryall.runtimes.platform import ON_JVM
from tests.commands.processes import LIMIT, run

# Loads everything, then uses what is known to import when it is first used,
# and tells what was not loaded by then.
SCRIPT = '''\
import sys
import carryall.commands.serverprocess, carryall.services.pb.service, carryall.services.web.access
from carryall import runtimes
loop = runtimes.choose()
from carryall.runtimes.host import lateimports
lateimports.load_all()
before = set(sys.modules)

import codecs, copy, hashlib, logging, os, socket, threading, time, traceback
time.strptime('2002-07-07', '%Y-%m-%d')
time.localtime()
os.urandom(8)
for text in (u'caf\\xe9', u'b\\xfccher.invalid'):
    text.encode('utf-8').decode('utf-8').encode('latin-1')
    text.encode('idna')
    text.encode('ascii', 'backslashreplace')
try:
    socket.getaddrinfo(u'localhost', 80)
    socket.getaddrinfo('', 'no such service')
except (socket.error, UnicodeError):
    pass
try:
    1 // 0
except ZeroDivisionError:
    logging.getLogger('x').addHandler(logging.NullHandler())
    logging.getLogger('x').exception('late')
    traceback.format_exc()
thread = threading.Thread(target=lambda: hashlib.new('sha1', b'').digest())
thread.start()
thread.join()
loop.crypto.why_no_scrypt()
loop.caps
copy.copy([])
loop.close()
more = sorted(name for name in set(sys.modules) - before if sys.modules[name] is not None)
sys.stdout.write(' '.join(more) + '\\n')
'''


@pytest.mark.limit(LIMIT)
def test_nothing_is_imported_after_load_all(tmpdir):
    """A process that has loaded everything imports no further module for names, threads, codecs,
    hashes and tracebacks."""
    script = tmpdir.join('script.py')
    script.write(SCRIPT)
    status, output, errors = run(str(script))
    assert status == 0, errors
    loaded = [name for name in output.split() if not ON_JVM or name.startswith('carryall.')]
    assert loaded == []


def test_late_imports_of_loaded_modules_are_loaded(monkeypatch):
    """A row counts only when its first module is loaded; what it brings in counts too."""
    asked = []
    monkeypatch.setattr(lateimports, 'LATE', (
        ('none.such', 'not.asked'), ('carryall.fresh', 'carryall.later'),
        ('carryall.runtimes.host.lateimports', 'carryall.fresh')))
    modules = {'carryall.runtimes.host.lateimports': lateimports}

    def load(name):
        asked.append(name)
        modules[name] = lateimports
    monkeypatch.setattr(lateimports, '_load', load)
    monkeypatch.setattr(lateimports.sys, 'modules', modules)
    lateimports._load_ours()
    assert asked == ['carryall.fresh', 'carryall.later']


def test_libraries_of_the_name_service(tmpdir):
    """nsswitch.conf(5): the sources of hosts, users and groups; actions in brackets, comments and
    other databases do not count."""
    conf = tmpdir.join('nsswitch.conf')
    conf.write('# hosts: nowhere\npasswd: files systemd\nhosts: files mdns4_minimal '
               '[NOTFOUND=return] dns # more\nethers: db\n')
    assert lateimports.nss_libraries(str(conf)) == [
        'libnss_dns.so.2', 'libnss_files.so.2', 'libnss_mdns4_minimal.so.2', 'libnss_systemd.so.2']


def test_no_name_service_file(tmpdir):
    """A system without the file has nothing to load."""
    assert lateimports.nss_libraries(str(tmpdir.join('none'))) == []
