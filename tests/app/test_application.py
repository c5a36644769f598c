# Copyright the carryall authors.  See LICENSE.
"""Applications: made, saved, loaded, upgraded, refused."""
from __future__ import absolute_import, division, print_function

import binascii
import logging

import pytest

from carryall.app.application import CLASSES, Application, ServiceConfig, dump, load, save, to_bytes
from carryall.core.errors import UsageError
from carryall.app.options import Choice, Endpoint, Flag, Integer, Option, Pair, Schema, Text
from carryall.app.servicetypes import Registry, ServiceType, UnknownType
from carryall.app.service import MultiService, Service
from carryall.app.tapcodec import decode
from carryall.app.tapfile import pack, save_tap
from carryall.app.tapscalars import TapError
from carryall.runtimes.host import systemfiles as files


class Sample(ServiceType):
    """A type whose options have changed twice."""

    name = 'sample'
    summary = 'of the tests'
    version = 3
    options = Schema([
        Option('port', Endpoint(), short='p', default='tcp:7'), Option('word', Text(), repeat=True),
        Option('kind', Pair(Choice(('a', 'b')), Integer()), repeat=True),
        Option('limit', Integer()), Flag('loud')])

    def upgrade(self, values, version):
        if version == 1:
            values[u'port'] = u'tcp:%d' % values.pop(u'number')
        values[u'loud'] = True
        return values

    def make(self, values):
        service = Service('sample')
        service.values = values
        return service


def make_registry():
    """A registry with the type of these tests alone."""
    registry = Registry([], path=[], environ={})
    registry.add(Sample())
    return registry


def make_application():
    """An application with two services."""
    application = Application(u'demo', 1000, None)
    registry = make_registry()
    application.add('sample', ['-p', '127.0.0.1:80', '--word=x', u'--word=\xe9', '--kind=a=5'],
                    registry)
    application.add('sample', ['--loud'], registry)
    return application


def save_and_load(application, tmpdir):
    """By way of a file."""
    path = str(tmpdir.join('x.tap'))
    save(application, path, files)
    return load(path, make_registry())


def test_a_loaded_application_saves_as_the_same_bytes(tmpdir):
    """Loading gives the saved application, which saves as the same bytes."""
    application = make_application()
    back = save_and_load(application, tmpdir)
    assert (back.name, back.uid, back.gid) == (u'demo', 1000, None)
    assert [(service.name, service.type, service.version) for service in back.services] == [
        (u'sample', u'sample', 3), (u'sample-2', u'sample', 3)]
    assert back.services[0].values == {
        u'port': u'tcp:80:interface=127.0.0.1', u'word': [u'x', u'\xe9'], u'kind': [(u'a', 5)],
        u'limit': None, u'loud': False}
    assert to_bytes(back) == to_bytes(application)


GOLDEN = (      # of make_application(): the tree without its container
    '6f0b6170706c69636174696f6e0104036769644e046e616d65750464656d6f0873657276696365736c026f07'
    '736572766963650104046e616d65750673616d706c650474797065750673616d706c650676616c7565736d05'
    '75046b696e646c01740275016169010575046c6f7564467504706f7274751a7463703a38303a696e74657266'
    '6163653d3132372e302e302e317504776f72646c027501787502c3a975056c696d69744e0776657273696f6e'
    '6901036f07736572766963650104046e616d65750873616d706c652d320474797065750673616d706c650676'
    '616c7565736d0575046b696e646c0075046c6f7564547504706f727475057463703a377504776f72646c0075'
    '056c696d69744e0776657273696f6e69010303756964690203e8')


def test_an_application_has_the_golden_bytes():
    """The same bytes on every runtime, both ways:
    that is what this test shows by passing on all of them."""
    tree = to_bytes(make_application())[14:-32]
    assert binascii.hexlify(tree).decode('ascii') == GOLDEN, tree
    value = decode(binascii.unhexlify(GOLDEN), CLASSES)
    assert to_bytes(value) == to_bytes(make_application())
    assert dump(value, make_registry()) == dump(make_application(), make_registry())


def test_an_application_makes_a_tree_of_services():
    """The tree of services, each under its own name."""
    tree = make_application().make(make_registry())
    assert isinstance(tree, MultiService) and tree.name == 'demo'
    assert [child.name for child in tree.children] == ['sample', 'sample-2']
    assert tree.children[0].values.word == [u'x', u'\xe9']


def test_a_name_that_is_no_file_name_is_refused():
    """Names of applications are names of files too."""
    for name in (u'web', u'a.b-c_d', u'0', u'x' * 64):
        assert Application(name).name == name
    for name in (u'', u'../x', u'a b', u'.x', u'-x', u'x' * 65, u'caf\xe9', u'a/b', u'a\n'):
        with pytest.raises(UsageError):
            Application(name)


def test_an_unknown_type_is_reported():
    """A type that is not there is told when it is added, and when a tap is loaded."""
    with pytest.raises(UnknownType):
        Application(u'x').add('none', [], make_registry())


def test_tap_with_unknown_type(tmpdir):
    """The tap names a type that this installation lacks."""
    path = str(tmpdir.join('x.tap'))
    save(make_application(), path, files)
    with pytest.raises(UnknownType) as caught:
        load(path, Registry([], path=[], environ={}))
    assert 'sample' in caught.value.message


# -- versions ----------------------------------------------------------------

def old_tap(tmpdir, version, values):
    """The path of a tap with a service of another version."""
    application = Application(u'demo')
    application.services.append(ServiceConfig(u'sample', u'sample', version, values))
    path = str(tmpdir.join('old.tap'))
    save(application, path, files)
    return path


