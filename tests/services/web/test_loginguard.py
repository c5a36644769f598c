# Copyright the carryall authors.  See LICENSE.
"""Log-in to a site: challenges, accounts, delays and bans, and no password is ever written down
(WEB-13, X-06)."""
from __future__ import absolute_import, division, print_function

import base64
import io
import logging
import os

import pytest

from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.passwordfile import PasswordTable
from carryall.core.errors import UsageError
from carryall.core.logs import JSONFormatter, LineFormatter
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.core.tls import TLSInfo
from carryall.core.net.transport import Address
from carryall.protocols.http.client import Login
from carryall.protocols.http import Response, Site
from carryall.services.web import loginguard as guard
from carryall.services.web.accesslog import AccessLog
from carryall.services.web.loginguard import BasicScheme, DigestScheme, Door
from carryall.services.web.pathrules import EVERY_ACCOUNT, PathRules
from tests.core.auth.kit import quick
from tests.services.web.support import write
from tests.services.web.test_digestfile import REALM, both

SECURE = TLSInfo('TLSv1.3', 'X', 'http/1.1', None, None, False, None)
EVERYTHING = PathRules([(b'/', EVERY_ACCOUNT)])
SECRET = u'correct horse \u00e9'
WRONG = u'battery staple'


# -- requests ----------------------------------------------------------------

class World(object):
    """A site behind a door, and clients of it."""

    def __init__(self, tmpdir, rules=EVERYTHING, digest=False, **more):
        self.loop = VirtualLoop()
        # Long after the files, so that they are settled
        self.loop.wall = lambda: 4e9 + self.loop.now
        self.attempts = LoginGuard(self.loop)
        table = PasswordTable()
        for name, password in ((u'anna', SECRET), (u'bert', u'b'), (u'stale', u's')):
            table = table.with_account(name, quick(password.encode('utf-8')))
        self.path = write(tmpdir, 'users',
                          both(b'anna', SECRET.encode('utf-8')) + both(b'stale', b's') if digest
                          else table.to_bytes())
        self.log = os.path.join(str(tmpdir), 'access.log')
        self.scheme = (DigestScheme if digest else BasicScheme)(self.path, REALM, self.loop)
        self.door = Door(rules, self.scheme, self.loop, self.attempts, **more)
        self.seen = []
        self.access_log = AccessLog(self.log, self.loop, 'combined')
        self.site = Site(self.door.protect(self._app), self.loop, access_log=self.access_log)

    def _app(self, request):
        self.seen.append(request.user)
        self.auth_type = request.auth_type
        assert (request.user is None or b'authorization' not in request.headers and b'host'
                in request.headers), 'for us alone'
        return Response(200, body=b'inside')

    def wire(self, host='127.0.0.1', tls=None):
        """A connection from there."""
        return FakeTransport(self.loop, peername=Address(host, 5), tls=tls).connect(self.site())

    def ask(self, wire, *fields, **more):
        """(status, head, body) of a GET; it takes as long as it takes, up to *seconds*."""
        target = more.get('target', b'/')
        wire.feed(b'GET ' + target + b' HTTP/1.1\r\nHost: h\r\n'
                  + b''.join(field + b'\r\n' for field in fields) + b'\r\n')
        self.loop.advance(more.get('seconds', 60))
        head, _, body = wire.take().partition(b'\r\n\r\n')
        return int(head[9:12] or 0), head, body

    def basic(self, name, password):
        """The field that our own client sends."""
        return b'Authorization: ' + Login(name, password, at_once=True).authorization(b'GET', b'/')


@pytest.fixture
def new_world(tmpdir):
    """Makes Worlds, and closes what they have open."""
    made = []

    def make(*args, **more):
        made.append(World(tmpdir, *args, **more))
        return made[-1]

    yield make
    for each in made:
        each.access_log.close()


@pytest.fixture
def world(new_world):
    """With Basic, everywhere."""
    return new_world()


