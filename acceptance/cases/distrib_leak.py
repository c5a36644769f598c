# Copyright the carryall authors.  See LICENSE.
"""10,000 requests through one connection to a personal server leave no more than 16 references at either end, whatever the collector does."""
import http.client
import threading

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
    port, wrong = front.address()[1], []
    threads = [threading.Thread(target=ask, args=(port, REQUESTS // AT_A_TIME, wrong)) for _ in range(AT_A_TIME)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stage.demand(not wrong, 'statuses other than 200: %r', wrong[:10])
    front.signal('USR1')
    personal.signal('USR1')
    found = front.wait_for(r'live: (\d+), connections: (\d+)')
    stage.demand(int(found.group(1)) <= 16 and found.group(2) == '1', 'the front end says %s', found.group())
    found = personal.wait_for(r'live: (\d+), served: (\d+)')
    stage.demand(int(found.group(1)) <= 16 and int(found.group(2)) == REQUESTS, 'the personal server says %s', found.group())
    front.stop()
    personal.stop()
