# Copyright the carryall authors.  See LICENSE.
"""Perspective Broker as Twisted speaks it: a server with something of every kind,
and a client that uses all of it.

    pb_twisted_py3.py serve            prints its port
    pb_twisted_py3.py words            likewise, a chat
    pb_twisted_py3.py talk PORT        a line for each thing that was right; status 0 if all were
    pb_twisted_py3.py chat PORT        likewise, two users of a chat
"""
import sys

from twisted.cred import checkers, credentials, portal
from twisted.internet import defer, reactor, task
from twisted.python import log
from twisted.spread import pb, util
from twisted.words import service as words
from zope.interface import implementer

PAGED = bytes(range(256)) * 4096            # 1 MiB


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
        return {'age': self.age}

    def getTypeToCopy(self):
        return b'acceptance.Duck'

    def stoppedObserving(self, perspective, observer):
        self.observers = [one for one in self.observers
                          if one.perspective is not observer.perspective]

    def grow(self):
        """Tells every observer."""
        self.age += 1
        return defer.gatherResults([one.callRemote('setAge', self.age) for one in self.observers])


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
        self.friends = []

    def perspective_echo(self, *args, **kwargs):
        return args, kwargs

    def perspective_copy(self):
        pond = Pond()
        pond.frogs = 3
        pond.name = 'tarn'
        return pond

    def perspective_takeCopy(self, pond):
        return pond.frogs

    def perspective_cache(self):
        return self.duck

    def perspective_grow(self):
        return self.duck.grow().addCallback(lambda _: self.duck.age)

    def perspective_observers(self):
        return len(self.duck.observers)

    def perspective_isDuck(self, duck):
        return duck is self.duck

    def perspective_view(self):
        return Mirror()

    def perspective_fail(self):
        raise pb.Error('told')

    def perspective_crash(self):
        raise ValueError('of no concern')

    def perspective_page(self, collector):
        util.StringPager(collector, PAGED, 65536)

    def perspective_friend(self, friend):
        return friend.callRemote('hello', 41)

    def perspective_mind(self):
        return self.mind.callRemote('hello', 1)


@implementer(portal.IRealm)
class Realm:
    """Makes Users."""

    def requestAvatar(self, name, mind, *interfaces):
        if isinstance(name, bytes):
            name = name.decode()
        elif not isinstance(name, str):
            name = 'anonymous'
        return pb.IPerspective, User(name, mind), lambda: None


def serve():
    """Listens on a free port."""
    pb.setUnjellyableForClass('acceptance.Pond', Pond)
    guarded = portal.Portal(Realm(),
                            [checkers.InMemoryUsernamePasswordDatabaseDontUse(anna=b'secret'),
                             checkers.AllowAnonymousAccess()])
    port = reactor.listenTCP(0, pb.PBServerFactory(guarded), interface='127.0.0.1')
    print('listening on 127.0.0.1:%d' % port.getHost().port, flush=True)
    reactor.run()


def serve_words():
    """Twisted's chat, whose groups come about when somebody asks for them."""
    realm = words.InMemoryWordsRealm('acceptance')
    realm.createGroupOnRequest = True
    guarded = portal.Portal(realm, [checkers.InMemoryUsernamePasswordDatabaseDontUse(
        anna=b'secret', ben=b'secret')])
    port = reactor.listenTCP(0, pb.PBServerFactory(guarded, True), interface='127.0.0.1')
    print('listening on 127.0.0.1:%d' % port.getHost().port, flush=True)
    reactor.run()


def check(right, what):
    """One line."""
    if not right:
        raise AssertionError(what)
    print('right: ' + what, flush=True)


async def expect(deferred, name):
    """The failure of a call, which must be of that type."""
    try:
        await deferred
    except Exception as exc:
        found = getattr(exc, 'remoteType', b'%s' % type(exc).__name__.encode())
        found = found.decode() if isinstance(found, bytes) else found
        check(found.rpartition('.')[2] == name, 'the call failed with %s' % name)
        return str(exc)
    raise AssertionError('no failure')


