# Copyright the carryall authors.  See LICENSE.
"""Failures: the parts that a peer is told, the parts that it is not, and failures of the peer."""
from __future__ import absolute_import, division, print_function

from carryall.protocols import pb
from carryall.protocols.pb.banana import PB, encode
from carryall.protocols.pb.failures import failure_state, names_of, remote_error
from tests.protocols.pb.stage import Pair, Peer


class Refused(pb.PBError):
    pass


class Told(pb.PBError, pb.Copyable):
    pass


class RemoteTold(pb.PBError, pb.RemoteCopy):
    pass


class Root(pb.Root):
    def remote_refuse(self):
        raise Refused(u'not today \u20ac')

    def remote_crash(self):
        return {}[u'secret']

    def remote_copyable(self):
        error = Told(u'x')
        error.number = 5
        raise error


def test_errors_are_told():
    pair = Pair(Root())
    error = pair.error(pair.root.call_remote('refuse'))
    assert isinstance(error, pb.RemoteError) and isinstance(error, pb.PBError), 'an Error here too'
    assert error.message == u'not today \u20ac' and error.remote_type.endswith('.Refused'), \
        'its text and class'
    assert error.check(KeyError) is None and error.check(KeyError, pb.PBError) is pb.PBError \
        and error.check(Refused) is Refused, 'by class'
    assert error.check('twisted.spread.pb.Error'), 'by name'
    assert 'Refused' in str(error) and error.remote_traceback == u'Traceback unavailable\n', \
        'for a log'


def test_other_exceptions_are_not(expect_log):
    seen = expect_log('a call failed')
    pair = Pair(Root())
    error = pair.error(pair.root.call_remote('crash'))
    assert error.check(KeyError) and error.check(LookupError) and not error.check(ValueError), \
        'what kind it was'
    assert 'secret' not in str(error) + error.message + error.remote_traceback, \
        'and no word of its text'
    assert len(seen) == 1 and seen[0].exc_info, 'our log has it'


def test_unless_they_are_to_be_told(expect_log):
    expect_log('a call failed')
    error = Pair(Root(), far=dict(tells=(KeyError,)))
    told = error.error(error.root.call_remote('crash'))
    assert 'secret' in told.message and 'unavailable' in told.remote_traceback, \
        'the text of some classes'
    pair = Pair(Root(), far=dict(unsafe_tracebacks=True))
    unsafe = pair.error(pair.root.call_remote('crash'))
    assert 'secret' in unsafe.message and 'KeyError' in unsafe.remote_traceback, 'everything of all'


def test_an_exception_that_is_a_copy():
    registry = pb.Registry()
    registry.setUnjellyableForClass(Told, RemoteTold)
    pair = Pair(Root(), near=dict(registry=registry))
    error = pair.error(pair.root.call_remote('copyable'))
    assert type(error) is RemoteTold and error.number == 5, 'raised as what stands for it'
    pair = Pair(Root())
    assert not isinstance(pair.error(pair.root.call_remote('copyable')), RemoteTold), \
        'if it is known'


def test_a_failure_names_its_classes_of_both_pythons():
    assert names_of(KeyError())[:4] == ['builtins.KeyError', 'exceptions.KeyError',
                                        'builtins.LookupError', 'exceptions.LookupError'], \
                                        'of both Pythons'
    state = failure_state(pb.NoSuchMethod(u'x'))
    assert b'twisted.spread.pb.Error' in state[u'parents'] \
        and b'builtins.AttributeError' in state[u'parents'], 'what old peers look for'


def test_an_exception_that_cannot_be_shown():
    class Shy(Exception):
        def __str__(self):
            raise ValueError('no')

    assert failure_state(Shy(), unsafe_tracebacks=False)[u'value'], 'something is said'
    assert failure_state(Shy(), tells=(Shy,))[u'value'] == u'', 'nothing can be'


def answer_with(form):
    """The exception of a call that a peer answers with an error of that form."""
    peer = Peer()
    future = peer.broker.remote().call_remote('x')
    peer.hear()
    peer.say(encode([b'error', 1, form], PB))
    return future.exception()


def test_failures_of_both_eras():
    old = answer_with([b'twisted.spread.pb.CopyableFailure',
                       [b'dictionary', [b'type', b'exceptions.KeyError'], [b'value', b"'x'"],
                       [b'parents', [b'list', b'exceptions.KeyError']], [b'traceback', b'...'],
                        [b'pickled', 1], [b'_frames', [b'list']], [b'count', 7]]])
    assert isinstance(old, pb.RemoteError) and old.check(KeyError) and old.message == "'x'", \
        'byte strings: %r' % (old,)
    new = answer_with([b'twisted.spread.pb.CopyableFailure',
                       [b'dictionary',
                        [[b'unicode', b'type'], b'twisted.cred.error.UnauthorizedLogin'],
                       [[b'unicode', b'value'], [b'unicode', b'']],
                        [[b'unicode', b'captureVars'], [b'boolean', b'false']]]])
    assert isinstance(new, pb.Unauthorized) \
        and new.parents == ('twisted.cred.error.UnauthorizedLogin',), 'text: %r' % (new,)


def test_errors_of_no_form():
    for form in (5, b'no', [b'None'], [b'list'],
                 [b'twisted.spread.pb.CopyableFailure', [b'dictionary']], [b'os.system', 1], [],
                 [b'twisted.spread.pb.CopyableFailure',
                  [b'dictionary', [b'type', 5], [b'parents', 5], [b'value', [b'list']]]]):
        assert isinstance(answer_with(form), Exception), '%r was taken' % (form,)


def test_a_known_class_is_found_by_a_base():
    assert isinstance(remote_error('x.Y', 'z', ['x.Y', 'twisted.spread.flavors.NoSuchMethod']),
                      pb.NoSuchMethod), 'by a base'
    plain = remote_error('x.Y', 'z')
    assert type(plain) is pb.RemoteError and plain.parents == ('x.Y',), 'another'
