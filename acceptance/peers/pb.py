# Copyright the carryall authors.  See LICENSE.
"""Perspective Broker as ours speaks it: a server with something of every kind,
and a client that uses all of it.

    pb.py serve                    prints its port
    pb.py talk PORT [own]          a line for each thing that was right; status 0 if all were
    pb.py load PORT COUNT [friends|hold]    COUNT calls that bring references, 100 at a time;
                                            what is left is shown
"""
from __future__ import absolute_import, division, print_function

import os
import sys
import traceback

from carryall import runtimes
from carryall.core.auth.checkers import AnonymousChecker, MemoryChecker
from carryall.core.auth.credentials import Anonymous, UsernamePassword
from carryall.core.auth.portal import Portal
from carryall.core.future import coroutine, gather
from carryall.protocols import pb

PAGED = b''.join([bytes(bytearray(range(256)))] * 4096)         # 1 MiB


class Pond(pb.Copyable, pb.RemoteCopy):
    """Goes over as a copy."""

    def getTypeToCopy(self):
        return b'acceptance.Pond'


class Duck(pb.Cacheable):
    """Is cached and grows."""

    def __init__(self):
        self.age = 1
        self.observers = []

    def getStateToCacheAndObserveFor(self, perspective, observer):
        self.observers.append(observer)
        return {u'age': self.age}

    def getTypeToCopy(self):
        return b'acceptance.Duck'

    def stoppedObserving(self, perspective, observer):
        self.observers.remove(observer)

    def grow(self):
        """Tells every observer."""
        self.age += 1
        return gather([one.call_remote('setAge', self.age) for one in self.observers]).then(
            lambda _: self.age)


class RemoteDuck(pb.RemoteCache):
    """Stands for a Duck."""

    def observe_setAge(self, age):
        self.age = age


class Mirror(pb.Viewable):
    """An object that knows its viewer."""

    def view_who(self, perspective):
        return perspective.name


class Friend(pb.Referenceable):
    """Is called back."""

    def remote_hello(self, number):
        return number + 1


class User(pb.Avatar):
    """All methods of the scene."""

    def __init__(self, name, mind):
        self.name = name
        self.mind = mind
        self.duck = Duck()

    def perspective_echo(self, *args, **kwargs):
        return args, dict((u'%s' % key, value) for key, value in kwargs.items())

    def perspective_copy(self):
        pond = Pond()
        pond.frogs = 3
        pond.name = u'tarn'
        return pond

    def perspective_takeCopy(self, pond):
        return pond.frogs

    def perspective_cache(self):
        return self.duck

    def perspective_grow(self):
        return self.duck.grow()

    def perspective_observers(self):
        return len(self.duck.observers)

    def perspective_isDuck(self, duck):
        return duck is self.duck

    def perspective_view(self):
        return Mirror()

    def perspective_fail(self):
        raise pb.PBError(u'told')

    def perspective_crash(self):
        raise ValueError('of no concern')

    def perspective_page(self, collector):
        pb.send_pages(collector, pb.string_pages(PAGED))

    @pb.scoped
    def perspective_friend(self, friend):
        return friend.call_remote('hello', 41)

    def perspective_mind(self):
        return self.mind.call_remote('hello', 1)

    def perspective_new(self):
        return Friend()


class Realm(object):
    """Makes Users."""

    def avatar(self, name, credentials, mind):
        return User(name, mind)


def registry():
    """Which classes stand for the peer's."""
    made = pb.Registry()
    made.setUnjellyableForClass('acceptance.Pond', Pond)
    made.setUnjellyableForClass('acceptance.Duck', RemoteDuck)
    return made


def serve(loop):
    """Listens on a free port."""
    portal = Portal(Realm(), [MemoryChecker({u'anna': b'secret'}), AnonymousChecker()])
    root = pb.LoginRoot(portal)
    known = registry()
    brokers = []

    def make():
        brokers.append(pb.Broker(loop, root, registry=known, extensions=True))
        return brokers[-1]

    listener = loop.listen_tcp(make, '127.0.0.1', 0)
    print('listening on %s' % (listener.address,))
    sys.stdout.flush()

    def show():
        print('live: %s' % (max([(sum(broker.live()[:4]), broker.live()) for broker in brokers]
                                or [None])[1],))
        sys.stdout.flush()

    loop.add_signal_handler('USR1', show)
    loop.add_signal_handler('TERM', loop.stop)
    loop.run()


def check(right, what):
    """One line."""
    if not right:
        raise AssertionError(what)
    print('right: ' + what)
    sys.stdout.flush()


