# Copyright the carryall authors.  See LICENSE.
"""A tap of a web server and metrics: curl asks /metrics what the web server did, and promtool takes
the answer."""
import os
import re
import shutil

from acceptance import foreign

PROVES = ['X-18']
NEEDS = ['curl']
UNPACKED = {'promtool': (('prometheus',), ())}
LONG = True


def run(stage):
    """Serves, fetches, asks."""
    stage.write('site/index.html', b'hello')
    stage.call('mktap', 'web', '--path', 'site', '--port', 'tcp:0:interface=127.0.0.1',
               '--max-connections', '2')
    stage.call('mktap', '--append', 'web.tap', 'metrics', '--port', 'tcp:0:interface=127.0.0.1')
    server = stage.start('twistd', '-n', '-f', 'web.tap')
    ports = dict((name, int(server.wait_for(r'%s on 127\.0\.0\.1:(\d+)' % pattern).group(1)))
                 for name, pattern in (('web', r'(?:http|web)'), ('metrics', 'metrics')))
    for _ in range(5):
        stage.demand(stage.foreign('curl', '-sS', 'http://127.0.0.1:%d/' % ports['web'])
                     == b'hello', 'it does not serve')
    stage.until(lambda: ask(stage, ports)[1].get('carryall_connections_open') == '0',
                'the end of curl\'s connections')
    held = [stage.connect(('127.0.0.1', ports['web'])) for _ in range(3)]
    stage.demand(b' 503 ' in held[2].recv(100), 'the one too many is not told so')
    # It may read that as long as it likes, for a few seconds: until then it is open.
    held.pop().close()
    stage.until(lambda: ask(stage, ports)[1].get('carryall_connections_open') == '2',
                'the end of the one too many')
    text, found = ask(stage, ports)
    stage.demand('text/plain; version=0.0.4; charset=utf-8' in text, 'another media type: %s', text)
    stage.demand(found.get('carryall_connections_total') == '8', 'connections: %s', text)
    stage.demand(found.get('carryall_connections_refused_total') == '1', 'refused: %s', text)
    stage.demand(found.get('carryall_connections_open') == '2', 'open: %s', text)
    for sock in held:
        sock.close()
    stage.demand(found.get('carryall_received_bytes_total', '0') != '0', 'received: %s', text)
    stage.demand(found.get('carryall_sent_bytes_total', '0') != '0', 'sent: %s', text)
    stage.demand('carryall_http_responses_total{listener="web",code="200"} 5\n' in text
                 or 'carryall_http_responses_total{listener="http",code="200"} 5\n' in text,
                 'responses: %s', text)
    for path in ('livez', 'readyz'):
        said = stage.foreign('curl', '-sS', 'http://127.0.0.1:%d/%s' % (ports['metrics'], path))
        stage.demand(said == b'ok\n', '/%s says %r', path, said)
    numbers = text.partition('\r\n\r\n')[2].encode()
    said = stage.foreign(promtool(), 'check', 'metrics', data=numbers)
    stage.demand(not said.strip(), 'promtool says: %s', said.decode())
    server.stop()


def promtool():
    """The checker of Prometheus."""
    return shutil.which('promtool') or os.path.join(foreign.unpacked('promtool'), 'usr', 'bin',
                                                    'promtool')


def ask(stage, ports):
    """The response of /metrics, and the web server's numbers in it."""
    text = stage.foreign('curl', '-sS', '-i', 'http://127.0.0.1:%d/metrics'
                         % ports['metrics']).decode('utf-8')
    return text, dict(re.findall(r'^(carryall_\w+)\{listener="(?:http|web)"\} (\S+)$', text, re.M))
