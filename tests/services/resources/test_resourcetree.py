# Copyright the carryall authors.  See LICENSE.
"""Resource: children, wildcards, methods, pages, and objects with Twisted's names."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.allowance import Allowance
from carryall.core.future import Future, completed
from carryall.protocols.http import HTTPError, Response
from carryall.services.resources import resourcetree
from carryall.services.resources import (NOT_DONE_YET, ErrorPage, Page, Redirect, Resource,
                                         adapted, render_at)
from tests.protocols.http.ids import short
from tests.protocols.http.stage import GET, Stage
from tests.services.resources.resourcekit import ask, request, result


class Told(Resource):
    """Tells the path."""

    def render_GET(self, request):
        return u'|'.join([segment.decode('ascii') for segment in request.prepath]
                         + [u'%s=%s' % (name, value.decode('ascii'))
                            for name, value in sorted((request.arguments or {}).items())])


def _tree():
    root = Told()
    shop = Told()
    root.put_child(b'shop', shop)
    root.put_child('{user}', Told())
    shop.put_child(b'', Page(u'the folder'))
    shop.put_child('{item}', Told())
    root.put_child(b'plain', lambda request: Response(200, body=b'plain ' + request.path))
    root.put_child(b'gone', ErrorPage(410))
    root.put_child(b'away', Redirect(u'https://a.example/', 301))
    return root


FOUND = [
    (b'/', 200, b''),
    (b'/shop', 200, b'shop'),
    (b'/shop/', 200, b'the folder'),
    (b'/shop/5', 200, b'shop|5|item=5'),
    (b'/shop/%41', 200, b'shop|A|item=A'),
    (b'/shop/5/', 200, b'shop|5||item=5'),
    (b'/ann', 200, b'ann|user=ann'),
    (b'/ann/x', 404, b'404 Not Found\n'),
    (b'/plain', 200, b'plain /plain'),
    (b'/plain/more/names', 200, b'plain /plain/more/names'),
    (b'/gone', 410, b'410 Gone\n'),
    (b'/away', 301, b'301 Moved Permanently\n'),
    (b'/a%2Fb', 400, b'400 Bad Request\n'),
    (b'/../x', 400, b'400 Bad Request\n'),
    (b'/a/../shop', 200, b'shop'),
]


@pytest.mark.parametrize('target, status, body', FOUND, ids=short)
def test_a_path_leads_to_its_resource(target, status, body):
    response = ask(_tree(), target)
    assert (response.status, response.body) == (status, body)


def test_a_redirect_has_its_location():
    assert ask(_tree(), b'/away').headers.get(b'location') == b'https://a.example/'


def test_children_are_made_when_they_are_asked_for():
    class Numbers(Resource):
        def get_child(self, name, request):
            return Page(name * 2)

    assert ask(Numbers(), b'/7').body == b'77'


def test_a_child_may_come_later():
    class Later(Resource):
        def get_child(self, name, request):
            return completed(Page(u'late'))

    assert ask(Later(), b'/x').body == b'late'


def test_a_leaf_has_the_rest_of_the_path():
    class Leaf(Resource):
        is_leaf = True

        def render_GET(self, request):
            return b'/'.join(request.postpath)

    root = Resource()
    root.put_child(b'a', Leaf())
    assert ask(root, b'/a/b/c').body == b'b/c'


# -- methods -------------------------------------------------------------------------------------
def test_a_method_without_a_renderer_is_405():
    response = ask(Told(), method=b'POST')
    assert response.status == 405
    assert response.headers.get(b'allow') == b'GET, HEAD'


def test_head_is_rendered_as_get():
    assert ask(_tree(), b'/shop/', b'HEAD').body == b'the folder'


@pytest.mark.parametrize('name', ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'QUERY'])
def test_each_method_has_a_renderer(name):
    kind = type('Kind', (Resource,), {'render_' + name: lambda self, request: request.method})
    assert ask(kind(), method=name.encode('ascii')).body == name.encode('ascii')


PAGES = [
    (b'octets', b'octets'), (u'\xe9', b'\xc3\xa9'), (Response(200, body=b'own'), b'own'),
    (completed(b'late'), b'late'), (completed(u'late'), b'late'),
]


@pytest.mark.parametrize('page, body', PAGES, ids=short)
def test_a_page_is_octets_text_or_a_response(page, body):
    kind = type('Kind', (Resource,), {'render_GET': lambda self, request: page})
    assert ask(kind()).body == body


@pytest.mark.parametrize('page', [None, 5, [], object()], ids=short)
def test_another_page_is_a_type_error(page):
    kind = type('Kind', (Resource,), {'render_GET': lambda self, request: page})
    with pytest.raises(TypeError):
        ask(kind())


# -- Twisted's names -------------------------------------------------------------------------------
class OldLeaf(object):
    isLeaf = 1

    def render(self, request):
        request.setHeader('X-Y', 'z')
        request.setResponseCode(201)
        request.write('written ')
        return 'returned'


class OldFolder(object):
    def __init__(self):
        self.children = {'leaf': OldLeaf()}

    def getChild(self, path, request):
        return OldLeaf() if path == 'made' else Page(path + ' is unknown')

    def render(self, request):
        return 'folder'


@pytest.mark.parametrize('target, body', [
    (b'/', b'folder'), (b'/leaf', b'written returned'), (b'/made', b'written returned'),
    (b'/x', b'x is unknown')])
def test_an_object_with_the_names_of_twisted_is_a_resource(target, body):
    assert ask(adapted(OldFolder()), target).body == body


def test_the_names_of_twisted_set_status_and_fields():
    response = ask(adapted(OldLeaf()))
    assert response.status == 201
    assert response.headers.get(b'x-y') == b'z'


def test_an_object_of_another_kind_is_refused():
    with pytest.raises(TypeError):
        adapted(5)


# -- pages that are written later ------------------------------------------------------------------
class Waiting(Resource):
    """Answers when it is told so."""

    def __init__(self):
        self.requests = []

    def render_GET(self, request):
        self.requests.append(request)
        return NOT_DONE_YET


def test_a_page_is_finished_later():
    root = Waiting()
    answer = root(request())
    assert not answer.done()
    root.requests[0].set_status(202)
    root.requests[0].finish()
    assert result(answer).status == 202


def test_a_page_is_written_piece_by_piece():
    root = Waiting()
    stage = Stage(root)
    stage.say(GET)
    root.requests[0].write(b'a')
    root.requests[0].write(u'b')
    root.requests[0].finish()
    assert stage.say(b'').endswith(b'1\r\na\r\n1\r\nb\r\n0\r\n\r\n')


def test_the_end_of_a_client_completes_the_future_of_notify_finish():
    root = Waiting()
    answer = root(request())
    over = root.requests[0].notify_finish()
    answer.cancel()
    assert over.done()


def test_a_page_of_a_client_that_has_gone_is_dropped():
    root = Waiting()
    answer = root(request())
    answer.cancel()
    root.requests[0].write(b'x')
    root.requests[0].finish()
    assert isinstance(answer, Future)


# -- forms and bodies ------------------------------------------------------------------------------
class Arguments(Resource):
    """Tells its arguments."""

    def render_POST(self, request):
        return repr(sorted(request.args.items())) + ' %d' % len(request.content.read())


FORM = [(b'Content-Type', b'application/x-www-form-urlencoded')]


@pytest.mark.parametrize('body, fields, page', [
    (b'a=2&b=%C3%A9', FORM, b"[('a', ['1', '2']), ('b', ['\xc3\xa9'])] 0"),
    (b'a=2', [(b'Content-Type', b'text/plain')], b"[('a', ['1'])] 3"),
])
def test_arguments_come_from_the_query_and_the_form(body, fields, page):
    found = ask(Arguments(), b'/?a=1', b'POST', body, fields).body
    assert found.replace(b'\\xc3\\xa9', b'\xc3\xa9') == page


@pytest.fixture
def held(monkeypatch):
    """The count of the octets of bodies, with room for a few."""
    allowance = Allowance(2000)
    monkeypatch.setattr(resourcetree, '_held', allowance)
    return allowance


BODIES = pytest.mark.parametrize('fields', [FORM, [(b'Content-Type', b'text/plain')]],
                                 ids=['form', 'other'])


@BODIES
def test_bodies_that_are_held_have_a_common_limit(held, fields):
    waits = Resource()
    waits.render = lambda page: NOT_DONE_YET
    pending = waits(request(b'/', b'POST', b'a=' + b'b' * 898, fields))
    assert held.held == 900
    with pytest.raises(HTTPError) as failure:
        ask(Arguments(), b'/', b'POST', b'a=' + b'b' * 898, fields)
    assert failure.value.reply == 503
    pending.cancel()


@BODIES
def test_a_body_is_held_no_longer_than_its_request(held, fields):
    ask(Arguments(), b'/', b'POST', b'a=' + b'b' * 898, fields)
    assert held.held == 0


@BODIES
def test_a_body_that_is_refused_is_not_held(held, fields):
    with pytest.raises(HTTPError):
        ask(Arguments(), b'/', b'POST', b'a=' + b'b' * 1500, fields)
    assert held.held == 0


def test_a_body_of_another_kind_has_a_limit(monkeypatch):
    monkeypatch.setattr(resourcetree, 'MAX_CONTENT', 3)
    with pytest.raises(HTTPError) as failure:
        ask(Arguments(), b'/', b'POST', b'a=22', [(b'Content-Type', b'text/plain')])
    assert failure.value.reply == 413


# -- a Site ----------------------------------------------------------------------------------------
def test_a_resource_is_the_application_of_a_site():
    stage = Stage(_tree())
    assert stage.say(GET).startswith(b'HTTP/1.1 200 OK\r\n')


def test_a_tree_is_rendered_below_another_path():
    found = result(render_at(_tree(), request(b'/app/shop/7'), [b'app'], b'/shop/7'))
    assert found.body == b'app|shop|7|item=7'
