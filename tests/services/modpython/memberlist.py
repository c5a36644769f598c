# Copyright the carryall authors.  See LICENSE.
"""The members of mod_python 2.7.8, each with an expression that shows it.

MEMBERS has (object, member, access, expression, value).  ``access`` is ``call``, ``read`` (an
assignment raises) or ``write``.  An expression is evaluated in a handler that was asked for

    POST /a/b?c=d HTTP/1.1      X-Own: yes; Authorization: Basic of anna:open; body "one\\ntwo"

Source:   the C tables of mod_python 2.7.8: requestobject, connobject, serverobject, tableobject.
"""
from __future__ import absolute_import, division, print_function

__all__ = ['MEMBERS', 'NAMES', 'markdown']

# As 2.7.8 lists them; a name without an entry in MEMBERS fails a test.
NAMES = {
    'req': '''add_common_vars add_handler child_terminate get_all_config get_all_dirs
        get_basic_auth_pw get_config get_dirs get_remote_host get_options read readline
        register_cleanup send_http_header write connection server next prev main the_request
        assbackwards proxyreq header_only protocol proto_num hostname request_time status
        status_line method method_number allowed sent_bodyct bytes_sent mtime chunked byterange
        boundary range clength remaining read_length read_body read_chunked content_type
        _content_type_set handler content_encoding content_language content_languages
        vlist_validator no_cache no_local_copy unparsed_uri uri filename path_info args headers_in
        headers_out err_headers_out subprocess_env notes''',
    'connection': '''server base_server child_num local_addr remote_addr remote_ip remote_host
        remote_logname user ap_auth_type local_ip local_host keepalives''',
    'server': '''register_cleanup defn_name defn_line_number srm_confname access_confname
        server_admin server_hostname port error_fname loglevel is_virtual timeout keep_alive
        keep_alive_max keep_alive_timeout send_buffer_size path pathlen server_uid server_gid''',
    'table': 'add keys has_key',
    'apache': '''log_error make_table parse_qs parse_qsl OK DECLINED DONE SERVER_RETURN
        REMOTE_HOST REMOTE_NAME REMOTE_NOLOOKUP REMOTE_DOUBLE_REV APLOG_EMERG APLOG_ALERT
        APLOG_CRIT APLOG_ERR APLOG_WARNING APLOG_NOTICE APLOG_INFO APLOG_DEBUG APLOG_NOERRNO
        import_module''',
    'util': 'FieldStorage Field redirect parse_qs parse_qsl',
}

