# Copyright the carryall authors.  See LICENSE.
"""carryall web --upload: curl stores files by PUT and by the form, none over another, none that is
too large, and none of them runs."""
import os

PROVES = ['WEB-19']
NEEDS = ['curl']

LIMIT = 1000000
CHUNKED = 'Transfer-Encoding: chunked'
PROGRAM = b'#!/bin/sh\necho "Content-Type: text/plain"\necho\necho ran\n'


def run(stage):
    """Sends files to a folder that takes them, and to one that does not."""
    body = bytes(range(256)) * 1000
    stage.write('site/index.html', b'<h1>home</h1>\n')
    stage.write('site/in/there', b'there\n')
    os.chmod(stage.write('site/in/run.cgi', PROGRAM), 0o755)
    os.chmod(stage.write('site/run.cgi', PROGRAM), 0o755)
    for name, data in (('data.bin', body), ('one two', b'one\n'), ('two', b'two\n'),
                       ('large', bytes(LIMIT + 1)), ('prog.cgi', PROGRAM)):
        stage.write('own/' + name, data)
    server = stage.start('carryall', 'web', '--path', 'site', '--upload', 'site/in',
                         '--upload-size', str(LIMIT), '--port', 'tcp:0:interface=127.0.0.1')
    client = Client(stage, 'http://%s:%d' % server.address())
    store(stage, client, body)
    refuse(stage, client, body)
    stage.demand(client.get('/run.cgi') == b'ran\n', 'a program beside the folder did not run')
    stage.demand(client.status('/in/run.cgi') == b'403',
                 'a program in the folder was served, or ran')
    names = sorted(os.listdir(stage.path('site/in')))
    stage.demand(names == ['chunks', 'data.bin', 'one two', 'run.cgi', 'there', 'two'],
                 'the folder has other files: %r', names)
    server.stop()


class Client:
    """curl, and the files of its user."""

    def __init__(self, stage, base):
        self.stage = stage
        self.base = base

    def get(self, path):
        """The body of a response."""
        return self.stage.foreign('curl', '-sS', self.base + path)

    def status(self, path, *words):
        """The status of a request with these options."""
        return self.stage.foreign('curl', '-sS', '--path-as-is', '-o', '/dev/null', '-w',
                                  '%{http_code}', *(words + (self.base + path,)))

    def put(self, path, name, *words):
        """The status of a PUT of a file."""
        return self.status(path, '-T', self.stage.path('own', name), *words)

    def post(self, path, *names):
        """The status of a form with files."""
        fields = []
        for name in names:
            fields += ['-F', 'file=@' + self.stage.path('own', name)]
        return self.status(path, *fields)


def store(stage, client, body):
    """Stores files by each way there is."""
    stage.demand(client.put('/in/data.bin', 'data.bin') == b'201', 'PUT stored nothing')
    stage.demand(stage.read('site/in/data.bin') == body, 'PUT stored other octets')
    stage.demand(client.get('/in/data.bin') == body, 'GET gave other octets than PUT stored')
    stage.demand(client.put('/in/chunks', 'data.bin', '-H', CHUNKED) == b'201',
                 'PUT in chunks stored nothing')
    stage.demand(stage.read('site/in/chunks') == body, 'PUT in chunks stored other octets')
    form = client.get('/in/?upload')
    stage.demand(b'enctype="multipart/form-data"' in form, 'there is no form:\n%r', form)
    stage.demand(client.post('/in/', 'one two', 'two') == b'303', 'the form stored nothing')
    stage.demand(stage.read('site/in/one two') == b'one\n', 'the form stored other octets')
    stage.demand(stage.read('site/in/two') == b'two\n', 'the form stored one file only')


def refuse(stage, client, body):
    """Sends what must be refused, with the status that says why."""
    stage.demand(client.put('/in/data.bin', 'two') == b'409', 'a second PUT was not refused')
    stage.demand(client.post('/in/', 'two', 'data.bin') == b'409',
                 'a second form was not refused')
    stage.demand(stage.read('site/in/data.bin') == body, 'an upload changed the file')
    for path, name, more, statuses in (
            ('/in/large', 'large', (), (b'413',)),
            ('/in/large', 'large', ('-H', CHUNKED), (b'413',)),
            ('/new', 'two', (), (b'405',)),
            ('/in/../new', 'two', (), (b'400', b'405')),
            ('/in/none/new', 'two', (), (b'404',)),
            ('/in/.htaccess', 'two', (), (b'403',)),
            ('/in/prog.cgi', 'prog.cgi', (), (b'403',)),
            ('/in/new', 'two', ('-H', 'Origin: http://evil.example'), (b'403',))):
        got = client.put(path, name, *more)
        stage.demand(got in statuses, 'PUT of %s to %s gave %s', name, path, got)
    stage.demand(client.post('/in/', 'prog.cgi') == b'403', 'the form stored a program')
