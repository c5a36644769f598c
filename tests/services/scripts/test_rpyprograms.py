# Copyright the carryall authors.  See LICENSE.
"""Scripts that make a resource: .rpy."""
from __future__ import absolute_import, division, print_function

import gc
import weakref

from carryall.core.testing import VirtualLoop
from carryall.services.web.static import StaticFiles
from tests.services.resources.resourcekit import ask

HELLO = b'''
class Hello:
    isLeaf = 1

    def render(self, request):
        request.write('written ')
        return 'returned'

resource = Hello()
'''


def test_a_script_makes_a_resource(folder):
    folder.write('test.rpy', HELLO)
    response = folder.ask(b'/test.rpy')
    assert (response.status, response.body) == (200, b'written returned')


def test_a_script_runs_once(folder):
    folder.write('test.rpy', b'registry.runs = getattr(registry, "runs", 0) + 1\n'
                             b'from carryall.services.resources import Page\n'
                             b'resource = Page("%d" % registry.runs)\n')
    assert [folder.ask(b'/test.rpy').body for _ in range(3)] == [b'1'] * 3


def test_a_resource_of_ours_has_children(folder):
    folder.write('test.rpy', b'from carryall.services.resources import Page, Resource\n'
                             b'resource = Resource()\n'
                             b'resource.put_child(b"a", Page(b"child"))\n')
    assert folder.ask(b'/test.rpy/a').body == b'child'
    assert folder.ask(b'/test.rpy/b').status == 404


def test_a_plain_application_is_a_resource(folder):
    folder.write('test.rpy', b'from carryall.protocols.http import Response\n'
                             b'def resource(request):\n'
                             b'    return Response(200, body=request.path)\n')
    assert folder.ask(b'/test.rpy').body == b'/test.rpy'


def test_a_changed_script_is_run_again(folder):
    folder.write('test.rpy', HELLO)
    folder.ask(b'/test.rpy')
    folder.write('test.rpy', HELLO.replace(b'returned', b'changed now'))
    assert folder.ask(b'/test.rpy').body == b'written changed now'


def test_the_objects_of_the_former_version_are_dropped(folder):
    folder.write('test.rpy', HELLO + b'\nregistry.kept = resource.__class__.__name__\n'
                             b'import weakref\nregistry.former = weakref.ref(resource)\n')
    folder.ask(b'/test.rpy')
    registry = folder.programs._handlers[b'.rpy'].registry
    assert isinstance(registry.former, weakref.ref)
    former = registry.former
    folder.write('test.rpy', HELLO)
    folder.ask(b'/test.rpy')
    for _ in range(20):
        gc.collect()
        if former() is None:
            break
    assert former() is None


def test_a_script_without_a_resource_is_explained(folder, expect_log):
    expect_log('sets no resource')
    folder.write('test.rpy', b'nothing = 1\n')
    response = folder.ask(b'/test.rpy')
    assert response.status == 500
    assert b'This script has no resource' in response.body


def test_a_resource_that_fails_is_500(folder, expect_log):
    expect_log('failed')
    folder.write('test.rpy', b'def resource(request):\n    raise ValueError("no")\n')
    assert folder.ask(b'/test.rpy').status == 500


def test_an_index_may_be_a_script(folder):
    folder.write('index.rpy', HELLO)
    assert folder.ask(b'/').body == b'written returned'


def test_no_programs_refuses_the_source(tmpdir):
    tmpdir.join('test.rpy').write_binary(HELLO)
    site = StaticFiles(str(tmpdir), VirtualLoop().wall)
    assert ask(site, b'/test.rpy').status == 403


def test_the_disk_is_asked_once_a_second(folder):
    folder.write('test.rpy', HELLO)
    folder.ask(b'/test.rpy')
    folder.path.join('test.rpy').write_binary(HELLO.replace(b'returned', b'changed now'))
    assert folder.ask(b'/test.rpy?a').body == b'written returned'
    folder.loop.advance(1.1)
    assert folder.ask(b'/test.rpy').body == b'written changed now'