MEMBERS = [
    ('req', 'add_common_vars', 'call',
     '(req.add_common_vars(), req.subprocess_env["REQUEST_METHOD"])[1]', 'POST'),
    ('req', 'add_handler', 'call', 'req.add_handler("PythonLogHandler", "page::other")', None),
    ('req', 'child_terminate', 'call', 'req.child_terminate()', None),
    ('req', 'get_all_config', 'call', 'req.get_all_config()["PythonHandler"]', 'page'),
    ('req', 'get_all_dirs', 'call', 'req.get_all_dirs()["PythonHandler"] == root', True),
    ('req', 'get_basic_auth_pw', 'call', '(req.get_basic_auth_pw(), req.user)', ('open', 'anna')),
    ('req', 'get_config', 'call', 'req.get_config()["PythonHandler"]', 'page'),
    ('req', 'get_dirs', 'call', 'req.get_dirs()["PythonHandler"] == root', True),
    ('req', 'get_remote_host', 'call', 'req.get_remote_host(apache.REMOTE_NOLOOKUP)', '127.0.0.1'),
    ('req', 'get_options', 'call', 'req.get_options()["colour"]', 'blue'),
    ('req', 'read', 'call', 'len(req.read(3)), len(req.read())', (3, 4)),
    ('req', 'readline', 'call', 'req.readline() == b"one\\n"', True),
    ('req', 'register_cleanup', 'call', 'req.register_cleanup(len, ())', None),
    ('req', 'send_http_header', 'call', 'req.send_http_header()', None),
    ('req', 'write', 'call', 'req.write("")', None),
    ('req', 'connection', 'read', 'type(req.connection).__name__', 'Connection'),
    ('req', 'server', 'read', 'type(req.server).__name__', 'Server'),
    ('req', 'next', 'read', 'req.next', None),
    ('req', 'prev', 'read', 'req.prev', None),
    ('req', 'main', 'read', 'req.main', None),
    ('req', 'the_request', 'read', 'req.the_request', 'POST /a/b?c=d HTTP/1.1'),
    ('req', 'assbackwards', 'read', 'req.assbackwards', 0),
    ('req', 'proxyreq', 'read', 'req.proxyreq', 0),
    ('req', 'header_only', 'read', 'req.header_only', 0),
    ('req', 'protocol', 'read', 'req.protocol', 'HTTP/1.1'),
    ('req', 'proto_num', 'read', 'req.proto_num', 1001),
    ('req', 'hostname', 'read', 'req.hostname', 'site.example'),
    ('req', 'request_time', 'read', 'req.request_time', 0.0),
    ('req', 'status', 'write', 'req.status', 200),
    ('req', 'status_line', 'read', 'req.status_line', '200 OK'),
    ('req', 'method', 'read', 'req.method', 'POST'),
    ('req', 'method_number', 'read', 'req.method_number == apache.M_POST', True),
    ('req', 'allowed', 'read', 'req.allowed', 0),
    ('req', 'sent_bodyct', 'read', '(req.write("."), req.sent_bodyct)[1]', 1),
    ('req', 'bytes_sent', 'read', '(req.write("..."), req.bytes_sent)[1]', 3),
    ('req', 'mtime', 'read', '(req.update_mtime(5), req.mtime)[1]', 5),
    ('req', 'chunked', 'read', 'req.chunked', 0),
    ('req', 'byterange', 'read', 'req.byterange', 0),
    ('req', 'boundary', 'read', 'req.boundary', None),
    ('req', 'range', 'read', 'req.range', None),
    ('req', 'clength', 'read', '(req.set_content_length(7), req.clength)[1]', 7),
    ('req', 'remaining', 'read', '(req.remaining, req.read(), req.remaining)[::2]', (7, 0)),
    ('req', 'read_length', 'read', '(req.read(2), req.read_length)[1]', 2),
    ('req', 'read_body', 'read', 'req.read_body', 0),
    ('req', 'read_chunked', 'read', 'req.read_chunked', 0),
    ('req', 'content_type', 'write', 'req.content_type', None),
    ('req', '_content_type_set', 'read', 'req._content_type_set', 0),
    ('req', 'handler', 'write', 'req.handler', 'mod_python'),
    ('req', 'content_encoding', 'write', 'req.content_encoding', None),
    ('req', 'content_language', 'read', 'req.content_language', None),
    ('req', 'content_languages', 'read', 'len(req.content_languages)', 0),
    ('req', 'vlist_validator', 'read', 'req.vlist_validator', None),
    ('req', 'no_cache', 'write', 'req.no_cache', 0),
    ('req', 'no_local_copy', 'write', 'req.no_local_copy', 0),
    ('req', 'unparsed_uri', 'read', 'req.unparsed_uri', '/a/b?c=d'),
    ('req', 'uri', 'write', 'req.uri', '/a/b'),
    ('req', 'filename', 'write', 'req.filename == root + "/a"', True),
    ('req', 'path_info', 'write', 'req.path_info', '/b'),
    ('req', 'args', 'read', 'req.args', 'c=d'),
    ('req', 'headers_in', 'read', 'req.headers_in["x-own"]', 'yes'),
    ('req', 'headers_out', 'read', 'len(req.headers_out)', 0),
    ('req', 'err_headers_out', 'read', 'len(req.err_headers_out)', 0),
    ('req', 'subprocess_env', 'read', 'len(req.subprocess_env)', 0),
    ('req', 'notes', 'read', 'len(req.notes)', 0),
    ('connection', 'server', 'read', 'req.connection.server is req.server', True),
    ('connection', 'base_server', 'read', 'req.connection.base_server is req.server', True),
    ('connection', 'child_num', 'read', 'req.connection.child_num', 0),
    ('connection', 'local_addr', 'read', 'req.connection.local_addr', ('127.0.0.1', 80)),
    ('connection', 'remote_addr', 'read', 'req.connection.remote_addr', ('127.0.0.1', 4000)),
    ('connection', 'remote_ip', 'read', 'req.connection.remote_ip', '127.0.0.1'),
    ('connection', 'remote_host', 'read', 'req.connection.remote_host', None),
    ('connection', 'remote_logname', 'read', 'req.connection.remote_logname', None),
    ('connection', 'user', 'write', '(req.get_basic_auth_pw(), req.connection.user)[1]', 'anna'),
    ('connection', 'ap_auth_type', 'write',
     '(req.get_basic_auth_pw(), req.connection.ap_auth_type)[1]', 'Basic'),
    ('connection', 'local_ip', 'read', 'req.connection.local_ip', '127.0.0.1'),
    ('connection', 'local_host', 'read', 'req.connection.local_host', None),
    ('connection', 'keepalives', 'read', 'req.connection.keepalives', 0),
    ('server', 'register_cleanup', 'call', 'req.server.register_cleanup(req, len, ())', None),
    ('server', 'defn_name', 'read', 'req.server.defn_name[-10:]', 'httpd.conf'),
    ('server', 'defn_line_number', 'read', 'req.server.defn_line_number', 0),
    ('server', 'srm_confname', 'read', 'req.server.srm_confname', None),
    ('server', 'access_confname', 'read', 'req.server.access_confname', None),
    ('server', 'server_admin', 'read', 'req.server.server_admin', '[no address given]'),
    ('server', 'server_hostname', 'read', 'req.server.server_hostname', 'site.example'),
    ('server', 'port', 'read', 'req.server.port', 80),
    ('server', 'error_fname', 'read', 'req.server.error_fname', None),
    ('server', 'loglevel', 'read', 'req.server.loglevel', 6),
    ('server', 'is_virtual', 'read', 'req.server.is_virtual', 0),
    ('server', 'timeout', 'read', 'req.server.timeout', 60.0),
    ('server', 'keep_alive', 'read', 'req.server.keep_alive', 1),
    ('server', 'keep_alive_max', 'read', 'req.server.keep_alive_max', 0),
    ('server', 'keep_alive_timeout', 'read', 'req.server.keep_alive_timeout', 60.0),
    ('server', 'send_buffer_size', 'read', 'req.server.send_buffer_size', 0),
    ('server', 'path', 'read', 'req.server.path', None),
    ('server', 'pathlen', 'read', 'req.server.pathlen', 0),
    ('server', 'server_uid', 'read', 'req.server.server_uid == os.getuid()', True),
    ('server', 'server_gid', 'read', 'req.server.server_gid == os.getgid()', True),
    ('table', 'add', 'call',
     '(req.notes.add("a", "1"), req.notes.add("A", "2"), req.notes["a"])[2]', ['1', '2']),
    ('table', 'keys', 'call', 'apache.make_table({"Key": "v"}).keys()', ['Key']),
    ('table', 'has_key', 'call', 'bool(req.headers_in.has_key("X-OWN"))', True),
    ('apache', 'log_error', 'call', 'apache.log_error("a line", apache.APLOG_DEBUG)', None),
    ('apache', 'make_table', 'call', 'apache.make_table({"a": "b"})["A"]', 'b'),
    ('apache', 'parse_qs', 'call', 'apache.parse_qs("a=1&a=2")', {'a': ['1', '2']}),
    ('apache', 'parse_qsl', 'call', 'apache.parse_qsl("a=1&b=2")', [('a', '1'), ('b', '2')]),
    ('apache', 'OK', 'read', 'apache.OK', 0),
    ('apache', 'DECLINED', 'read', 'apache.DECLINED', -1),
    ('apache', 'DONE', 'read', 'apache.DONE', -2),
    ('apache', 'SERVER_RETURN', 'read', 'issubclass(apache.SERVER_RETURN, Exception)', True),
    ('apache', 'REMOTE_HOST', 'read', 'apache.REMOTE_HOST', 0),
    ('apache', 'REMOTE_NAME', 'read', 'apache.REMOTE_NAME', 1),
    ('apache', 'REMOTE_NOLOOKUP', 'read', 'apache.REMOTE_NOLOOKUP', 2),
    ('apache', 'REMOTE_DOUBLE_REV', 'read', 'apache.REMOTE_DOUBLE_REV', 3),
    ('apache', 'APLOG_EMERG', 'read', 'apache.APLOG_EMERG', 0),
    ('apache', 'APLOG_ALERT', 'read', 'apache.APLOG_ALERT', 1),
    ('apache', 'APLOG_CRIT', 'read', 'apache.APLOG_CRIT', 2),
    ('apache', 'APLOG_ERR', 'read', 'apache.APLOG_ERR', 3),
    ('apache', 'APLOG_WARNING', 'read', 'apache.APLOG_WARNING', 4),
    ('apache', 'APLOG_NOTICE', 'read', 'apache.APLOG_NOTICE', 5),
    ('apache', 'APLOG_INFO', 'read', 'apache.APLOG_INFO', 6),
    ('apache', 'APLOG_DEBUG', 'read', 'apache.APLOG_DEBUG', 7),
    ('apache', 'APLOG_NOERRNO', 'read', 'apache.APLOG_NOERRNO', 8),
    ('apache', 'import_module', 'call', 'apache.import_module("page").__name__', 'page'),
    ('util', 'FieldStorage', 'call', 'util.FieldStorage(req).getfirst("c")', 'd'),
    ('util', 'Field', 'call', 'util.Field("name").name', 'name'),
    ('util', 'redirect', 'call', 'caught(util.redirect, req, "/x")', 'ServerReturn'),
    ('util', 'parse_qs', 'call', 'util.parse_qs("a=1&b=")', {'a': ['1']}),
    ('util', 'parse_qsl', 'call', 'util.parse_qsl("b=", 1)', [('b', '')]),
]


def markdown():
    """The table for doc/conformance/mod_python.md."""
    lines = ['| member | access | shown by |', '|---|---|---|']
    for owner, name, access, expression, value in MEMBERS:
        shown = expression.replace('\n', '\\n').replace('|', '\\|')
        lines.append('| `%s.%s` | %s | `%s` is `%r` |' % (owner, name, access, shown, value))
    return '\n'.join(lines) + '\n'