def test_basic_admits_the_right_password_alone(world):
    """Asked, let in, by name; a wrong password and an unknown name look the same."""
    wire = world.wire()
    status, head, body = world.ask(wire)
    assert status == 401
    assert b'\r\nWWW-Authenticate: Basic realm="the room", charset="UTF-8"' in head
    assert body == b'401 Unauthorized\n'
    assert world.ask(wire, world.basic(u'anna', SECRET))[::2] == (200, b'inside')
    assert world.seen == [u'anna']
    wrong = [world.ask(wire, world.basic(*pair)) for pair
             in ((u'anna', WRONG), (u'nobody', SECRET), (u'anna', u''), (u'', u''))]
    assert len(set((status, body) for status, _, body in wrong)) == 1
    assert wrong[0][0] == 401
    assert b'WWW-Authenticate: Basic ' in wrong[0][1]
    assert not wire.closed
    assert world.seen == [u'anna']


def test_a_request_tells_its_scheme(new_world):
    world = new_world(rules=PathRules([(b'/staff', EVERY_ACCOUNT)]))
    wire = world.wire()
    world.ask(wire, world.basic(u'anna', SECRET))
    assert world.auth_type is None
    world.ask(wire, world.basic(u'anna', SECRET), target=b'/staff')
    assert world.auth_type == b'Basic'


@pytest.mark.parametrize('fields, status', [
    ([b'Authorization: Bearer x'], 401), ([b'Authorization: Basic'], 401),
    ([b'Authorization: Basic !'], 401), ([b'Authorization:'], 401),
    ([b'Authorization: Digest a=b'], 401),
    ([b'Authorization: Basic YTpi', b'Authorization: Basic YTpi'], 400),
    ([b'Proxy-Authorization: Basic YTpi'], 401)])
def test_an_empty_proof_is_no_failed_login(world, fields, status):
    """It is no failed login either: nothing was tried."""
    assert world.ask(world.wire(), *fields)[0] == status
    assert world.attempts.failures == 0
    assert world.seen == []


def test_rules_of_accounts(new_world):
    """An account without permission gets 403 and no new challenge; open paths stay open."""
    world = new_world(PathRules([(b'/a', EVERY_ACCOUNT), (b'/b', frozenset([u'anna']))]))
    wire = world.wire()
    found = [(name, target,
              world.ask(wire, *([world.basic(name, password)] if name else []), target=target)[0])
             for name,
             password in ((u'', u''), (u'anna', SECRET), (u'bert', u'b')) for target
             in (b'/', b'/a/x', b'/b')]
    assert (found
            == [(u'', b'/', 200), (u'', b'/a/x', 401), (u'', b'/b', 401), (u'anna', b'/', 200),
                (u'anna', b'/a/x', 200), (u'anna', b'/b', 200),
                     (u'bert', b'/', 200), (u'bert', b'/a/x', 200), (u'bert', b'/b', 403)])
    assert (world.seen
            == [None, None, u'anna', u'anna', None,
                u'bert']), 'a name stands where one was asked for'


@pytest.mark.parametrize('host, tls, clear, status', [
    ('192.0.2.1', None, False, 403), ('192.0.2.1', SECURE, False, 200),
    ('192.0.2.1', None, True, 200), ('127.0.0.1', None, False, 200), ('::1', None, False, 200),
    ('2001:db8::1', None, False, 403)])
def test_passwords_in_clear(new_world, host, tls, clear, status):
    """From elsewhere they are not asked for over http, so that no browser sends one; and not looked
    at.
    """
    world = new_world(clear_passwords=clear)
    wire = world.wire(host, tls)
    asked, head, _ = world.ask(wire)
    assert asked == (403 if status == 403 else 401)
    assert (b'WWW-Authenticate' in head) == (status == 200)
    assert world.ask(wire, world.basic(u'anna', SECRET))[0] == status
    assert world.attempts.failures == 0


