# Copyright the carryall authors.  See LICENSE.
"""A small shop at http://127.0.0.1:7011/: a tree of resources, one of them a plain function."""
from carryall import runtimes
from carryall.protocols.http import Response, Site
from carryall.services.resources import Page, Resource

loop = runtimes.choose()
GOODS = {b'tea': 3, b'cake': 4}


class Good(Resource):
    """One of the goods: /goods/tea."""

    def render_GET(self, request):
        """The price; request.arguments has the name."""
        price = GOODS.get(request.arguments['name'])
        if price is None:
            request.set_status(404)
            return u'<p>sold out</p>'
        return u'<p>%d each</p>' % price


class Goods(Resource):
    """All of them: /goods."""

    def render_GET(self, request):
        """Their names."""
        return u'<p>%d goods</p>' % len(GOODS)


root = Resource()
root.put_child(b'', Page(u'<p>welcome</p>'))
goods = Goods()
goods.put_child('{name}', Good())
root.put_child(b'goods', goods)
root.put_child(b'health', lambda request: Response(204))
loop.listen_tcp(Site(root, loop), port=7011)
loop.run()
