# Copyright the carryall authors.  See LICENSE.
"""The benches asgi, wsgi and scripts: hello by each way in, as ratios of CPU."""
from __future__ import absolute_import, division, print_function

from bench import process, report, sides
from bench.rates import HTTP_METHOD, finish, run

# The reference and the title of each bench
ABOUT = {
    sides.ASGI: ('uvicorn-hello', 'Hello of an ASGI application',
                 'The same application under uvicorn with httptools and uvloop, and under ours on '
                 'the asyncio guest.'),
    sides.WSGI: ('gunicorn-gthread', 'Hello of a WSGI application',
                 'The same application with eight threads in one process: gunicorn\'s gthread '
                 'worker, waitress, and ours.'),
    sides.SCRIPTS: ('carryall-callable', 'Hello of scripts',
                    'The same octets by a plain callable, by a resource of an .rpy script, and by '
                    'an .epy script, which runs for each request.'),
}


def apps(options):
    """Runs `asgi`, `wsgi` or `scripts`."""
    reference, title, sentence = ABOUT[options.bench]

    def load(server, seconds):
        return process.wrk(server.port, seconds, options.connections, server.side.prefix or '/')

    results = run(options, load)
    values = dict(vars(options), reference=reference)
    subtitle = ('answers per CPU second, {0} = 1; median of {1} rounds with lowest and highest'
                ).format(reference, options.rounds)
    chart = report.ratio_plot(title, subtitle, results, reference)
    parts = [sentence, report.comparison(results, reference, ('server', 'answers', 'answer')),
             report.left_out(results), '## Method', HTTP_METHOD.format(**values).strip()]
    finish(options, title, parts, results, [(options.bench, title, chart)])
