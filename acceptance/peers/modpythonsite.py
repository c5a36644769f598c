# Copyright the carryall authors.  See LICENSE.
"""Handlers for mod_python, which the case modpython-serve asks here and in Apache.

Python 3 alone reads this file in Apache; Python 2 and 3 here.
"""
from mod_python import apache, util

counter = []


def plain(req):
    req.content_type = 'text/plain'
    req.write('Hello World!')
    return apache.OK


def pieces(req):
    req.content_type = 'text/html'
    for number in range(20):
        req.write('<p>%d</p>\n' % number)
    return apache.OK


def fields(req):
    req.content_type = 'text/plain'
    req.headers_out['X-One'] = '1'
    req.headers_out.add('X-Two', 'a')
    req.headers_out.add('x-two', 'b')
    req.err_headers_out['X-Three'] = '3'
    req.write('%s %s' % (req.headers_in.get('X-Own', '-'), 'x-own' in req.headers_in))
    return apache.OK


def facts(req):
    req.content_type = 'text/plain'
    for name in ('method', 'uri', 'args', 'path_info', 'unparsed_uri', 'the_request', 'protocol',
                 'proto_num', 'method_number', 'header_only', 'assbackwards', 'hostname'):
        req.write('%s=%s\n' % (name, getattr(req, name)))
    return apache.OK


def places(req):
    req.content_type = 'text/plain'
    root = req.document_root()
    req.write(req.filename[len(root):])
    return apache.OK


def body(req):
    req.content_type = 'text/plain'
    data = req.read()
    req.write('%d %s' % (len(data), data[:20].decode('ascii')))
    return apache.OK


def lines(req):
    req.content_type = 'text/plain'
    first = req.readline()
    rest = req.readlines()
    req.write('%d %d' % (len(first), len(rest)))
    return apache.OK


def part(req):
    req.content_type = 'text/plain'
    req.write('%s|%s|%s' % (req.read(3).decode('ascii'), req.readline().decode('ascii'),
                            req.read().decode('ascii')))
    return apache.OK


def status(req):
    code = int(req.args)
    if code == 204:
        req.status = code
        return apache.OK
    return code


def own_status(req):
    req.status = 404
    req.content_type = 'text/plain'
    req.write('my own page')
    return apache.OK


def returned(req):
    raise apache.SERVER_RETURN(apache.HTTP_FORBIDDEN)


def created(req):
    req.content_type = 'text/plain'
    req.status = apache.HTTP_CREATED
    req.write('made')
    return apache.DONE


def fails(req):
    raise ValueError('on purpose')


def nonsense(req):
    return 'a string'


def nothing(req):
    return apache.OK


def declined(req):
    return apache.DECLINED


def moved(req):
    req.headers_out['Location'] = '/plain/'
    return apache.HTTP_MOVED_TEMPORARILY


def redirected(req):
    util.redirect(req, '/plain/')


def inner(req):
    req.internal_redirect('/plain/there')
    return apache.OK


def options(req):
    req.content_type = 'text/plain'
    found = req.get_options()
    req.write('%s %s' % (found.get('colour'), found.get('missing', 'none')))
    return apache.OK


def cleaned(req):
    req.content_type = 'text/plain'
    req.register_cleanup(counter.append, 1)
    req.write('cleaned')
    return apache.OK


def second(req):
    req.write(' second')
    return apache.OK


def added(req):
    req.content_type = 'text/plain'
    req.write('first')
    req.add_handler('PythonHandler', 'modpythonsite::second')
    return apache.OK


def stopped(req):
    req.content_type = 'text/plain'
    req.write('only')
    return apache.DONE


def methods(req):
    req.allow_methods(['GET', 'HEAD'])
    if req.method not in ('GET', 'HEAD'):
        return apache.HTTP_METHOD_NOT_ALLOWED
    req.content_type = 'text/plain'
    req.write('allowed')
    return apache.OK


def form(req):
    req.content_type = 'text/plain'
    found = util.FieldStorage(req, keep_blank_values=1)
    for field in found.list:
        value = field.value
        if isinstance(value, bytes) and not isinstance(value, str):
            value = value.decode('ascii')
        req.write('%s=%s %s\n' % (field.name, value, field.filename or '-'))
    return apache.OK


def first(req):
    found = util.FieldStorage(req)
    req.content_type = 'text/plain'
    req.write('%s %s' % (found.getfirst('a', 'none'), len(found.getlist('a'))))
    return apache.OK


def table(req):
    req.content_type = 'text/plain'
    made = apache.make_table()
    made['Key'] = 'value'
    made.add('KEY', 'more')
    made['other'] = 'x'
    del made['OTHER']
    req.write('%s %s %s' % (made['key'], len(made), 'other' in made))
    return apache.OK


def written(req):
    req.content_type = 'text/plain'
    try:
        req.method = 'PUT'
    except (AttributeError, TypeError):
        req.write('read-only')
    return apache.OK


def sends(req):
    req.content_type = 'text/plain'
    sent = req.sendfile(req.document_root() + '/file.txt')
    req.write(' %d' % sent)
    return apache.OK


def cached(req):
    req.headers_out['ETag'] = '"one"'
    found = req.meets_conditions()
    if found != apache.OK:
        return found
    req.content_type = 'text/plain'
    req.write('fresh')
    return apache.OK


def typed(req):
    req.content_type = 'application/x-own; charset=utf-8'
    req.write(u'caf\xe9'.encode('utf-8'))
    return apache.OK


def logged(req):
    req.content_type = 'text/plain'
    req.log_error('a line', apache.APLOG_NOTICE)
    apache.log_error('another', apache.APLOG_NOTICE)
    req.write('logged')
    return apache.OK


def state(req):
    req.content_type = 'text/plain'
    counter.append(2)
    req.write('%s' % (len(counter) > 0))
    return apache.OK


def authenhandler(req):
    password = req.get_basic_auth_pw()
    if req.user == 'anna' and password == 'open':
        return apache.OK
    return apache.HTTP_UNAUTHORIZED


def authzhandler(req):
    return apache.HTTP_FORBIDDEN if req.uri.startswith('/guarded/private') else apache.OK


def accesshandler(req):
    return apache.HTTP_FORBIDDEN if req.args == 'no' else apache.OK


def fixuphandler(req):
    req.notes['seen'] = 'by fixup'
    return apache.OK


def notes(req):
    req.content_type = 'text/plain'
    req.write(req.notes.get('seen', 'none'))
    return apache.OK


def user(req):
    req.content_type = 'text/plain'
    req.write('user %s' % req.user)
    return apache.OK