@coroutine
def expect(future, name):
    """The failure of a call, which must be of that type."""
    try:
        yield future
    except pb.RemoteError as exc:
        check(exc.remote_type.rpartition('.')[2] == name, 'the call failed with %s' % name)
        check('concern' not in exc.message, 'its text is hidden') if name == 'ValueError' \
            and OWN else None
    else:
        raise AssertionError('no failure: %s' % name)


@coroutine
def talk(loop, port):
    """Uses everything; each yield a statement of its own,
    for Jython's verifier refuses some that are not."""
    broker = yield pb.connect(loop, '127.0.0.1', port, registry=registry(), extensions=OWN)
    user = yield pb.login(broker, UsernamePassword(u'anna', b'secret'), Friend())
    sent = (1, -2 ** 40, 2.5, None, True, b'\0\xff', u'text', [1, (2,)], {u'a': set([3])})
    args, kwargs = yield user.call_remote('echo', *sent, key=u'v')
    check(args == sent and kwargs == {u'key': u'v'}, 'echo')
    circle = [1]
    circle.append((circle, 2))
    answer = yield user.call_remote('echo', circle)
    check(answer[0][0][1][0] is answer[0][0], 'a circle')
    pond = yield user.call_remote('copy')
    check((type(pond), pond.frogs, pond.name) == (Pond, 3, u'tarn'), 'copy')
    answer = yield user.call_remote('takeCopy', pond)
    check(answer == 3, 'a copy of ours')
    duck = yield user.call_remote('cache')
    check(duck.age == 1, 'cache')
    answer = yield user.call_remote('grow')
    check(answer == 2 and duck.age == 2, 'update')
    answer = yield user.call_remote('isDuck', duck)
    check(answer is True, 'a cache goes home')
    duck.release()
    answer = yield user.call_remote('observers')
    check(answer == 0, 'the cache was given back')
    mirror = yield user.call_remote('view')
    answer = yield mirror.call_remote('who')
    check(answer == u'anna', 'viewpoint')
    mirror.release()
    yield expect(user.call_remote('fail'), 'Error')
    yield expect(user.call_remote('crash'), 'ValueError')
    yield expect(user.call_remote('__class__'), 'NoSuchMethod' if OWN else 'AttributeError')
    pages = yield pb.get_all_pages(user, 'page')
    check(b''.join(pages) == PAGED, 'pages')
    answer = yield user.call_remote('friend', Friend())
    check(answer == 42, 'a friend is called back')
    answer = yield user.call_remote('mind')
    check(answer == 2, 'the mind is called back')
    yield user.call_remote('echo')
    check(broker.live().references == 1 and broker.live().caches == 0,
          'we refer to %s' % (broker.live(),))
    other = yield pb.connect(loop, '127.0.0.1', port, extensions=OWN)
    try:
        yield pb.login(other, UsernamePassword(u'anna', b'wrong'))
    except pb.Unauthorized:
        check(True, 'a wrong password')
    else:
        raise AssertionError('a wrong password came in')
    nobody = yield pb.login(other, Anonymous())
    answer = yield nobody.call_remote('echo')
    check(answer[0] == (), 'anonymous')
    print('all right')


@coroutine
def load(loop, port, count):
    """Many calls, each of which brings a reference of either side to the other."""
    broker = yield pb.connect(loop, '127.0.0.1', port)
    user = yield pb.login(broker, UsernamePassword(u'anna', b'secret'))

    @coroutine
    def worker(times):
        for number in range(times):
            if number % 2 or FEW:
                yield user.call_remote('friend', Friend())
            else:
                with (yield user.call_remote('new')) as new:
                    yield new.call_remote('hello', number)

    yield gather([worker(count // 100) for _ in range(100)])
    yield user.call_remote('echo')
    print('after %d calls: %s' % (count, broker.live()))
    check(sum(broker.live()[:4]) <= 32, 'few are left')
    sys.stdout.flush()
    if sys.argv[4:5] == ['hold']:
        yield broker.closed  # until somebody ends us: the server must be looked at meanwhile


OWN = sys.argv[3:4] == ['own']
FEW = sys.argv[4:5] == ['friends']          # Twisted's server makes no new friends


def main():
    """One of the three."""
    loop = runtimes.choose(os.environ.get('BACKEND'))
    if sys.argv[1] == 'serve':
        serve(loop)
        return 0
    task = talk(loop, int(sys.argv[2])) if sys.argv[1] == 'talk' else load(
        loop, int(sys.argv[2]), int(sys.argv[3]))
    task.add_done_callback(lambda _: loop.stop())
    loop.run()
    loop.close()
    error = task.exception()
    if error is not None:
        print('failed: %s: %s' % (type(error).__name__, error))
        print(''.join(traceback.format_exception(type(error), error,
                                                 getattr(error, '__traceback__', None))))
    return 0 if error is None else 1


if __name__ == '__main__':
    sys.exit(main())
