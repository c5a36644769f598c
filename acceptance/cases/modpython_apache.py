# Copyright the carryall authors.  See LICENSE.
"""carryall modpython --apache-config: through Apache come the same answers as without it."""
import os
import shutil

from acceptance.cases import modpython_serve

PROVES = ['MPY-13']
NEEDS = ['apache2']
LONG = True
PACKAGES = {'apache2': 'apache2'}

# Of Apache itself, as `a2enmod proxy proxy_fcgi` and the server's own files have it
FRONT = '''ServerName localhost
ServerRoot "%(folder)s"
PidFile %(folder)s/front.pid
ErrorLog %(folder)s/front.log
Listen 127.0.0.1:%(port)d
%(modules)s
%(user)s
Include %(folder)s/generated.conf
'''
MODULES = ('mpm_event', 'authz_core', 'proxy', 'proxy_fcgi')

# (method, target): why the answer differs
JOINED = 'Apache joins fields of FastCGI that are repeated'
DIFFERENT = {
    ('GET', '/fields/'): JOINED, ('HEAD', '/fields/'): JOINED,
    ('GET', '/fields/more/path?a=1&b=2'): JOINED,
}


def run(stage):
    """The same requests with Apache before ours and without it."""
    conf = modpython_serve.site(stage)[0]
    server = stage.start('carryall', 'modpython', '-f', conf, '-p', 'tcp:0:interface=127.0.0.1')
    direct = [modpython_serve.asked(stage, server.address(), request)
              for request in modpython_serve.REQUESTS]
    server.stop()
    generated = stage.path('generated.conf')
    server = stage.start('carryall', 'modpython', '-f', conf, '-p', 'tcp:0:interface=127.0.0.1',
                         '--apache-config', generated)
    server.address()
    stage.until(lambda: os.path.exists(generated), 'the configuration for Apache')
    port = stage.free_port()
    front = stage.write('front.conf', (FRONT % {
        'folder': stage.folder, 'port': port,
        'user': 'User www-data\nGroup www-data' if os.getuid() == 0 else '',
        'modules': '\n'.join(
            'LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so' % (name, name)
            for name in MODULES)}).encode('ascii'))
    apache = stage.launch([shutil.which('apache2'), '-D', 'FOREGROUND', '-f', front],
                          foreign=True)
    modpython_serve.wait_for(stage, port)
    wrong = []
    for request, mine in zip(modpython_serve.REQUESTS, direct):
        through = modpython_serve.asked(stage, ('127.0.0.1', port), request)
        if (through != mine) != (request[:2] in DIFFERENT):
            wrong.append('%s %s: %r through Apache, %r without' % (request[0], request[1], through,
                                                                   mine))
    apache.signal('TERM')
    apache.wait()
    stage.demand(not wrong, '%d of %d answers differ:\n%s', len(wrong), len(direct),
                 '\n'.join(wrong))
