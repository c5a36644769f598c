# Copyright the carryall authors.  See LICENSE.
"""Local redirects of programs, and the logins of the pages that they lead to."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.http import Site
from carryall.services.cgi.localredirect import redirected
from carryall.services.web.loginguard import Door
from carryall.services.web.pathrules import EVERY_ACCOUNT, PathRules
from tests.services.web.test_loginguard import EVERYTHING, SECRET, new_world

__all__ = ['new_world']


def _redirecting(world, location, door=None):
    """Lets the site of *world* answer /open/first and /first with what is at *location*, behind its
    door or another.
    """
    def app(request):
        if request.path.endswith(b'/first'):
            return target(redirected(request, location))
        return world._app(request)

    target = (door or world.door).protect(app)
    world.site = Site(world.door.protect(app), world.loop)


TO_BERT = PathRules([(b'/', EVERY_ACCOUNT), (b'/bert', frozenset([u'bert']))], [b'/open'])


@pytest.mark.parametrize('location, status', [(b'/second', 200), (b'/bert', 403)])
def test_a_local_redirect_has_the_account_of_its_request(new_world, location, status):
    world = new_world(TO_BERT)
    _redirecting(world, location)
    field = world.basic(u'anna', SECRET)
    assert world.ask(world.wire(), field, target=b'/first')[0] == status
    assert world.seen == ([u'anna'] if status == 200 else [])


def test_a_local_redirect_from_an_open_path_needs_a_login(new_world):
    world = new_world(TO_BERT)
    _redirecting(world, b'/second')
    assert world.ask(world.wire(), target=b'/open/first')[0] == 401


def test_a_login_at_one_door_opens_no_other(new_world):
    world = new_world()
    _redirecting(world, b'/second', Door(EVERYTHING, world.scheme, world.loop, world.attempts))
    assert world.ask(world.wire(), world.basic(u'anna', SECRET), target=b'/first')[0] == 401