async def talk(port):
    """Uses everything."""
    pb.setUnjellyableForClass('acceptance.Pond', Pond)
    pb.setUnjellyableForClass('acceptance.Duck', RemoteDuck)
    factory = pb.PBClientFactory()
    reactor.connectTCP('127.0.0.1', port, factory)
    user = await factory.login(credentials.UsernamePassword(b'anna', b'secret'), Friend())
    args, kwargs = await user.callRemote('echo', 1, -2 ** 40, 2.5, None, True, b'\0\xff', 'text',
                                         [1, (2,)], {'a': {3}}, key='v')
    check(args == (1, -2 ** 40, 2.5, None, True, b'\0\xff', 'text', [1, (2,)], {'a': {3}})
          and kwargs == {'key': 'v'}, 'echo')
    circle = [1]
    circle.append((circle, 2))
    (back,), _ = await user.callRemote('echo', circle)
    check(back[1][0] is back, 'a circle')
    pond = await user.callRemote('copy')
    check((type(pond), pond.frogs, pond.name) == (Pond, 3, 'tarn'), 'copy')
    check(await user.callRemote('takeCopy', pond) == 3, 'a copy of ours')
    duck = await user.callRemote('cache')
    check(duck.age == 1 and await user.callRemote('grow') == 2 and duck.age == 2,
          'cache and update')
    check(await user.callRemote('isDuck', duck) is True, 'a cache goes home')
    del duck
    for _ in range(100):
        if await user.callRemote('observers') == 0:
            break
    check(await user.callRemote('observers') == 0, 'the cache was given back')
    mirror = await user.callRemote('view')
    check(await mirror.callRemote('who') == 'anna', 'viewpoint')
    check('told' in await expect(user.callRemote('fail'), 'Error'), 'its text')
    check('concern' not in await expect(user.callRemote('crash'), 'ValueError'), 'no text')
    await expect(user.callRemote('__class__'), 'NoSuchMethod')
    check(b''.join(await util.getAllPages(user, 'page')) == PAGED, 'pages')
    check(await user.callRemote('friend', Friend()) == 42, 'a friend is called back')
    check(await user.callRemote('mind') == 2, 'the mind is called back')
    check(user.broker.currentLocalID < 100 and len(user.broker.localObjects) <= 4,
          'we keep %d objects' % len(user.broker.localObjects))
    other = pb.PBClientFactory()
    reactor.connectTCP('127.0.0.1', port, other)
    await expect(other.login(credentials.UsernamePassword(b'anna', b'wrong')), 'UnauthorizedLogin')
    nobody = await other.login(credentials.Anonymous())
    check((await nobody.callRemote('echo'))[0] == (), 'anonymous')
    print('all right', flush=True)


class Mind(words.PBMind):
    """Hears what is said in a chat."""

    def __init__(self):
        self.heard = []

    def remote_userJoined(self, group, user):
        self.heard.append((group.name, 'joined'))

    def remote_userLeft(self, group, user, reason):
        self.heard.append((group.name, reason))

    def remote_receive(self, sender, recipient, message):
        self.heard.append((recipient.name, message['text'], isinstance(sender, pb.RemoteReference)))


async def until(there, what):
    """Waits until it is so."""
    for _ in range(500):
        if there():
            check(True, what)
            return
        await task.deferLater(reactor, 0.02)
    raise AssertionError('never: ' + what)


async def chat(port):
    """Two users of a chat, as the clients of words have it."""
    minds = [Mind(), Mind()]
    users = []
    for name, mind in zip((b'anna', b'ben'), minds):
        factory = pb.PBClientFactory()
        reactor.connectTCP('127.0.0.1', port, factory)
        users.append(await factory.login(credentials.UsernamePassword(name, b'secret'), mind))
    check(all(isinstance(user, words.AvatarReference) for user in users), 'both are in')
    lobby = await users[0].join('lobby')
    check(isinstance(lobby, words.PBGroupReference) and lobby.name == 'lobby',
          'a group by its name')
    other = await users[1].join('lobby')
    await until(lambda: ('lobby', 'joined') in minds[0].heard, 'anna sees ben come')
    await other.send({'type': 'msg', 'text': 'hello \u20ac'})
    await lobby.send({'type': 'msg', 'text': 'well?'})
    await until(lambda: ('lobby', 'hello \u20ac', True) in minds[0].heard
                and ('lobby', 'well?', True) in minds[1].heard, 'both hear the other')
    check(len(minds[1].heard) == 1 and len(minds[0].heard) == 2, 'and not themselves')
    await other.leave('enough')
    await until(lambda: ('lobby', 'enough') in minds[0].heard, 'anna sees ben go')
    await users[1].join('lobby')
    await users[1].quit()
    await until(lambda: ('lobby', 'gone') in minds[0].heard, 'and lose the connection')
    print('all right', flush=True)


def main():
    """One of the four."""
    clients = {'talk': talk, 'chat': chat}
    if sys.argv[1] not in clients:
        log.startLogging(sys.stderr, setStdout=False)
        serve() if sys.argv[1] == 'serve' else serve_words()
    else:
        task.react(lambda _reactor: defer.ensureDeferred(clients[sys.argv[1]](int(sys.argv[2]))))


if __name__ == '__main__':
    main()
