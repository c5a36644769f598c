# Copyright the carryall authors.  See LICENSE.
"""Media types by the ending of a file's name (RFC 9110 section 8.3, RFC 6838).

The types of usual web sites are built in; a ``mime.types`` file, as of Apache and Debian, adds to
them or overrides them.  ``text/*`` is sent with a charset, because browsers otherwise guess; files
of other types tell their own.

Not here: looking into the file.  The type depends on the name alone, and browsers are told not to
          guess either.
Tests:    tests/protocols/http/fields/test_mediatypes.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import to_bytes
from carryall.core.errors import UsageError
from carryall.protocols.http.fields.grammar import is_field_value
from carryall.protocols.http.fields.fieldsyntax import is_token, parse_parameters

__all__ = ['BINARY', 'MediaTypes', 'is_compressible', 'is_media_type', 'read_mime_types']

# -- limits ------------------------------------------------------------------
MAX_FILE_BYTES = 4 << 20    # of a mime.types file; the RFC is silent
MAX_TYPES = 20000           # endings in one; the RFC is silent

BINARY = b'application/octet-stream'

# On each line a type and its endings.  It is one string and not a literal of rows, because a method
# of the JVM holds at most 64 KiB.  A type with many endings may have several lines.
_TABLE = b'''
application/atom+xml atom
application/dash+xml mpd
application/epub+zip epub
application/geo+json geojson
application/gzip gz tgz taz
application/java-archive jar war ear
application/json json map
application/json-seq jsonl ndjson
application/ld+json jsonld
application/manifest+json webmanifest
application/msword doc dot
application/ogg ogx
application/pdf pdf
application/pgp-encrypted pgp gpg
application/pgp-signature sig
application/pkcs7-mime p7m p7c
application/pkcs8 p8 key
application/pkix-cert cer crt
application/pkix-crl crl
application/postscript ps ai eps
application/rdf+xml rdf
application/rss+xml rss
application/rtf rtf
application/schema+json jsonschema
application/smil+xml smi smil
application/sql sql
application/toml toml
application/vnd.android.package-archive apk
application/vnd.apple.mpegurl m3u8
application/vnd.debian.binary-package deb ddeb udeb
application/vnd.google-earth.kml+xml kml
application/vnd.google-earth.kmz kmz
application/vnd.ms-excel xls xlt
application/vnd.ms-fontobject eot
application/vnd.ms-powerpoint ppt pps pot
application/vnd.oasis.opendocument.graphics odg
application/vnd.oasis.opendocument.presentation odp
application/vnd.oasis.opendocument.spreadsheet ods
application/vnd.oasis.opendocument.text odt
application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
application/vnd.rar rar
application/vnd.sqlite3 sqlite sqlite3 db3
application/vnd.visio vsd
application/wasm wasm
application/x-7z-compressed 7z
application/x-bittorrent torrent
application/x-bzip2 bz2 tbz tbz2
application/x-cpio cpio
application/x-iso9660-image iso
application/x-java-jnlp-file jnlp
application/x-lzip lz
application/x-ms-installer msi
application/x-pem-file pem
application/x-pkcs12 p12 pfx
application/x-redhat-package-manager rpm
application/x-sh sh
application/x-shockwave-flash swf
application/x-stuffit sit
application/x-tar tar
application/x-tcl tcl
application/x-x509-ca-cert der
application/x-xpinstall xpi
application/x-xz xz txz
application/xhtml+xml xhtml xht
application/xml xml xsd xsl rng
application/xml-dtd dtd
application/xslt+xml xslt
application/yaml yaml yml
application/zip zip
application/zstd zst
audio/aac aac
audio/ac3 ac3
audio/basic au snd
audio/flac flac
audio/matroska mka
audio/midi mid midi kar rmi
audio/mp4 m4a m4b
audio/mpeg mp3 mp2 mpga
audio/mpegurl m3u
audio/ogg oga ogg opus spx
audio/webm weba
audio/x-aiff aif aiff aifc
audio/x-ms-wma wma
audio/x-wav wav
font/collection ttc
font/otf otf
font/ttf ttf
font/woff woff
font/woff2 woff2
image/apng apng
image/avif avif
image/bmp bmp
image/gif gif
image/heic heic
image/heif heif
image/jp2 jp2
image/jpeg jpg jpeg jpe jfif
image/jxl jxl
image/png png
image/svg+xml svg
image/tiff tif tiff
image/vnd.adobe.photoshop psd
image/vnd.djvu djvu djv
image/vnd.microsoft.icon ico cur
image/webp webp
image/x-portable-anymap pnm
image/x-portable-bitmap pbm
image/x-portable-graymap pgm
image/x-portable-pixmap ppm
image/x-xbitmap xbm
image/x-xcf xcf
image/x-xpixmap xpm
message/rfc822 eml mht mhtml
model/gltf+json gltf
model/gltf-binary glb
model/obj obj
model/stl stl
text/calendar ics
text/css css
text/csv csv
text/html html htm shtml
text/javascript js mjs
text/markdown md markdown
text/plain txt text log asc conf cfg ini diff patch py pyw c h cc cpp hh java rst tex bib
text/plain pl rb go rs lua lst
text/tab-separated-values tsv
text/troff man me ms roff
text/vcard vcf vcard
text/vtt vtt
text/x-component htc
video/3gpp 3gp
video/iso.segment m4s
video/matroska mkv
video/mp2t ts
video/mp4 mp4 m4v mpg4
video/mpeg mpeg mpg mpe
video/ogg ogv
video/quicktime mov qt
video/webm webm
video/x-flv flv
video/x-ms-asf asf asx
video/x-ms-wmv wmv
video/x-msvideo avi
'''

# The types that compression makes smaller, in addition to text/*, +xml and +json.
_COMPRESSIBLE = frozenset(
    b'''application/json application/json-seq application/postscript application/rtf application/sql
application/toml application/vnd.ms-fontobject application/wasm application/x-sh application/x-tar
application/xml application/xml-dtd application/yaml font/collection font/otf font/ttf image/bmp
image/vnd.microsoft.icon image/x-portable-anymap image/x-portable-bitmap image/x-portable-graymap
image/x-portable-pixmap image/x-xbitmap image/x-xpixmap message/rfc822 model/obj'''.split())


def is_media_type(data):
    # type: (bytes) -> bool
    """True if *data* can be the value of Content-Type (RFC 9110 section 8.3.1)."""
    parsed = parse_parameters(data)
    kind, slash, sort = (parsed[0] if parsed else b'').partition(b'/')
    return is_token(kind) and bool(slash) and is_token(sort) and is_field_value(data)


def is_compressible(media_type):
    # type: (bytes) -> bool
    """True if compression makes a file of *media_type* (a Content-Type) smaller."""
    kind = media_type.partition(b';')[0].strip().lower()
    return kind.startswith(b'text/') or kind.endswith((b'+xml', b'+json')) or kind in _COMPRESSIBLE


def read_mime_types(data):
    # type: (bytes) -> Dict[bytes, bytes]
    """Reads a ``mime.types`` file: a dict from ending (lower case, without a dot) to type; the last
    line counts.

    Raises:   UsageError: it is too large, or has a malformed line.
    """
    if len(data) > MAX_FILE_BYTES:
        raise UsageError(u'a mime.types file may not be larger than %d bytes' % MAX_FILE_BYTES)
    found = {}                  # type: Dict[bytes, bytes]
    for number, line in enumerate(data.splitlines(), 1):
        words = line.partition(b'#')[0].split()
        if not words:
            continue
        if not is_media_type(words[0]):
            raise UsageError(u'line %d of the mime.types file does not begin with a type' % number)
        found.update((ending.lower().lstrip(b'.'), words[0]) for ending in words[1:])
        if len(found) > MAX_TYPES:
            raise UsageError(u'a mime.types file may not name more than %d endings' % MAX_TYPES)
    return found


class MediaTypes(object):
    """Finds the Content-Type of a file by its name.

    Args:     types:   mapping from ending (``.txt`` or ``txt``) to type, before the built-in ones.
              default: type of a file whose ending is unknown.
              charset: of ``text/*`` that names none; None for none.
    Raises:   UsageError: a type is malformed.
    """

    def __init__(self, types=(), default=BINARY, charset=b'utf-8'):
        # type: (Any, Any, Optional[Any]) -> None
        self._charset = None if charset is None else to_bytes(charset)
        self._types = dict((ending, self._complete(kind))
                           for ending, kind in read_mime_types(_TABLE).items())
        for ending, kind in (types.items() if hasattr(types, 'items') else types):
            self._types[to_bytes(ending).lower().lstrip(b'.')] = self._complete(_checked(kind))
        self.default = self._complete(_checked(default))

    def of(self, name):
        # type: (bytes) -> bytes
        """The Content-Type of a file *name*, with its charset."""
        stem, dot, ending = name.rpartition(b'.')
        return self._types.get(ending.lower(), self.default) if dot and stem else self.default

    def _complete(self, kind):
        # type: (bytes) -> bytes
        if self._charset is None or not kind.lower().startswith(
            b'text/') or b'charset' in kind.lower():
            return kind
        return kind + b'; charset=' + self._charset


def _checked(kind):
    # type: (Any) -> bytes
    data = to_bytes(kind)
    if not is_media_type(data):
        raise UsageError(u'"%s" is not a media type such as text/html'
                         % data.decode('utf-8', 'replace'))
    return data


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional
