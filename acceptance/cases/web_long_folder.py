# Copyright the carryall authors.  See LICENSE.
"""A folder of 100,000 names: its listing has 10,000, its filter finds all, and the memory that it
takes is bounded."""
import http.client
import json
import os

PROVES = ['WEB-03']
NEEDS = []
LONG = True

NAMES = 100000
LISTED = 10000
ROUNDS = 3
# Octets that the process may grow by, after the first listing.  A page has 3 MB, and what it is
# made of ten times as much; a JVM takes more before it collects.
GROWTH = {'cpython': 64 << 20, 'pypy': 96 << 20, 'jython': 320 << 20}


def run(stage):
    """List, filter, and list again."""
    folder = stage.path('site')
    os.mkdir(folder)
    for number in range(NAMES):
        os.close(os.open(os.path.join(folder, 'file %d.txt' % number), os.O_CREAT | os.O_WRONLY))
    server = stage.start('carryall', 'web', '--path', 'site', '--listing', '--port',
                         'tcp:0:interface=127.0.0.1')
    page = fetched(stage, server, '/')
    stage.demand(page.count(b'<tr><th scope="row">') == LISTED, 'the page has %d rows',
                 page.count(b'<tr><th scope="row">'))
    stage.demand(b'90,000 more not shown' in page, 'the page does not tell how many are missing')
    before = server.resident_bytes()
    for number in range(1, ROUNDS + 1):
        found = json.loads(fetched(stage, server, '/?format=json&filter=e%%20%d77.txt' % number))
        names = [entry['name'] for entry in found['entries']]
        stage.demand(names == ['file %d77.txt' % number], 'the filter finds %s', names)
        stage.demand(found['complete'], 'the filter is not complete')
        fetched(stage, server, '/?sort=size&order=desc')
    grown = server.resident_bytes() - before
    stage.demand(grown < GROWTH[stage.runtime.kind], 'the server has grown by %d MiB', grown >> 20)
    server.stop()


def fetched(stage, server, target):
    """The octets of a page."""
    client = http.client.HTTPConnection(*server.address(), timeout=120)
    client.request('GET', target)
    answer = client.getresponse()
    body = answer.read()
    client.close()
    stage.demand(answer.status == 200, '%s gave %d', target, answer.status)
    return body
