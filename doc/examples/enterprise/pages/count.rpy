# Copyright the carryall authors.  See LICENSE.
"""How many posts the forum has; forum.tac says where the database is."""
from carryall.app.datastore import DataStore
from carryall.services.resources import Resource

store = registry.get_component(DataStore)


class Count(Resource):
    """One line of text."""

    def render_GET(self, request):
        """The number, when the database has told it."""
        request.setHeader('content-type', 'text/plain; charset=utf-8')
        return store.query(u'SELECT count(*) FROM posts').then(
            lambda rows: ('%d posts\n' % rows.value()).encode('ascii'))


resource = Count()
