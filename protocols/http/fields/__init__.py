# Copyright the carryall authors.  See LICENSE.
"""The grammar of header fields and request targets, as pure functions (RFC 9110)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http.fields.codings import (ALIASES, CODINGS, IDENTITY, CompressedBody,
                                                    choose_coding, compress, compressor,
                                                    parse_accept_encoding, rank_codings)
from carryall.protocols.http.fields.conditionals import (CONDITIONS, GO_AHEAD, NOT_MODIFIED,
                                                         PRECONDITION_FAILED, evaluate,
                                                         range_applies)
from carryall.protocols.http.fields.cookies import (SetCookie, default_path, domain_matches,
                                                    format_cookies, format_set_cookie,
                                                    parse_cookies, parse_set_cookie, path_matches)
from carryall.protocols.http.fields.dates import (MAX_DATE, MIN_DATE, format_clf, format_date,
                                                  format_iso, parse_cookie_date, parse_date)
from carryall.protocols.http.fields.disposition import (Disposition, base_name, format_disposition,
                                                        parse_disposition)
from carryall.protocols.http.fields.etags import (ANY, ETag, format_etag, parse_etag, parse_etags,
                                                  strong_match, weak_match)
from carryall.protocols.http.fields.fieldsyntax import (extended_value, format_extended, is_token,
                                                        parse_extended, parse_parameters,
                                                        parse_weight, quote, quote_if_needed,
                                                        split_list, unquote)
from carryall.protocols.http.fields.grammar import (authority_of, host_name, is_field_value,
                                                    is_host, same_authority, split_target)
from carryall.protocols.http.fields.headerfields import Headers, MutableHeaders
from carryall.protocols.http.fields.mediatypes import (BINARY, MAX_FILE_BYTES, MediaTypes,
                                                       is_compressible, is_media_type,
                                                       read_mime_types)
from carryall.protocols.http.fields.ranges import (ContentRange, Part, format_content_range,
                                                   format_range, multipart_layout,
                                                   parse_content_range, parse_range,
                                                   unsatisfied_range)
from carryall.protocols.http.fields.tables import (ALLOWED_METHODS, BODILESS, HTTP_0_9, HTTP_1_0,
                                                   HTTP_1_1, METHODS, REASONS, SAFE_METHODS)

__all__ = ['ALIASES', 'ALLOWED_METHODS', 'ANY', 'BINARY', 'BODILESS', 'CODINGS', 'CONDITIONS',
           'CompressedBody', 'ContentRange', 'Disposition', 'ETag', 'GO_AHEAD', 'HTTP_0_9',
           'HTTP_1_0', 'HTTP_1_1', 'Headers', 'IDENTITY', 'MAX_DATE', 'MAX_FILE_BYTES', 'METHODS',
           'MIN_DATE', 'MediaTypes', 'MutableHeaders', 'NOT_MODIFIED', 'PRECONDITION_FAILED',
           'Part', 'REASONS', 'SAFE_METHODS', 'SetCookie', 'authority_of', 'base_name',
           'choose_coding', 'compress', 'compressor', 'default_path', 'domain_matches', 'evaluate',
           'extended_value', 'format_clf', 'format_content_range', 'format_cookies', 'format_date',
           'format_disposition', 'format_etag', 'format_extended', 'format_iso', 'format_range',
           'format_set_cookie', 'host_name', 'is_compressible', 'is_field_value', 'is_host',
           'is_media_type', 'is_token', 'multipart_layout', 'parse_accept_encoding',
           'parse_content_range', 'parse_cookie_date', 'parse_cookies', 'parse_date',
           'parse_disposition', 'parse_etag', 'parse_etags', 'parse_extended', 'parse_parameters',
           'parse_range', 'parse_set_cookie', 'parse_weight', 'path_matches', 'quote',
           'quote_if_needed', 'range_applies', 'rank_codings', 'read_mime_types', 'same_authority',
           'split_list', 'split_target', 'strong_match', 'unquote', 'unsatisfied_range',
           'weak_match']