def test_failures_are_answered_late(world):
    """Later each time; a success starts again; what is pipelined waits behind."""
    wire = world.wire('192.0.2.1', SECURE)
    for seconds in (1, 2, 4):
        assert (world.ask(wire, world.basic(u'anna', WRONG), seconds=seconds - 0.1)[0]
                == 0), 'not yet'
        world.loop.advance(0.2)
        assert wire.take().startswith(b'HTTP/1.1 401 ')
    assert world.ask(wire, world.basic(u'anna', SECRET), seconds=0.1)[0] == 200
    assert world.ask(wire, world.basic(u'anna', WRONG), seconds=1.1)[0] == 401


def test_a_client_that_leaves_leaves_no_timer(world):
    """No timer is left, and the failure counted."""
    wire = world.wire()
    world.ask(wire, world.basic(u'anna', WRONG), seconds=0.1)
    wire.lose()
    world.loop.advance(20)
    assert world.attempts.failures == 1
    assert world.loop.failures == []
    assert world.ask(world.wire(), world.basic(u'anna', SECRET))[0] == 200


def test_a_guessing_client_is_shut_out(world, expect_log):
    """429, with the right password too; others are not concerned, nor what is open."""
    expect_log(r'192\.0\.2\.1 is shut out')
    tries = 0
    while not world.attempts.refused('192.0.2.1') and tries < 20:
        assert (world.ask(world.wire('192.0.2.1', SECURE), world.basic(u'anna', WRONG),
                          seconds=17)[0] == 401)
        tries += 1
    assert 10 <= tries < 20, 'ten, and some that time has healed'
    status, head, _ = world.ask(world.wire('192.0.2.1', SECURE), world.basic(u'anna', SECRET))
    assert status == 429
    assert b'\r\nRetry-After: 600' in head
    assert b'\r\nConnection: close' in head
    assert world.ask(world.wire('192.0.2.2', SECURE), world.basic(u'anna', SECRET))[0] == 200
    world.loop.advance(600)
    assert world.ask(world.wire('192.0.2.1', SECURE), world.basic(u'anna', SECRET))[0] == 200


def test_parallel_guesses_do_not_reveal_the_right_password(world, expect_log):
    expect_log(r'192\.0\.2\.1 is shut out')
    wires = [world.wire('192.0.2.1', SECURE) for _ in range(11)]
    for number, wire in enumerate(wires):
        field = world.basic(u'anna', SECRET if wire is wires[-1] else WRONG + u'%d' % number)
        wire.feed(b'GET / HTTP/1.1\r\nHost: h\r\n' + field + b'\r\n\r\n')
    world.loop.advance(60)
    assert wires[-1].take().startswith(b'HTTP/1.1 429 ')
    assert world.seen == []


def _count_checks(world, monkeypatch):
    """A list that grows with each password that is hashed."""
    checks = []
    portal = world.scheme._portal
    login = portal.login
    monkeypatch.setattr(portal, 'login', lambda *args: checks.append(1) or login(*args))
    return checks


def test_a_right_password_is_hashed_once(world, monkeypatch):
    """For a while, until the file changes, or until a reload."""
    checks = _count_checks(world, monkeypatch)
    wire = world.wire()
    for _ in range(3):
        assert world.ask(wire, world.basic(u'anna', SECRET), seconds=1)[0] == 200
    assert len(checks) == 1
    world.loop.advance(guard.REMEMBER_SECONDS)
    wire = world.wire()
    assert world.ask(wire, world.basic(u'anna', SECRET), seconds=1)[0] == 200, 'it ages'
    assert len(checks) == 2, 'it ages'
    world.door.reload()
    assert world.ask(wire, world.basic(u'anna', SECRET), seconds=1)[0] == 200, 'a reload'
    assert len(checks) == 3, 'a reload'
    with io.open(world.path, 'wb') as target:
        target.write(PasswordTable().with_account(u'anna', quick(b'another one')).to_bytes())
    assert world.ask(wire, world.basic(u'anna', SECRET))[0] == 401, 'the file has changed'
    assert len(checks) == 4, 'the file has changed'
    assert world.ask(wire, world.basic(u'anna', u'another one'))[0] == 200
    assert len(checks) == 5


