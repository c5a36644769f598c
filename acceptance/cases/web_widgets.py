# Copyright the carryall authors.  See LICENSE.
"""mktap web without arguments: the page has each widget, forms come back, late widgets fill, events
come, and a session counts."""
import hashlib
import html.parser
import http.client
import time
import urllib.request

PROVES = ['WEB-16', 'WEB-12', 'HTS-09', 'HTS-14']
NEEDS = ['curl']
PORTS = [8080]
AS_OF_OLD = 'basicWebTest'

WIDGETS = ['greeting', 'picture', 'table', 'form', 'upload', 'events', 'stream', 'late', 'next']
TAGS = {'svg', 'table', 'form', 'select', 'option', 'textarea', 'button', 'details', 'progress',
        'meter', 'ol', 'pre'}
INPUTS = {'text', 'number', 'range', 'date', 'color', 'password', 'checkbox', 'radio', 'hidden',
          'file'}


class Page(html.parser.HTMLParser):
    """The elements of a page."""

    VOID = {'input', 'meta', 'br'}

    def __init__(self, text):
        html.parser.HTMLParser.__init__(self)
        self.sections = []
        self.tags = set()
        self.inputs = set()
        self.open = []
        self.texts = {}                         # id of an element -> its text
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Notes an element."""
        found = dict(attrs)
        self.tags.add(tag)
        if tag == 'section':
            self.sections.append(found.get('id'))
        if tag == 'input':
            self.inputs.add(found.get('type', 'text'))
        if tag not in self.VOID:
            self.open.append((tag, found.get('id')))

    def handle_startendtag(self, tag, attrs):
        """Notes an element without content."""
        self.tags.add(tag)

    def handle_endtag(self, tag):
        """Ends the element, and those in it that have no end of their own."""
        names = [name for name, _id in self.open]
        if tag in names:
            del self.open[len(names) - 1 - names[::-1].index(tag):]

    def handle_data(self, data):
        """Gives a text to each element around it that has an id."""
        for _tag, name in self.open:
            if name:
                self.texts[name] = self.texts.get(name, '') + data


def run(stage):
    """The lines of 2002 as they stand there."""
    stage.call('mktap', 'web')
    server = stage.start('twistd', '-n', '-f', 'web.tap', '--pidfile=')
    host, port = server.address()
    base = 'http://%s:%d' % (host, port)
    late(stage, host, port)
    widgets(stage, base)
    forms(stage, base)
    events(stage, host, port)
    session(stage, base)
    server.stop()


def widgets(stage, base):
    """The page has each widget, and each kind of control."""
    with urllib.request.urlopen(base + '/', timeout=60) as response:
        page = Page(response.read().decode('utf-8'))
    stage.demand(page.sections == WIDGETS, 'the widgets are %r', page.sections)
    stage.demand(TAGS <= page.tags, 'there is no %r', TAGS - page.tags)
    stage.demand(INPUTS <= page.inputs, 'there is no input of %r', INPUTS - page.inputs)
    stage.demand('script' not in page.tags, 'the page has a script')
    stage.demand(not page.open, 'these have no end: %r', page.open)
    stage.demand('step 5 of 5' in page.texts['stream'], 'the stream says %r',
                 page.texts['stream'])
    stage.demand('It was filled' in page.texts['late'], 'the late widget says %r',
                 page.texts['late'])


def late(stage, host, port):
    """The page begins at once, and its end comes later."""
    client = http.client.HTTPConnection(host, port, timeout=60)
    client.request('GET', '/')
    response = client.getresponse()
    first = b''
    while b'id="stream"' not in first:
        first += response.read1(65536)
    began = time.monotonic()
    rest = response.read()
    stage.demand(b'class="filled"' not in first, 'the late widget came at once')
    stage.demand(b'class="filled"' in rest, 'the late widget never came')
    stage.demand(time.monotonic() - began > 0.3, 'nothing came late')
    client.close()


def forms(stage, base):
    """A form and two files, as curl sends them."""
    said = stage.foreign('curl', '-sS', '--form-string', 'text=<b>', '-F', 'list=echo', '-F',
                         'list=finger', '-F', 'password=secret', base + '/form')
    page = Page(said.decode('utf-8'))
    stage.demand('<b>' in page.texts['sent'], 'the form came back as %r', page.texts['sent'])
    stage.demand(b'<b>' not in said, 'it was not escaped')
    stage.demand(b'secret' not in said, 'the password is shown')
    stage.write('one.bin', b'x' * 300000)
    stage.write('two.txt', b'')
    said = stage.foreign('curl', '-sS', '-F', 'files=@one.bin', '-F',
                         'files=@two.txt;filename=n\u00e9e.txt', base + '/upload').decode('utf-8')
    for data, name in ((b'x' * 300000, 'one.bin'), (b'', 'n\u00e9e.txt')):
        line = '%s</td><td>%d octets, SHA-256 %s' % (name, len(data),
                                                     hashlib.sha256(data).hexdigest())
        stage.demand(line in said, '%s came as %s', name, said)
    said = stage.foreign('curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}', '-H',
                         'Origin: http://other.example', '-F', 'a=b', base + '/form')
    stage.demand(said == b'403', 'a form of another site gave %s', said)


def events(stage, host, port):
    """Two events of the stream, a second apart."""
    client = http.client.HTTPConnection(host, port, timeout=60)
    client.request('GET', '/events', headers={'Accept': 'text/event-stream'})
    response = client.getresponse()
    stage.demand(response.headers['Content-Type'] == 'text/event-stream', 'its type is %s',
                 response.headers['Content-Type'])
    heard = b''
    while heard.count(b'event: time\n') < 2 or not heard.endswith(b'\n\n'):
        piece = response.read1(65536)
        stage.demand(piece, 'the stream ended after %r', heard)
        heard += piece
    client.close()


def session(stage, base):
    """A browser is known again by its cookie, until it asks to be forgotten."""
    jar = stage.path('jar')
    for path, expected in (('/', '1'), ('/', '2'), ('/forget', None), ('/', '1')):
        more = ['-d', ''] if expected is None else []
        said = stage.foreign('curl', '-sS', '-b', jar, '-c', jar, *(more + [base + path]))
        if expected:
            page = Page(said.decode('utf-8'))
            stage.demand(page.texts['visits'] == expected, 'it counts %s visits, not %s',
                         page.texts['visits'], expected)


def show(stage):
    """The page, for a browser."""
    server = stage.start('carryall', 'web')
    return ('http://%s:%d/ should show a rather complex bunch of widgets: a clock, a table, a '
            'form, an upload, a list that grows, and a widget that is filled late.'
            % server.address())
