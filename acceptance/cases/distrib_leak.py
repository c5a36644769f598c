# Copyright the carryall authors.  See LICENSE.
"""10,000 requests through one connection to a personal server leave no more than 16 references at
either end, whatever the collector does."""
import http.client
import re
import threading
import time

from acceptance.stage import Failed

PROVES = ['DIS-05']
NEEDS = []
LONG = True
REQUESTS = 10000
AT_A_TIME = 4


def ask(port, count, wrong):
    """Some of the requests."""
    client = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
    for number in range(count):
        if number % 10:
            client.request('GET', '/p/')
        else:
            client.request('POST', '/p/sum', body=b'x' * 100)
        response = client.getresponse()
        response.read()
        if response.status != 200:
            wrong.append(response.status)
    client.close()


def run(stage):
    """Both ends say how many they have, at the end."""
    sock = stage.path('p.sock')
    personal = stage.peer('distrib.py', 'personal', sock, 'p')
    personal.wait_for('ready:')
    front = stage.peer('distrib.py', 'front', 'p=' + sock)
    port = front.address()[1]
    wrong = []
    threads = [threading.Thread(target=ask, args=(port, REQUESTS // AT_A_TIME, wrong))
               for _ in range(AT_A_TIME)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stage.demand(not wrong, 'statuses other than 200: %r', wrong[:10])
    # The last response may be complete before its last call is answered.
    stage.until(lambda: last(personal, r'live: (\d+), served: (\d+)')[1] == REQUESTS,
                'the end of the last request')
    left, _ = last(personal, r'live: (\d+), served: (\d+)')
    stage.demand(left <= 16, 'at the personal server %d are left', left)
    left, connections = last(front, r'live: (\d+), connections: (\d+)')
    stage.demand(left <= 16 and connections == 1, 'at the front end %d are left, of %d connections',
                 left, connections)
    front.stop()
    personal.stop()


def last(process, pattern):
    """The numbers that a process says when it is asked."""
    before = len(process.output)
    process.signal('USR1')
    end = time.monotonic() + process.seconds
    while time.monotonic() < end:
        found = re.search(pattern, process.output[before:])
        if found:
            return tuple(int(number) for number in found.groups())
        time.sleep(0.02)
    raise Failed('%s does not answer; it said\n%s' % (process.argv, process.output))
