# Copyright the carryall authors.  See LICENSE.
"""The benches that count answers per second: http, static and echo."""
from __future__ import absolute_import, division, print_function

import io
import os

from bench import certificate, process, report, rounds, sides

KIB_NAME = 'kib.txt'
ECHO_BYTES = 64
ECHO_WINDOW = 16
FILES = os.path.join(process.BUILD, 'bench-files')

SAME_HEAD = """
The same head again and again, which our server recognises; that flatters it beside peers that parse
each one. [http-varied.md](http-varied.md) has requests as browsers send them.
"""

HTTP_METHOD = """
The same 13-byte body as `text/plain` from every server, keep-alive, no pipelining, no access log,
one process pinned to one core; wrk with one thread on another core keeps {connections} connections
busy.  All servers run from the start and are warmed by requests until their compilers are done;
then they are measured in turn (A B C A B C ...), {rounds} rounds of {seconds} seconds.  A ratio is
taken within a round, to {reference} = 1; shown is the median and in brackets the lowest and highest
round. *CPU us* is user and system time of the server's process tree divided by answers: where other
programs share the cores it is the steadier figure, so the plot shows it (*others* is what they used
of a core, the median over the rounds); above 1 means less CPU than {reference}.  Carryall runs with
all of its limits and deadlines on.  *raw* answers from canned bytes without a protocol: what the
interpreter can do at most.
"""

STATIC_METHOD = """
As the http bench, for a file of 1 KiB; each server's own static file service.  *uvicorn-hello* = 1
sends its 13 bytes from memory and has no file service of its own, so *uvicorn* is shown with
Starlette's.
"""

TLS_METHOD = """
As the http bench, over TLS 1.3 with an EC certificate (P-256).  Each slice begins with one
handshake for each connection, which is in the figures; the rest is what sealing and opening records
costs.  Shown are the sides that take a certificate.
"""

ECHO_METHOD = """
{connections} connections, each with {window} message(s) of {size} bytes under way, every byte
checked on return.  The client is a C program on its own core.  One server process pinned to
another; servers are warmed, then measured in turn, {rounds} rounds of {seconds} seconds; ratios
within a round to {reference} = 1 (median, lowest..highest).  *CPU us* is user and system time of
the server per message.  *raw* has no transport, no protocol and no limits: what the interpreter can
do at most.
"""


def make_file():
    """The folder with the 1 KiB file."""
    if not os.path.isdir(FILES):
        os.makedirs(FILES)
    path = os.path.join(FILES, KIB_NAME)
    with io.open(path, 'wb') as target:
        target.write(b'0123456789abcde\n' * 64)
    os.chmod(path, 0o644)
    return FILES


def web(options):
    """Runs `http` or `static`."""
    static = options.bench == sides.STATIC
    reference = 'uvicorn-hello' if static else 'uvicorn'
    headers = BROWSER if options.browser or options.varied else ()
    script = 'varied.lua' if options.varied else None

    scheme = 'https' if options.tls else 'http'

    def load(server, seconds):
        path = server.side.prefix + '/' + KIB_NAME if static else '/'
        return process.wrk(server.port, seconds, options.connections, path, headers, script, scheme)

    results = run(options, load, make_file() if static else None)
    title = 'A static file of 1 KiB' if static else scheme.upper() + ' hello over keep-alive'
    page = options.bench
    if options.varied:
        page += '-varied'
        title += ', eight headers, no two requests alike'
    elif options.browser:
        page += '-browser'
        title += ', with a browser\'s headers'
    if options.tls:
        page += '-tls'
    values = dict(vars(options), reference=reference)
    subtitle = ('answers per CPU second, {0} = 1; median of {1} rounds with lowest and highest'
                ).format(reference, options.rounds)
    chart = report.ratio_plot(title, subtitle, results, reference)
    plain = not (static or options.varied or options.browser)
    parts = [SAME_HEAD.strip() if plain else '',
             report.comparison(results, reference, ('server', 'answers', 'answer')),
             report.left_out(results),
             '## Method', ((STATIC_METHOD if static else '') + (TLS_METHOD if options.tls else '')
                           + HTTP_METHOD.format(**values)).strip()]
    finish(options, title, parts, results, [(page, title, chart)], page)


# What a browser sends, for --browser and --varied: parsing costs by the header.
BROWSER = (
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'Accept-Language: en-US,en;q=0.5',
    'Accept-Encoding: gzip, deflate, br',
    'Connection: keep-alive',
    'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark',
    'Upgrade-Insecure-Requests: 1',
)


def echo(options):
    """Runs `echo`: ping-pong and pipelined, on the same running servers."""
    reference = 'raw-cpython'
    parts = []
    charts = []
    everything = []
    chosen = sides.choose(options.bench, options.servers)
    servers, results = rounds.start_all(chosen, options.bench)
    try:
        for name, window in (('ping-pong', 1), ('pipelined', ECHO_WINDOW)):
            def load(server, seconds, window=window):
                return process.echo_load(server.port, seconds, options.connections,
                                         ECHO_BYTES, window)
            rounds.progress('echo, ' + name)
            if everything:
                servers, results = again(servers, results)
            rounds.warm(servers, load, options.warm)
            rounds.alternate(servers, load, options.rounds, options.seconds, options.patience)
            everything.append((name, results))
            title = 'Echo of {0} bytes, {1}'.format(ECHO_BYTES, name)
            values = dict(vars(options), reference=reference, window=window, size=ECHO_BYTES)
            chart = report.ratio_plot(title, 'messages per CPU second, {0} = 1'.format(reference),
                                      results, reference)
            charts.append((options.bench + '-' + name, title, chart))
            parts += ['## ' + name.capitalize(),
                      report.comparison(results, reference, ('server', 'messages', 'message')),
                      report.left_out(results), ECHO_METHOD.format(**values).strip()]
    finally:
        rounds.stop_all(servers)
    finish(options, 'Echo', parts, [result for _, part in everything for result in part], charts)


def again(servers, results):
    """The same servers with empty results."""
    fresh = [rounds.Result(result.name, result.runtime) for result in results]
    by_name = dict((result.name, result) for result in fresh)
    return [(server, by_name[server.side.name]) for server, _ in servers], fresh


def run(options, load, root=None):
    """Starts, warms and measures the chosen sides; returns their results."""
    chosen = sides.choose(options.bench, options.servers)
    if options.tls:
        chosen = [side for side in chosen if side.speaks_tls()]
        for side in chosen:
            side.certificate = certificate.path()
    servers, results = rounds.start_all(chosen, options.bench, root)
    try:
        rounds.warm(servers, load, options.warm)
        rounds.alternate(servers, load, options.rounds, options.seconds, options.patience)
    finally:
        rounds.stop_all(servers)
    return results


def finish(options, title, parts, results, charts=(), page=None):
    """Writes the page, and the JSON if asked for."""
    runtimes = set(result.runtime for result in results if result.note is None or result.rate)
    path = report.write_page(options.output, page or options.bench, title, parts, options.command,
                             runtimes, charts)
    if options.json:
        report.save_json(options.json, options.bench, results)
    with io.open(path, encoding='utf-8') as source:
        print(source.read())
    rounds.progress('written: ' + path)