def test_remembered_logins_are_bounded_and_hashed(world, monkeypatch):
    """An HMAC of each, with a key that is nowhere else."""
    monkeypatch.setattr(guard, 'MAX_REMEMBERED', 2)
    for name, password in ((u'anna', SECRET), (u'bert', u'b'), (u'stale', u's')):
        assert world.ask(world.wire(), world.basic(name, password))[0] == 200
    assert len(world.scheme._right) == 2
    assert all(len(key) == 32 for key in world.scheme._right)
    assert world.scheme._asked == {}


def test_the_same_password_at_once(world, monkeypatch):
    """A browser that opens six connections: one check for all; one that goes away does not take it
    from the others.
    """
    checks = _count_checks(world, monkeypatch)
    wires = [world.wire() for _ in range(6)]
    for wire in wires:
        wire.feed(b'GET / HTTP/1.1\r\nHost: h\r\n' + world.basic(u'anna', SECRET) + b'\r\n\r\n')
    wires[0].lose()
    world.loop.advance(1)
    assert [wire.take()[:12] for wire in wires[1:]] == [b'HTTP/1.1 200'] * 5
    assert len(checks) == 1


# -- Digest ------------------------------------------------------------------

def _login(world, wire, name=u'anna', password=SECRET):
    """A client that has been asked."""
    login = Login(name, password)
    status, head, _ = world.ask(wire, seconds=1)
    values = [line.partition(b': ')[2] for line in head.split(b'\r\n')
              if line.startswith(b'WWW-Authenticate: ')]
    assert status == 401, head
    assert login.challenged(values), head
    return login


def _field(login, target=b'/'):
    return b'Authorization: ' + login.authorization(b'GET', target)


def test_digest_works_over_http(new_world):
    """Over http from anywhere: the password is not sent.  An account may be called stale."""
    world = new_world(digest=True)
    wire = world.wire('192.0.2.1')
    login = _login(world, wire)
    field = _field(login)
    assert b'algorithm=SHA-256' in field
    assert world.ask(wire, field)[::2] == (200, b'inside')
    status, head, _ = world.ask(wire, field)
    assert status == 401, 'played back'
    assert b'stale=true' in head, 'played back'
    assert world.ask(wire, _field(login))[0] == 200
    assert world.seen == [u'anna', u'anna']
    assert world.auth_type == b'Digest'
    assert world.ask(wire, _field(_login(world, wire, u'stale', u's')))[0] == 200
    assert world.seen[-1] == u'stale'
    assert world.attempts.failures == 0
    for name, password in ((u'anna', WRONG), (u'nobody', SECRET)):
        status, head, _ = world.ask(wire, _field(_login(world, wire, name, password)))
        assert status == 401
        assert b'stale' not in head
    assert world.attempts.failures == 2
    assert world.ask(wire, b'Authorization: Basic YTpi')[0] == 401
    assert world.attempts.failures == 2


def test_digest_of_another_target(new_world):
    """An answer is for one request."""
    world = new_world(digest=True)
    wire = world.wire()
    login = _login(world, wire)
    assert world.ask(wire, _field(login, b'/a'), target=b'/b')[0] == 401
    assert world.ask(wire, _field(login, b'/a?b'), target=b'/a?b')[0] == 200


def test_a_client_guessing_at_digest_is_shut_out(new_world, expect_log):
    """As with Basic: 429 to the right answer too, and what a ban costs is answered late."""
    expect_log(r'192\.0\.2\.1 is shut out')
    world = new_world(digest=True)
    tries = 0
    while not world.attempts.refused('192.0.2.1') and tries < 20:
        wire = world.wire('192.0.2.1')
        assert world.ask(wire, _field(_login(world, wire, password=WRONG)), seconds=17)[0] == 401
        tries += 1
    assert 10 <= tries < 20, 'ten, and some that time has healed'
    other = world.wire('192.0.2.2')
    right = _field(_login(world, other))
    status, head, _ = world.ask(world.wire('192.0.2.1'), right)
    assert status == 429
    assert b'\r\nConnection: close' in head
    assert world.seen == []
    assert world.ask(other, right)[0] == 200, 'others are not concerned'


