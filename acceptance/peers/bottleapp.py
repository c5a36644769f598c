# Copyright the carryall authors.  See LICENSE.
"""A small application of Bottle, for every runtime."""
from __future__ import absolute_import, division, print_function

import bottle

application = bottle.Bottle()


@application.get('/hello/<name>')
def hello(name):
    """A page with a part of the path."""
    bottle.response.set_cookie('seen', name, path='/')
    return bottle.template('<p>hello {{name}}</p>', name=name)


@application.post('/form')
def form():
    """A field of a form, and a cookie."""
    return '%s %s' % (bottle.request.forms.get('field'), bottle.request.get_cookie('seen'))


@application.get('/pieces')
def pieces():
    """A page in pieces."""
    for number in range(3):
        yield '%d ' % number