def test_old_options_are_upgraded(tmpdir, caplog):
    """Old options become those of today; the log says so; the new bytes are those of today."""
    caplog.set_level(logging.INFO)
    application = load(old_tap(tmpdir, 1, {u'number': 99}), make_registry())
    service = application.services[0]
    assert (service.version, service.values[u'port'], service.values[u'loud']) \
        == (3, u'tcp:99', True)
    assert service.values[u'word'] == [], 'options that are new have their defaults'
    assert [record.getMessage() for record in caplog.records] == [
        'upgraded the options of service sample (type sample) from version 1 to version 3']
    fresh = Application(u'demo')
    fresh.add('sample', ['-p', '99', '--loud'], make_registry())
    assert to_bytes(application) == to_bytes(fresh)


def test_options_of_a_newer_version_are_refused(tmpdir):
    """Options of the future are refused."""
    with pytest.raises(TapError) as caught:
        load(old_tap(tmpdir, 4, {}), make_registry())
    assert caught.value.message == (u'the tap comes from a newer carryall: service sample has '
                                    u'options of version 4, and this'
                                    u' one knows version 3')


def test_bad_options_are_refused_with_the_name_of_the_service(tmpdir):
    """A value that no command line gives is refused, with the service's name."""
    with pytest.raises(UsageError) as caught:
        load(old_tap(tmpdir, 3, {u'port': u'80'}), make_registry())
    assert caught.value.message.startswith(u'service sample: option port: '), caught.value.message


# -- a tap may hold anything -------------------------------------------------

def broken(**changes):
    """An application with other attributes."""
    application = make_application()
    for name, value in changes.items():
        setattr(application, name, value)
    return application


def with_service(**changes):
    """An application whose first service has other attributes."""
    application = make_application()
    for name, value in changes.items():
        setattr(application.services[0], name, value)
    return application


WRONG = {
    'text': u'hello', 'none': None, 'list': [make_application()],
    'a-service': make_application().services[0],
    'name-bytes': broken(name=b'demo'), 'name-path': broken(name=u'../x'),
    'uid-text': broken(uid=u'0'),
    'uid-negative': broken(uid=-1), 'uid-large': broken(uid=2 ** 32 - 1),
    'gid-true': broken(gid=True),
    'services-none': broken(services=None), 'services-text': broken(services=[u'web']),
    'services-nested': broken(services=[[]]),
    'services-many': broken(services=make_application().services[:1] * 2),
    'application-as-service': broken(services=[make_application()]),
    'service-name': with_service(name=u'a/b'), 'service-type': with_service(type=5),
    'service-bytes': with_service(type=b'sample'),
    'version-0': with_service(version=0), 'version-text': with_service(version=u'3'),
    'values-list': with_service(values=[]),
    'values-bytes': with_service(values={b'port': u'tcp:7'}),
    'values-none': with_service(values=None), 'same-name': with_service(name=u'sample-2'),
}


@pytest.mark.parametrize('name', sorted(WRONG))
def test_a_tree_that_is_no_application_is_refused(tmpdir, name):
    """A well-formed tree that is no application is refused, and nothing else happens."""
    path = str(tmpdir.join('x.tap'))
    save_tap(path, WRONG[name], files, CLASSES)
    with pytest.raises(TapError) as caught:
        load(path, make_registry())
    assert 'tap holds' in caught.value.message, caught.value.message


def test_a_circular_value_is_refused(tmpdir):
    """An option that holds itself."""
    ring = []
    ring.append(ring)
    path = str(tmpdir.join('x.tap'))
    save_tap(path, with_service(values={u'word': ring}), files, CLASSES)
    with pytest.raises(UsageError):
        load(path, make_registry())


def test_other_classes_cannot_be_named():
    """Only the two classes of an application stand in a tap."""
    with pytest.raises(TapError):
        pack(Service('x'), CLASSES)


def test_a_key_admits_only_signed_taps(tmpdir):
    """With a key, only what was signed with it is loaded."""
    path = str(tmpdir.join('x.tap'))
    save(make_application(), path, files, key=b'0' * 16, compress=True)
    assert load(path, make_registry(), b'0' * 16).name == u'demo'
    for key in (None, b'1' * 16):
        with pytest.raises(TapError):
            load(path, make_registry(), key)


# -- looking at it -----------------------------------------------------------

def test_a_dump_is_readable_and_ends_with_commands():
    """Readable, the same on every runtime, and with the commands that make it."""
    assert dump(make_application(), make_registry()) == u'''\
application demo
  runs as uid 1000, gid -
  service sample: type sample, version 3
    kind = a=5
    limit = -
    loud = no
    port = tcp:80:interface=127.0.0.1
    word = x, \xe9
    made by: mktap sample --port=tcp:80:interface=127.0.0.1 --word=x '--word=\xe9' --kind=a=5
  service sample-2: type sample, version 3
    kind = -
    limit = -
    loud = yes
    port = tcp:7
    word = -
    made by: mktap sample --loud
'''


def test_a_dump_escapes_control_characters():
    """Text of a tap cannot move the cursor, or end a shell's quote."""
    application = Application(u'demo')
    config = application.add('sample', [u"--word=it's"], make_registry())
    config.values[u'word'].append(u'\x1b[2J\n')
    text = dump(application, make_registry())
    assert u'\x1b' not in text and u"'--word=it'\\''s'" in text, text


def test_problems_and_endpoints():
    """The questions of `twistd --check`."""
    application = make_application()
    assert application.problems(make_registry()) == []
    assert application.endpoints(make_registry()) == [(u'sample', u'tcp:80:interface=127.0.0.1'),
                                                      (u'sample-2', u'tcp:7')]