def test_parallel_digests_do_not_reveal_the_right_password(new_world, expect_log):
    expect_log(r'192\.0\.2\.1 is shut out')
    world = new_world(digest=True)
    wires = [world.wire('192.0.2.1') for _ in range(11)]
    fields = [_field(_login(world, wire, password=SECRET if wire is wires[-1] else WRONG)) for wire
              in wires]
    for wire, field in zip(wires, fields):
        wire.feed(b'GET / HTTP/1.1\r\nHost: h\r\n' + field + b'\r\n\r\n')
    world.loop.advance(60)
    assert wires[-1].take().startswith(b'HTTP/1.1 429 ')
    assert world.seen == []


def test_digest_from_a_password_file(tmpdir):
    """Said plainly, at the start."""
    path = write(tmpdir, 'users', PasswordTable().with_account(u'anna', quick(b'x')).to_bytes())
    with pytest.raises(UsageError) as caught:
        DigestScheme(path, REALM, VirtualLoop())
    assert u'salted hashes' in caught.value.message


# -- logs --------------------------------------------------------------------

def _forms(name, password):
    """The ways in which a password comes along the wire."""
    both_ = (u'%s:%s' % (name, password)).encode('utf-8')
    return [password.encode('utf-8'), base64.b64encode(password.encode('utf-8')),
            base64.b64encode(both_), both_]


@pytest.mark.parametrize('digest', [False, True])
def test_no_log_holds_a_password(new_world, digest, expect_log):
    """Neither ours at its most talkative, as lines or as JSON, nor the access log; right passwords
    and wrong ones.
    """
    expect_log('.', required=False)
    out = io.StringIO()
    root = logging.getLogger('carryall')
    targets = []
    for formatter in (LineFormatter(), JSONFormatter()):
        target = logging.StreamHandler(out)
        target.setFormatter(formatter)
        targets.append(target)
        root.addHandler(target)
    level = root.level
    root.setLevel(logging.DEBUG)
    try:
        world = new_world(digest=digest)
        for name, password in [(u'anna', SECRET), (u'anna', WRONG),
                               (u'nobody', WRONG)] + [(u'anna', WRONG)] * 16:
            wire = world.wire('192.0.2.1', SECURE)
            field = world.basic(name, password)
            if digest and not world.attempts.refused('192.0.2.1'):
                field = _field(_login(world, wire, name, password))
            world.ask(wire, field, seconds=20)
            world.ask(wire, field, b'Content-Length: x', seconds=1)
            world.ask(world.wire(), field, b'Bad Header: x', seconds=1)
        world.access_log.close()
    finally:
        root.setLevel(level)
        for target in targets:
            root.removeHandler(target)
    with open(world.log, 'rb') as source:
        written = source.read() + out.getvalue().encode('utf-8')
    assert b' - anna [' in written, 'there is something to look through'
    assert b'nobody' in written, 'there is something to look through'
    assert b'shut out' in written, 'there is something to look through'
    for name in (u'anna', u'nobody'):
        for password in (SECRET, WRONG):
            for form in _forms(name, password):
                assert form not in written, form
    assert b'response=' not in written
    assert b'Basic ' not in written


@pytest.mark.parametrize('digest', [False, True])
def test_a_login_that_cannot_be_judged_is_no_failure(new_world, digest, expect_log):
    """503 with Retry-After (RFC 9110 section 15.6.4), as long as the file is not there; nothing is
    counted.
    """
    expect_log('could not be judged')
    world = new_world(digest=digest)
    wire = world.wire('192.0.2.1', SECURE)
    login = _login(world, wire) if digest else None

    def given():
        return _field(login) if digest else world.basic(u'anna', SECRET)

    os.rename(world.path, world.path + '.away')
    for _ in range(3):
        status, head, _ = world.ask(wire, given())
        assert status == 503
        assert b'\r\nRetry-After: 5' in head
    assert world.attempts.failures == 0
    os.rename(world.path + '.away', world.path)
    assert world.ask(wire, given())[0] == 200
